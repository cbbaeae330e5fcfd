// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dl.h"

#include <stddef.h>

#define RTLD_LAZY_NOLOAD 5 /* RTLD_LAZY | RTLD_NOLOAD; <dlfcn.h> would bind the newer versions */

extern void *old_dlopen(const char *path, int flags) __attribute__((weak));
extern int old_dlclose(void *handle) __attribute__((weak));
extern void *old_dlsym(void *handle, const char *name) __attribute__((weak));
extern void *old_dlvsym(void *handle, const char *name, const char *version) __attribute__((weak));
extern char *old_dlerror(void) __attribute__((weak));
__asm__(".symver old_dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver old_dlclose, dlclose@GLIBC_2.2.5");
__asm__(".symver old_dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver old_dlvsym, dlvsym@GLIBC_2.2.5");
__asm__(".symver old_dlerror, dlerror@GLIBC_2.2.5");

/* A failure leaves an allocated message behind: once read, the next call frees it. */
static void forget_error(void)
{
	if (old_dlerror) {
		old_dlerror();
		old_dlerror();
	}
}

bool lp_dl_is_there(void)
{
	return old_dlopen && old_dlclose && old_dlsym && old_dlvsym;
}

void *lp_dl_hold(const char *path)
{
	void *handle = lp_dl_is_there() ? old_dlopen(path, RTLD_LAZY_NOLOAD) : NULL;

	if (!handle)
		forget_error();
	return handle;
}

void lp_dl_release(void *handle)
{
	if (handle)
		old_dlclose(handle);
}

void *lp_dl_symbol(void *handle, const char *name, const char *version)
{
	void *addr;

	if (!lp_dl_is_there())
		return NULL;
	addr = version ? old_dlvsym(handle, name, version) : old_dlsym(handle, name);
	if (!addr)
		forget_error();
	return addr;
}
