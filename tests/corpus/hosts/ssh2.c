// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ssh2.c - threads with sessions to an SSH server by libssh2: one that works with files, one with
 * the list of keys of ssh2_keys.c, both for as long as the process lasts, and one that logs in
 * again and again, each second time without ever waiting within the library.
 *
 *	ssh2 COUNTS PORT DIR
 *
 * DIR holds the key, and a folder "home" where files may be written.
 */
#include <arpa/inet.h>
#include <libssh2.h>
#include <libssh2_publickey.h>
#include <libssh2_sftp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "count.h"

#define N_KEYS 12
#define N_ATTRIBUTES 3
#define FILE_SIZE 50000

struct connection {
	LIBSSH2_SESSION *session;
	int fd;
};

static int port;
static const char *dir;

static void fail(struct connection *connection, const char *what)
{
	char *text = NULL;

	libssh2_session_last_error(connection->session, &text, NULL, 0);
	count_error("%s: %s", what, text ? text : "no reason");
}

/* One operation. */
static bool good(struct connection *connection, bool is_good, const char *what)
{
	if (is_good)
		count_ok();
	else
		fail(connection, what);
	return is_good;
}

/* --- a session --- */

static void await(struct connection *connection)
{
	struct pollfd poller = { .fd = connection->fd };
	int directions = libssh2_session_block_directions(connection->session);

	if (directions & LIBSSH2_SESSION_BLOCK_INBOUND)
		poller.events |= POLLIN;
	if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
		poller.events |= POLLOUT;
	poll(&poller, 1, 1000);
}

/* The value of a call that may say that it is not done yet. */
#define done(connection, call)                                                                     \
	({                                                                                         \
		long result_;                                                                      \
		while ((result_ = (long)(call)) == LIBSSH2_ERROR_EAGAIN)                           \
			await(connection);                                                         \
		result_;                                                                           \
	})

/* The same for calls that return a pointer. */
#define made(connection, call)                                                                     \
	({                                                                                         \
		typeof(call) result_;                                                              \
		while (!(result_ = (call)) &&                                                      \
		       libssh2_session_last_errno((connection)->session) == LIBSSH2_ERROR_EAGAIN)  \
			await(connection);                                                         \
		result_;                                                                           \
	})

static int connect_to_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

static void disconnect(struct connection *connection)
{
	if (connection->session) {
		done(connection, libssh2_session_disconnect(connection->session, "done"));
		done(connection, libssh2_session_free(connection->session));
	}
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection);
}

/* NULL: an error, which is counted. */
static struct connection *shake_hands(bool blocking)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	connection->fd = connect_to_server();
	connection->session = libssh2_session_init();
	count_require(connection->fd >= 0 && connection->session);
	libssh2_session_set_blocking(connection->session, blocking);
	if (good(connection,
		 !done(connection, libssh2_session_handshake(connection->session, connection->fd)),
		 "handshake"))
		return connection;
	disconnect(connection);
	return NULL;
}

static bool log_in(struct connection *connection)
{
	char public[4096], private[4096];

	snprintf(public, sizeof(public), "%s/key.pub", dir);
	snprintf(private, sizeof(private), "%s/key", dir);
	return good(connection,
		    !done(connection, libssh2_userauth_publickey_fromfile(
					      connection->session, "root", public, private, NULL)),
		    "the key");
}

static struct connection *start_session(void)
{
	struct connection *connection = shake_hands(true);

	count_require(connection && log_in(connection));
	return connection;
}

/* --- files --- */

static void fill(char *bytes, unsigned round)
{
	for (size_t i = 0; i < FILE_SIZE; i++)
		bytes[i] = (char)(i * (round + 3) + i / 100);
}

static bool write_all(LIBSSH2_SFTP_HANDLE *file, const char *bytes)
{
	size_t left = FILE_SIZE;

	while (left) {
		ssize_t length = libssh2_sftp_write(file, bytes + FILE_SIZE - left, left);

		if (length <= 0)
			return false;
		left -= (size_t)length;
	}
	return true;
}

static bool read_all(LIBSSH2_SFTP_HANDLE *file, char *bytes)
{
	size_t have = 0;
	ssize_t length;

	while ((length = libssh2_sftp_read(file, bytes + have, FILE_SIZE + 1 - have)) > 0)
		have += (size_t)length;
	return length == 0 && have == FILE_SIZE;
}

static void copy_file(struct connection *connection, LIBSSH2_SFTP *sftp, const char *path,
		      unsigned round)
{
	char *want = malloc(FILE_SIZE), *have = malloc(FILE_SIZE + 1);
	LIBSSH2_SFTP_HANDLE *file;

	fill(want, round);
	file = libssh2_sftp_open(sftp, path,
				 LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC, 0600);
	if (good(connection, file != NULL, "open to write")) {
		good(connection, write_all(file, want), "write");
		good(connection, !libssh2_sftp_close(file), "close");
	}
	file = libssh2_sftp_open(sftp, path, LIBSSH2_FXF_READ, 0);
	if (good(connection, file != NULL, "open to read")) {
		good(connection, read_all(file, have) && !memcmp(want, have, FILE_SIZE), "read");
		good(connection, !libssh2_sftp_close(file), "close");
	}
	free(want);
	free(have);
}

static void use_links(struct connection *connection, LIBSSH2_SFTP *sftp, const char *path)
{
	char link[4200], target[4096], small[4];
	int length = (int)strlen(path);

	snprintf(link, sizeof(link), "%s.link", path);
	libssh2_sftp_unlink(sftp, link);
	/*
	 * Servers have the two names the other way round. What is returned is not looked at, here
	 * and where a link is read that is none: the fix of CVE-2025-15661 takes the number of the
	 * request for the status, rebuilt or live.
	 */
	libssh2_sftp_symlink(sftp, path, link);
	good(connection,
	     libssh2_sftp_readlink(sftp, link, target, sizeof(target)) == length &&
		     !strcmp(target, path),
	     "readlink");
	good(connection,
	     libssh2_sftp_realpath(sftp, link, target, sizeof(target)) == length &&
		     !strcmp(target, path),
	     "realpath");
	count_check(libssh2_sftp_readlink(sftp, link, small, sizeof(small)) ==
		    LIBSSH2_ERROR_BUFFER_TOO_SMALL);
	count_check(libssh2_sftp_readlink(sftp, path, target, sizeof(target)) <= 0);
	count_check(!libssh2_sftp_open(sftp, "/none/at/all", LIBSSH2_FXF_READ, 0) &&
		    libssh2_sftp_last_error(sftp) == LIBSSH2_FX_NO_SUCH_FILE);
}

static void list_folder(struct connection *connection, LIBSSH2_SFTP *sftp, const char *folder)
{
	LIBSSH2_SFTP_HANDLE *handle = libssh2_sftp_opendir(sftp, folder);
	LIBSSH2_SFTP_ATTRIBUTES attributes;
	char name[512];
	bool found = false;

	if (!good(connection, handle != NULL, "opendir"))
		return;
	while (libssh2_sftp_readdir(handle, name, sizeof(name), &attributes) > 0)
		found = found || (!strcmp(name, "file") && attributes.filesize == FILE_SIZE);
	good(connection, found, "readdir");
	good(connection, !libssh2_sftp_closedir(handle), "closedir");
}

static void use_files(unsigned round)
{
	static _Thread_local struct connection *connection;
	static _Thread_local LIBSSH2_SFTP *sftp;
	char folder[4000], path[4096];

	if (!connection) {
		connection = start_session();
		sftp = libssh2_sftp_init(connection->session);
		count_require(sftp);
	}
	snprintf(folder, sizeof(folder), "%s/home", dir);
	snprintf(path, sizeof(path), "%s/file", folder);
	copy_file(connection, sftp, path, round);
	use_links(connection, sftp, path);
	list_folder(connection, sftp, folder);
}

/* --- the list of keys --- */

static bool same(const void *bytes, unsigned long length, const char *format, unsigned number)
{
	char text[32];
	int expected = snprintf(text, sizeof(text), format, number);

	return length == (unsigned long)expected && !memcmp(bytes, text, length);
}

static bool right_key(const libssh2_publickey_list *key, unsigned number)
{
	if (!same(key->name, key->name_len, "ssh-rsa", 0) ||
	    !same(key->blob, key->blob_len, "blob%u", number) ||
	    key->num_attrs != (number % 2 ? N_ATTRIBUTES : 0))
		return false;
	for (unsigned i = 0; i < key->num_attrs; i++) {
		const libssh2_publickey_attribute *one = &key->attrs[i];

		if (!same(one->name, one->name_len, "name%u", i) ||
		    !same(one->value, one->value_len, "value%u", number * i))
			return false;
	}
	return true;
}

static void list_keys(struct connection *connection, LIBSSH2_PUBLICKEY *keys, unsigned long more)
{
	libssh2_publickey_list *list = NULL;
	unsigned long count = 0, right = 0;

	if (!good(connection, !done(connection, libssh2_publickey_list_fetch(keys, &count, &list)),
		  "list"))
		return;
	for (unsigned i = 0; i < count; i++)
		right += right_key(&list[i], i);
	count_check(count == N_KEYS + more && right == count);
	libssh2_publickey_list_free(keys, list);
}

/* The calls of this kind may say that they are not done yet, even in a session that waits. */
static void use_keys(void)
{
	static _Thread_local struct connection *connection;
	static _Thread_local LIBSSH2_PUBLICKEY *keys;
	static const unsigned char name[] = "ssh-rsa", blob[] = "a new one";

	if (!connection) {
		connection = start_session();
		keys = libssh2_publickey_init(connection->session);
		count_require(keys);
	}
	list_keys(connection, keys, 0);
	good(connection,
	     !done(connection, libssh2_publickey_add_ex(keys, name, sizeof(name) - 1, blob,
							sizeof(blob) - 1, 1, 0, NULL)),
	     "add");
	list_keys(connection, keys, 1);
	good(connection,
	     !done(connection, libssh2_publickey_remove_ex(keys, name, sizeof(name) - 1, blob,
							   sizeof(blob) - 1)),
	     "remove");
}

/* --- logins --- */

static void run_command(struct connection *connection, unsigned round)
{
	char command[64], expected[32], have[64] = "";
	LIBSSH2_CHANNEL *channel;
	size_t length = 0;
	long part;

	channel = made(connection, libssh2_channel_open_session(connection->session));
	if (!good(connection, channel != NULL, "channel"))
		return;
	snprintf(command, sizeof(command), "echo %u works; exit 7", round);
	snprintf(expected, sizeof(expected), "%u works\n", round);
	good(connection, !done(connection, libssh2_channel_exec(channel, command)), "exec");
	while ((part = done(connection, libssh2_channel_read(channel, have + length,
							     sizeof(have) - 1 - length))) > 0)
		length += (size_t)part;
	good(connection, part == 0 && !strcmp(have, expected), "what a command says");
	good(connection, !done(connection, libssh2_channel_close(channel)), "close");
	count_check(libssh2_channel_get_exit_status(channel) == 7);
	done(connection, libssh2_channel_free(channel));
}

static void use_logins(unsigned round)
{
	struct connection *connection = shake_hands(round % 2);
	const char *methods;

	if (!connection)
		return;
	methods = made(connection, libssh2_userauth_list(connection->session, "root", 4));
	good(connection, methods && strstr(methods, "publickey") && strstr(methods, "password"),
	     "methods");
	count_check(done(connection,
			 libssh2_userauth_password(connection->session, "root", "not that one")) ==
		    LIBSSH2_ERROR_AUTHENTICATION_FAILED);
	count_check(!libssh2_userauth_authenticated(connection->session));
	if (log_in(connection))
		run_command(connection, round);
	disconnect(connection);
}

static void work(int number)
{
	static _Thread_local unsigned round;

	switch (number) {
	case 0:
		use_files(round++);
		break;
	case 1:
		use_keys();
		break;
	default:
		use_logins(round++);
	}
}

int main(int argc, char **argv)
{
	count_require(argc == 4);
	port = atoi(argv[2]);
	dir = argv[3];
	count_require(!libssh2_init(0));
	return count_run(argv[1], 4, work);
}
