// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * curl.c - threads that fetch with libcurl, each by protocols of its own.
 *
 *	curl COUNTS DIR HTTP SSH SMB HTTP2
 *
 * The first three are ports of servers at 127.0.0.1: origin.c, sshd, and curl_smb.c. The last one
 * is the address of nghttpd, which pushes /pushed with "/"; its port is 443, since what is pushed
 * by another one is ignored by versions of libcurl. DIR holds the key, "file", which all of them
 * but the first give out, a .netrc and a list of hosts that are asked by TLS only.
 */
#include <curl/curl.h>
#include <sys/stat.h>

#include "count.h"

#define BODY_MAX 300000
#define PAIR_OF_AMY "Basic YW15OnNlY3JldC1h"
#define PAIR_OF_BOB "Basic Ym9iOnNlY3JldC1i"

struct body {
	char bytes[BODY_MAX];
	size_t length;
};

static const char *dir;
static int http_port, ssh_port, smb_port;
static const char *http2_address;
static char contents[BODY_MAX];
static size_t contents_size;
static struct curl_slist *everything_here;

/* --- a fetch --- */

static size_t on_data(char *bytes, size_t one, size_t length, void *user)
{
	struct body *body = user;

	if (body->length + length >= BODY_MAX)
		return 0;
	memcpy(body->bytes + body->length, bytes, one * length);
	body->length += length;
	body->bytes[body->length] = '\0';
	return length;
}

static const char *in_dir(const char *name)
{
	static _Thread_local char paths[4][4096];
	static _Thread_local unsigned next;

	snprintf(paths[next % 4], sizeof(paths[0]), "%s/%s", dir, name);
	return paths[next++ % 4];
}

static void set_common(CURL *easy, struct body *body)
{
	body->length = 0;
	body->bytes[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(easy, CURLOPT_RESOLVE, everything_here);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 60L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

__attribute__((format(printf, 3, 4))) static CURLcode fetch(CURL *easy, struct body *body,
							    const char *format, ...)
{
	char url[5000];
	va_list args;

	va_start(args, format);
	vsnprintf(url, sizeof(url), format, args);
	va_end(args);
	set_common(easy, body);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	return curl_easy_perform(easy);
}

/* One operation. */
static bool gives(CURLcode code, const struct body *body, const char *expected, const char *what)
{
	bool right = code == CURLE_OK && body->length == strlen(expected) &&
		     !strcmp(body->bytes, expected);

	if (right)
		count_ok();
	else
		count_error("%s: %s: \"%.200s\" is not \"%.200s\"", what, curl_easy_strerror(code),
			    body->bytes, expected);
	return right;
}

static bool gives_file(CURLcode code, const struct body *body, const char *what)
{
	bool right = code == CURLE_OK && body->length == contents_size &&
		     !memcmp(body->bytes, contents, contents_size);

	if (right)
		count_ok();
	else
		count_error("%s: %s, %zu bytes", what, curl_easy_strerror(code), body->length);
	return right;
}

static bool is(CURLcode code, CURLcode expected, const char *what)
{
	if (code == expected)
		count_ok();
	else
		count_error("%s: %s", what, curl_easy_strerror(code));
	return code == expected;
}

/* --- HTTP --- */

static void greet(CURL *easy, struct body *body, unsigned round)
{
	char expected[256];
	long connects = 1;

	snprintf(expected, sizeof(expected), "GET /hello%u 0", round);
	gives(fetch(easy, body, "http://one.corpus:%d/hello%u", http_port, round), body, expected,
	      "a path");
	gives(fetch(easy, body, "http://one.corpus:%d/hello%u", http_port, round), body, expected,
	      "a path again");
	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
	count_check(connects == 0);
	snprintf(expected, sizeof(expected), "abc%u", round);
	gives(fetch(easy, body, "http://one.corpus:%d/chunks/abc%u", http_port, round), body,
	      expected, "chunks");
}

static void authenticate(CURL *easy, struct body *body)
{
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	curl_easy_setopt(easy, CURLOPT_NETRC_FILE, in_dir("netrc"));
	gives(fetch(easy, body, "http://amy.corpus:%d/user", http_port), body,
	      "GET /user 0" PAIR_OF_AMY, "netrc");
	gives(fetch(easy, body, "http://bob@bob.corpus:%d/user", http_port), body,
	      "GET /user 0" PAIR_OF_BOB, "netrc with a user");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	gives(fetch(easy, body, "http://amy.corpus:%d/moved/user", http_port), body,
	      "GET /user 0" PAIR_OF_AMY, "netrc, moved");
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
	curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, "token");
	gives(fetch(easy, body, "http://one.corpus:%d/user", http_port), body,
	      "GET /user 0Bearer token", "bearer");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	gives(fetch(easy, body, "http://one.corpus:%d/moved/user", http_port), body,
	      "GET /user 0Bearer token", "bearer, moved");
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_USERPWD, "bob:secret-b");
	gives(fetch(easy, body, "http://one.corpus:%d/user", http_port), body,
	      "GET /user 0" PAIR_OF_BOB, "basic");
	curl_easy_reset(easy);
}

/* The handle has cookies from the start of the process on; a copy of it has none yet. */
static void eat_cookies(CURL *easy, struct body *body, unsigned round)
{
	char expected[256];
	CURL *copy;

	snprintf(expected, sizeof(expected),
		 "GET /cookie/a=%u;Version=1;Max-Age=1000;Domain=shop.corpus 0", round);
	gives(fetch(easy, body,
		    "http://www.shop.corpus:%d/cookie/a=%u;Version=1;Max-Age=1000;"
		    "Domain=shop.corpus",
		    http_port, round),
	      body, expected, "a cookie");
	fetch(easy, body, "http://www.shop.corpus:%d/cookie/never=1;Domain=corpus", http_port);
	fetch(easy, body, "http://www.shop.corpus:%d/cookie/c%u=1;Max-Age=0", http_port, round);
	snprintf(expected, sizeof(expected), "GET /cookies 0a=%u", round);
	gives(fetch(easy, body, "http://all.shop.corpus:%d/cookies", http_port), body, expected,
	      "cookies");
	gives(fetch(easy, body, "http://one.corpus:%d/cookies", http_port), body, "GET /cookies 0",
	      "cookies for others");
	copy = curl_easy_duphandle(easy);
	count_check(copy != NULL);
	fetch(copy, body, "http://one.corpus:%d/cookie/b=%u", http_port, round);
	snprintf(expected, sizeof(expected), "GET /cookies 0b=%u", round);
	gives(fetch(copy, body, "http://one.corpus:%d/cookies", http_port), body, expected,
	      "cookies of a copy");
	curl_easy_cleanup(copy);
}

static void choose_protocols(CURL *easy, struct body *body)
{
	count_check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,sftp") == CURLE_OK);
	is(fetch(easy, body, "file://%s", in_dir("file")), CURLE_UNSUPPORTED_PROTOCOL, "file");
	is(fetch(easy, body, "http://one.corpus:%d/", http_port), CURLE_OK, "http");
	count_check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "all") == CURLE_OK);
	gives_file(fetch(easy, body, "file://%s", in_dir("file")), body, "any protocol");
	count_check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "no-such") ==
		    CURLE_UNSUPPORTED_PROTOCOL);
	count_check(curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	is(fetch(easy, body, "http://one.corpus:%d/moved/x", http_port), CURLE_UNSUPPORTED_PROTOCOL,
	   "moved to what is not allowed");
	curl_easy_reset(easy);
}

static void browse(unsigned round)
{
	static _Thread_local CURL *easy, *shopper;
	struct body *body = malloc(sizeof(*body));

	if (!easy) {
		easy = curl_easy_init();
		shopper = curl_easy_init();
		curl_easy_setopt(shopper, CURLOPT_COOKIEFILE, "");
	}
	greet(easy, body, round);
	authenticate(easy, body);
	eat_cookies(shopper, body, round);
	choose_protocols(easy, body);
	free(body);
}

/* --- HTTP/2, with what is pushed, and hosts that are asked by TLS only --- */

struct pushes {
	CURLM *multi;
	unsigned count;
};

/* Looks at it and refuses it: libcurl 7.88 takes what is pushed, and falls over it. */
static int on_push(CURL *parent, CURL *pushed, size_t headers, struct curl_pushheaders *all,
		   void *user)
{
	const char *path = curl_pushheader_byname(all, ":path");

	(void)parent;
	(void)pushed;
	count_check(path && !strcmp(path, "/pushed") && headers && curl_pushheader_bynum(all, 0));
	((struct pushes *)user)->count++;
	return CURL_PUSH_DENY;
}

/* Until all is done that is in the handle. The worst of their results. */
static CURLcode perform(CURLM *multi)
{
	CURLcode worst = CURLE_OK;
	int running, left;
	CURLMsg *message;

	do {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		while ((message = curl_multi_info_read(multi, &left))) {
			if (message->msg == CURLMSG_DONE && message->data.result)
				worst = message->data.result;
		}
		if (running)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	} while (running);
	return worst;
}

static struct pushes *create_pushes(void)
{
	struct pushes *pushes = calloc(1, sizeof(*pushes));

	pushes->multi = curl_multi_init();
	curl_multi_setopt(pushes->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(pushes->multi, CURLMOPT_PUSHFUNCTION, on_push);
	curl_multi_setopt(pushes->multi, CURLMOPT_PUSHDATA, pushes);
	return pushes;
}

static void multiplex(struct pushes *pushes)
{
	struct body *bodies = calloc(3, sizeof(*bodies));
	unsigned before = pushes->count;
	CURL *all[3];
	CURLcode code;
	char url[256];

	for (int i = 0; i < 3; i++) {
		all[i] = curl_easy_init();
		set_common(all[i], &bodies[i]);
		snprintf(url, sizeof(url), "https://two.corpus/%s", i ? "file" : "");
		curl_easy_setopt(all[i], CURLOPT_URL, url);
		curl_easy_setopt(all[i], CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
		curl_easy_setopt(all[i], CURLOPT_PIPEWAIT, 1L);
		curl_multi_add_handle(pushes->multi, all[i]);
	}
	code = perform(pushes->multi);
	count_check(pushes->count == before + 1);
	gives(code, &bodies[0], "index\n", "index");
	gives_file(code, &bodies[1], "the first of two");
	gives_file(code, &bodies[2], "the second of two");
	for (int i = 0; i < 3; i++) {
		curl_multi_remove_handle(pushes->multi, all[i]);
		curl_easy_cleanup(all[i]);
	}
	free(bodies);
}

static void ask_safely(void)
{
	struct body *body = malloc(sizeof(*body));
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_HSTS_CTRL, (long)(CURLHSTS_ENABLE | CURLHSTS_READONLYFILE));
	curl_easy_setopt(easy, CURLOPT_HSTS, in_dir("hsts"));
	gives_file(fetch(easy, body, "http://a.below.corpus/file"), body,
		   "below a host that is safe");
	gives_file(fetch(easy, body, "http://safe.corpus/file"), body, "a host that is safe");
	gives(fetch(easy, body, "http://a.safe.corpus:%d/x", http_port), body, "GET /x 0",
	      "below one that is safe alone");
	gives(fetch(easy, body, "http://other.corpus:%d/x", http_port), body, "GET /x 0",
	      "one that is not");
	curl_easy_cleanup(easy);
	free(body);
}

/* --- SFTP, SCP and SMB --- */

static void get_by_ssh(void)
{
	static _Thread_local CURL *easy;
	struct body *body = malloc(sizeof(*body));
	long connects = 1;

	if (!easy) {
		easy = curl_easy_init();
		curl_easy_setopt(easy, CURLOPT_USERNAME, "root");
		curl_easy_setopt(easy, CURLOPT_SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PUBLICKEY);
		curl_easy_setopt(easy, CURLOPT_SSH_PRIVATE_KEYFILE, in_dir("key"));
		curl_easy_setopt(easy, CURLOPT_SSH_PUBLIC_KEYFILE, in_dir("key.pub"));
	}
	gives_file(fetch(easy, body, "sftp://127.0.0.1:%d/~/file", ssh_port), body, "sftp, home");
	gives_file(fetch(easy, body, "sftp://127.0.0.1:%d%s", ssh_port, in_dir("file")), body,
		   "sftp");
	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
	count_check(connects == 0);
	gives_file(fetch(easy, body, "scp://127.0.0.1:%d%s", ssh_port, in_dir("file")), body,
		   "scp");
	gives_file(fetch(easy, body, "scp://127.0.0.1:%d/~/..%s", ssh_port, in_dir("file")), body,
		   "scp, home");
	is(fetch(easy, body, "sftp://127.0.0.1:%d/~/none", ssh_port), CURLE_REMOTE_FILE_NOT_FOUND,
	   "sftp, a file that is not there");
	free(body);
}

static void get_by_smb(void)
{
	static _Thread_local CURL *easy;
	struct body *body = malloc(sizeof(*body));

	if (!easy)
		easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_USERPWD, "DOMAIN/amy:secret-a");
	gives_file(fetch(easy, body, "smb://127.0.0.1:%d/share/file", smb_port), body, "smb");
	gives_file(fetch(easy, body, "smb://127.0.0.1:%d/other/folder/file", smb_port), body,
		   "smb, another share");
	free(body);
}

/* --- an upload that has no end --- */

static size_t on_read(char *bytes, size_t one, size_t length, void *user)
{
	(void)user;
	if (!count_running())
		return CURL_READFUNC_ABORT;
	length = length < 1000 ? length : 1000;
	memset(bytes, 'u', length);
	count_ok();
	count_pause_us(5000);
	return one * length;
}

static void upload(void)
{
	struct body *body = malloc(sizeof(*body));
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)1 << 50);
	is(fetch(easy, body, "http://one.corpus:%d/upload", http_port), CURLE_ABORTED_BY_CALLBACK,
	   "upload");
	curl_easy_cleanup(easy);
	free(body);
}

static void work(int number)
{
	static _Thread_local struct pushes *pushes;
	static _Thread_local unsigned round;

	switch (number) {
	case 0:
		browse(round++);
		break;
	case 1:
		if (!pushes)
			pushes = create_pushes();
		multiplex(pushes);
		ask_safely();
		break;
	case 2:
		get_by_ssh();
		get_by_smb();
		break;
	default:
		upload();
	}
}

static void read_contents(void)
{
	FILE *file = fopen(in_dir("file"), "re");

	count_require(file);
	contents_size = fread(contents, 1, sizeof(contents), file);
	fclose(file);
	count_require(contents_size > 0);
}

/* Every name is this machine. */
static void know_names(void)
{
	char line[64];

	snprintf(line, sizeof(line), "*:%d:127.0.0.1", http_port);
	everything_here = curl_slist_append(everything_here, line);
	snprintf(line, sizeof(line), "*:443:%s", http2_address);
	everything_here = curl_slist_append(everything_here, line);
}

int main(int argc, char **argv)
{
	count_require(argc == 7);
	dir = argv[2];
	http_port = atoi(argv[3]);
	ssh_port = atoi(argv[4]);
	smb_port = atoi(argv[5]);
	http2_address = argv[6];
	count_require(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK);
	read_contents();
	know_names();
	return count_run(argv[1], 4, work);
}
