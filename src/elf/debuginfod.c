/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "debuginfod.h"

/* As in <elfutils/debuginfod.h>, which need not be there. */
struct client_library {
	void *(*begin)(void);
	int (*find_debuginfo)(void *client, const unsigned char *build_id, int size, char **path);
	void (*end)(void *client);
};

/* It stays loaded: it brings libcurl along, which does not like to go. */
static int library_load(struct client_library *library)
{
	void *handle = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return -ENOENT;
	*(void **)&library->begin = dlsym(handle, "debuginfod_begin");
	*(void **)&library->find_debuginfo = dlsym(handle, "debuginfod_find_debuginfo");
	*(void **)&library->end = dlsym(handle, "debuginfod_end");
	return library->begin && library->find_debuginfo && library->end ? 0 : -ENOENT;
}

int lp_debuginfod_find(const uint8_t *build_id, size_t size, char **path)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	struct client_library library;
	char *found = NULL;
	void *client;
	int fd;

	/* size 0 would mean a string to the library */
	if (!urls || !*urls || !size || size > INT_MAX || library_load(&library))
		return -ENOENT;
	client = library.begin();
	if (!client)
		return -ENOENT;
	fd = library.find_debuginfo(client, build_id, (int)size, &found);
	library.end(client);
	if (fd >= 0)
		close(fd);
	if (fd < 0 || !found) {
		free(found);
		return -ENOENT;
	}
	*path = found;
	return 0;
}
