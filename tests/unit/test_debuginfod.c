/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Debug files from a server: a small one in a thread of the test, on the loopback interface, which
 * knows one build-id.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "../../src/elf/debuginfod.h"
#include "../../src/elf/file.h"
#include "victim_file.h"

struct fixture {
	struct victim_dir dir;
	pthread_t thread;
	int listener;
	char known[128]; /* "GET /buildid/.../debuginfo " */
	const char *served; /* file name; changed while nobody asks */
	unsigned int requests; /* read while nobody asks */
};

static struct fixture fixture;

static void send_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		size -= (size_t)sent;
	}
}

static void send_file(int fd, const char *name)
{
	static char bytes[1 << 20];
	char path[256], head[128];
	FILE *file = fopen(victim_path(&fixture.dir, name, path, sizeof(path)), "r");
	size_t size;

	if (!file)
		abort();
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	snprintf(head, sizeof(head),
		 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", size);
	send_all(fd, head, strlen(head));
	send_all(fd, bytes, size);
}

static void answer(int fd)
{
	static const char missing[] =
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	char request[4096];
	size_t used = 0;

	do {
		ssize_t got = recv(fd, request + used, sizeof(request) - 1 - used, 0);

		if (got <= 0)
			return;
		used += (size_t)got;
		request[used] = 0;
	} while (!strstr(request, "\r\n\r\n") && used < sizeof(request) - 1);
	fixture.requests++;
	if (!strncmp(request, fixture.known, strlen(fixture.known)))
		send_file(fd, fixture.served);
	else
		send_all(fd, missing, strlen(missing));
}

/* Until the listener is shut down. */
static void *serve(void *unused)
{
	int fd;

	(void)unused;
	while ((fd = accept(fixture.listener, NULL, NULL)) >= 0) {
		answer(fd);
		close(fd);
	}
	return NULL;
}

static void server_start(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	char url[64];

	fixture.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fixture.listener >= 0);
	assert_int_equal(bind(fixture.listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fixture.listener, 8), 0);
	assert_int_equal(getsockname(fixture.listener, (struct sockaddr *)&address, &size), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", ntohs(address.sin_port));
	setenv("DEBUGINFOD_URLS", url, 1);
	assert_int_equal(pthread_create(&fixture.thread, NULL, serve, NULL), 0);
}

static int setup(void **state)
{
	uint8_t id[LP_ELF_BUILD_ID_MAX];
	char path[256];
	int size;

	(void)state;
	victim_dir_init(&fixture.dir);
	victim_write(&fixture.dir, "x.c",
		     "static int __attribute__((noinline)) hidden_one(int x) { return x * 3; }\n"
		     "int open_one(int x) { return hidden_one(x) + 1; }\n");
	assert_int_equal(victim_run(&fixture.dir,
				    "cc -O2 -g -fPIC -shared -Wl,--build-id x.c -o full.so && "
				    "objcopy --only-keep-debug full.so full.debug && "
				    "strip -o stripped.so full.so && "
				    "cc -O1 -fPIC -shared -Wl,--build-id x.c "
				    "-s -o unknown.so"),
			 0);
	size = lp_elf_build_id(victim_path(&fixture.dir, "stripped.so", path, sizeof(path)), id);
	assert_true(size > 0);
	strcpy(fixture.known, "GET /buildid/");
	for (int i = 0; i < size; i++)
		sprintf(fixture.known + strlen(fixture.known), "%02x", id[i]);
	strcat(fixture.known, "/debuginfo ");
	setenv("no_proxy", "127.0.0.1", 1);
	setenv("DEBUGINFOD_TIMEOUT", "20", 1);
	server_start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shutdown(fixture.listener, SHUT_RDWR);
	pthread_join(fixture.thread, NULL);
	close(fixture.listener);
	victim_dir_deinit(&fixture.dir);
	return 0;
}

/* Nothing is in the client's cache. */
static int before(void **state)
{
	static unsigned int round;
	char name[32], path[256];

	(void)state;
	snprintf(name, sizeof(name), "cache%u", round++);
	setenv("DEBUGINFOD_CACHE_PATH", victim_path(&fixture.dir, name, path, sizeof(path)), 1);
	fixture.served = "full.debug";
	fixture.requests = 0;
	return 0;
}

static void need_client(void)
{
	if (!dlopen("libdebuginfod.so.1", RTLD_NOW)) {
		print_message("libdebuginfod.so.1 is not installed\n");
		skip();
	}
}

static struct lp_elf *open_file(const char *name)
{
	char path[256];
	struct lp_elf *elf;

	assert_int_equal(
		lp_elf_open(&elf, victim_path(&fixture.dir, name, path, sizeof(path)), NULL), 0);
	return elf;
}

static bool has_hidden(const struct lp_elf *elf)
{
	const struct lp_elf_symbol *symbol;

	return !lp_elf_find(elf, "hidden_one", 0, &symbol);
}

static void test_fetched(void **state)
{
	struct lp_elf *elf;

	(void)state;
	need_client();
	elf = open_file("stripped.so");
	assert_true(elf->has_symtab);
	assert_true(has_hidden(elf));
	lp_elf_close(elf);
	assert_int_equal(fixture.requests, 1);
	/* from the cache */
	elf = open_file("stripped.so");
	assert_true(has_hidden(elf));
	lp_elf_close(elf);
	assert_int_equal(fixture.requests, 1);
}

static void test_unknown(void **state)
{
	struct lp_elf *elf;

	(void)state;
	need_client();
	elf = open_file("unknown.so");
	assert_false(elf->has_symtab);
	assert_false(has_hidden(elf));
	lp_elf_close(elf);
	assert_true(fixture.requests > 0);
}

/* A server may have anything under the name. */
static void test_of_another_build(void **state)
{
	static const char *const files[] = { "unknown.so", "x.c" };

	for (size_t i = 0; i < 2; i++) {
		struct lp_elf *elf;

		before(state);
		need_client();
		fixture.served = files[i];
		elf = open_file("stripped.so");
		assert_false(elf->has_symtab);
		assert_int_equal(fixture.requests, 1);
		lp_elf_close(elf);
	}
}

static void test_nobody_is_asked(void **state)
{
	char *urls = strdup(getenv("DEBUGINFOD_URLS")), *path = NULL;
	static const uint8_t id[20] = { 1 };
	struct lp_elf *elf = open_file("full.so");

	(void)state;
	assert_true(has_hidden(elf));
	lp_elf_close(elf);
	unsetenv("DEBUGINFOD_URLS");
	elf = open_file("stripped.so");
	assert_false(elf->has_symtab);
	lp_elf_close(elf);
	setenv("DEBUGINFOD_URLS", "", 1);
	assert_int_equal(lp_debuginfod_find(id, sizeof(id), &path), -ENOENT);
	setenv("DEBUGINFOD_URLS", urls, 1);
	assert_int_equal(lp_debuginfod_find(id, 0, &path), -ENOENT);
	assert_null(path);
	assert_int_equal(fixture.requests, 0);
	free(urls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fetched, before),
		cmocka_unit_test_setup(test_unknown, before),
		cmocka_unit_test_setup(test_of_another_build, before),
		cmocka_unit_test_setup(test_nobody_is_asked, before),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
