// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * openssl.c - threads that work with libssl and libcrypto: TLS between two ends in memory, with
 * sessions that are resumed, key exchange, signatures, OCB, PKCS#12, PKCS#7 and CMS.
 */
#include <openssl/cms.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "count.h"

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

static struct identity rsa, ec;
static SSL_CTX *server_context, *client_context;

/* --- keys and certificates --- */

static EVP_PKEY *make_key(int type)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY *key = NULL;

	count_require(EVP_PKEY_keygen_init(context) == 1);
	if (type == EVP_PKEY_EC)
		EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1);
	else
		EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
	count_require(EVP_PKEY_keygen(context, &key) == 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

static struct identity make_identity(int type)
{
	struct identity made = { make_key(type), X509_new() };
	X509_NAME *name = X509_get_subject_name(made.certificate);

	X509_set_version(made.certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), 1 + type);
	X509_gmtime_adj(X509_getm_notBefore(made.certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(made.certificate), 86400);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"host", -1, -1,
				   0);
	X509_set_issuer_name(made.certificate, name);
	X509_set_pubkey(made.certificate, made.key);
	count_require(X509_sign(made.certificate, made.key, EVP_sha256()));
	return made;
}

/* --- TLS --- */

static void make_contexts(void)
{
	server_context = SSL_CTX_new(TLS_server_method());
	client_context = SSL_CTX_new(TLS_client_method());
	count_require(server_context && client_context);
	count_require(SSL_CTX_use_certificate(server_context, rsa.certificate) == 1);
	count_require(SSL_CTX_use_PrivateKey(server_context, rsa.key) == 1);
	count_require(SSL_CTX_use_certificate(server_context, ec.certificate) == 1);
	count_require(SSL_CTX_use_PrivateKey(server_context, ec.key) == 1);
	SSL_CTX_set_session_id_context(server_context, (const unsigned char *)"host", 4);
	SSL_CTX_set_session_cache_mode(server_context, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(server_context, 100);
	SSL_CTX_set_options(server_context, SSL_OP_NO_TICKET);
}

/* Both ends take turns until both are done. */
static bool handshake(SSL *client, SSL *server)
{
	for (int i = 0; i < 20; i++) {
		int a = SSL_do_handshake(client), b = SSL_do_handshake(server);

		if (a == 1 && b == 1)
			return true;
		if ((a != 1 && SSL_get_error(client, a) != SSL_ERROR_WANT_READ) ||
		    (b != 1 && SSL_get_error(server, b) != SSL_ERROR_WANT_READ))
			return false;
	}
	return false;
}

static bool talk(SSL *client, SSL *server)
{
	char sent[3000], received[3000];

	memset(sent, 'x', sizeof(sent));
	return SSL_write(client, sent, sizeof(sent)) == sizeof(sent) &&
	       SSL_read(server, received, sizeof(received)) == sizeof(received) &&
	       !memcmp(sent, received, sizeof(sent)) && SSL_write(server, "done", 4) == 4 &&
	       SSL_read(client, received, sizeof(received)) == 4;
}

static bool connect_once(int version, SSL_SESSION **session, bool *reused)
{
	SSL *client = SSL_new(client_context), *server = SSL_new(server_context);
	BIO *a, *b;
	bool good;

	count_require(client && server && BIO_new_bio_pair(&a, 0, &b, 0) == 1);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	SSL_set_max_proto_version(client, version);
	if (*session)
		SSL_set_session(client, *session);
	good = handshake(client, server) && talk(client, server);
	*reused = SSL_session_reused(client);
	SSL_SESSION_free(*session);
	*session = good ? SSL_get1_session(client) : NULL;
	SSL_shutdown(client);
	SSL_shutdown(server);
	SSL_free(client);
	SSL_free(server);
	return good;
}

static bool try_tls(int version)
{
	SSL_SESSION *session = NULL;
	bool reused, good;

	good = connect_once(version, &session, &reused) && !reused &&
	       connect_once(version, &session, &reused) && reused;
	SSL_SESSION_free(session);
	return good;
}

static bool tls12(void)
{
	return try_tls(TLS1_2_VERSION);
}

static bool tls13(void)
{
	return try_tls(TLS1_3_VERSION);
}

/* --- keys that are agreed on --- */

static bool dh(void)
{
	unsigned char x[512], y[512];
	DH *a = DH_get_2048_256(), *b = DH_get_2048_256();
	int codes = 0, n, m;
	bool good;

	count_require(a && b);
	good = DH_generate_key(a) == 1 && DH_generate_key(b) == 1 &&
	       DH_check_pub_key(a, DH_get0_pub_key(b), &codes) == 1 && !codes;
	n = good ? DH_compute_key(x, DH_get0_pub_key(b), a) : -1;
	m = good ? DH_compute_key(y, DH_get0_pub_key(a), b) : -1;
	DH_free(a);
	DH_free(b);
	return n > 0 && n == m && !memcmp(x, y, (size_t)n);
}

static bool ecdsa(void)
{
	unsigned char digest[32], signature[128];
	unsigned length = sizeof(signature);
	EC_KEY *key = EVP_PKEY_get0_EC_KEY(ec.key);
	bool good;

	RAND_bytes(digest, sizeof(digest));
	good = ECDSA_sign(0, digest, sizeof(digest), signature, &length, key) == 1 &&
	       ECDSA_verify(0, digest, sizeof(digest), signature, (int)length, key) == 1;
	digest[0] ^= 1;
	return good && ECDSA_verify(0, digest, sizeof(digest), signature, (int)length, key) == 0;
}

static bool rsa_signs(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t length = sizeof(signature);
	bool good;

	good = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, rsa.key) == 1 &&
	       EVP_DigestSign(context, signature, &length, (const unsigned char *)"text", 4) == 1;
	EVP_MD_CTX_reset(context);
	good = good && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, rsa.key) == 1 &&
	       EVP_DigestVerify(context, signature, length, (const unsigned char *)"text", 4) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

/* --- OCB --- */

static int ocb_run(bool encrypt, const unsigned char *in, int length, unsigned char *out,
		   unsigned char *tag)
{
	static const unsigned char key[16] = "0123456789abcde", nonce[12] = "a nonce";
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int done = 0, last = 0;
	bool good;

	good = EVP_CipherInit_ex(context, EVP_aes_128_ocb(), NULL, key, nonce, encrypt) == 1 &&
	       (encrypt || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1) &&
	       EVP_CipherUpdate(context, out, &done, in, length) == 1 &&
	       EVP_CipherFinal_ex(context, out + done, &last) == 1 &&
	       (!encrypt || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
	EVP_CIPHER_CTX_free(context);
	return good ? done + last : -1;
}

static bool ocb(void)
{
	unsigned char text[1000], secret[1100], again[1100], tag[16], length_byte;
	int length;

	RAND_bytes(&length_byte, 1);
	RAND_bytes(text, sizeof(text));
	length = 500 + length_byte;
	if (ocb_run(true, text, length, secret, tag) != length ||
	    ocb_run(false, secret, length, again, tag) != length ||
	    memcmp(text, again, length) != 0)
		return false;
	tag[3] ^= 1;
	return ocb_run(false, secret, length, again, tag) < 0;
}

/* --- messages and files --- */

static bool pkcs12(void)
{
	PKCS12 *made = PKCS12_create("secret", "name", rsa.key, rsa.certificate, NULL, 0, 0, 1, 1,
				     0);
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	bool good = made && PKCS12_parse(made, "secret", &key, &certificate, NULL) == 1 &&
		    EVP_PKEY_cmp(key, rsa.key) == 1 && !X509_cmp(certificate, rsa.certificate) &&
		    PKCS12_verify_mac(made, "wrong", -1) == 0;

	EVP_PKEY_free(key);
	X509_free(certificate);
	PKCS12_free(made);
	return good;
}

static bool pkcs7(void)
{
	BIO *text = BIO_new_mem_buf("a signed text", -1), *out = BIO_new(BIO_s_mem());
	PKCS7 *message = PKCS7_sign(rsa.certificate, rsa.key, NULL, text, PKCS7_BINARY);
	char seen[64];
	bool good = message && PKCS7_verify(message, NULL, NULL, NULL, out, PKCS7_NOVERIFY) == 1 &&
		    BIO_read(out, seen, sizeof(seen)) == 13 && !memcmp(seen, "a signed text", 13);

	PKCS7_free(message);
	BIO_free(out);
	BIO_free(text);
	return good;
}

/* What is written is read back, as by another program. */
static CMS_ContentInfo *cms_write_and_read(CMS_ContentInfo *message)
{
	BIO *file = BIO_new(BIO_s_mem());
	CMS_ContentInfo *read = NULL;

	if (message && i2d_CMS_bio(file, message) == 1)
		read = d2i_CMS_bio(file, NULL);
	CMS_ContentInfo_free(message);
	BIO_free(file);
	return read;
}

static bool cms_for(const struct identity *to)
{
	STACK_OF(X509) *certificates = sk_X509_new_null();
	BIO *text = BIO_new_mem_buf("an envelope", -1), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *message;
	char seen[64];
	bool good;

	sk_X509_push(certificates, to->certificate);
	message = cms_write_and_read(
		CMS_encrypt(certificates, text, EVP_aes_128_cbc(), CMS_BINARY));
	good = message && CMS_decrypt(message, to->key, to->certificate, NULL, out, 0) == 1 &&
	       BIO_read(out, seen, sizeof(seen)) == 11 && !memcmp(seen, "an envelope", 11);
	CMS_ContentInfo_free(message);
	sk_X509_free(certificates);
	BIO_free(out);
	BIO_free(text);
	return good;
}

static bool cms_rsa(void)
{
	return cms_for(&rsa);
}

static bool cms_ec(void)
{
	return cms_for(&ec);
}

static void work(int number)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} all[] = { { "tls 1.2", tls12 },   { "tls 1.3", tls13 }, { "dh", dh },
		    { "ecdsa", ecdsa },	    { "rsa", rsa_signs }, { "ocb", ocb },
		    { "pkcs12", pkcs12 },   { "pkcs7", pkcs7 },	  { "cms to rsa", cms_rsa },
		    { "cms to ec", cms_ec } };
	static _Thread_local unsigned round;
	unsigned i = ((unsigned)number + round++) % (sizeof(all) / sizeof(all[0]));

	ERR_clear_error();
	if (all[i].run())
		count_ok();
	else
		count_error("%s: %s", all[i].name, ERR_error_string(ERR_peek_error(), NULL));
	if (!number)
		return;
	ERR_clear_error(); /* the other threads handshake as often as not */
	if (try_tls(number % 2 ? TLS1_2_VERSION : TLS1_3_VERSION))
		count_ok();
	else
		count_error("tls: %s", ERR_error_string(ERR_peek_error(), NULL));
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	rsa = make_identity(EVP_PKEY_RSA);
	ec = make_identity(EVP_PKEY_EC);
	make_contexts();
	return count_run(argv[1], 3, work);
}
