/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "names.h"

#include <stddef.h>
#include <string.h>

/* Without leading "_", "GI_" and "libc_"; one that ends in '*' is a prefix. */
static const char *const harmless[] = {
	"epoll_wait",
	"epoll_pwait*",
	"poll",
	"ppoll",
	"select",
	"pselect*",
	"read",
	"readv",
	"recv",
	"recvfrom",
	"recvmsg",
	"accept",
	"accept4",
	"nanosleep",
	"clock_nanosleep*",
	"sleep",
	"usleep",
	"thrd_sleep",
	"pause",
	"sigsuspend",
	"sigtimedwait",
	"sigwait",
	"sigwaitinfo",
	"semop",
	"semtimedop*",
	"msgrcv",
	"wait",
	"waitpid",
	"wait3*",
	"wait4*",
	"waitid",
	"syscall",
	"flock",
	"mq_receive",
	"mq_timedreceive*",
	"sem_wait*",
	"sem_timedwait*",
	"sem_clockwait*",
	"new_sem_*",
	"pthread_cond_*",
	"cnd_*",
	"pthread_mutex_lock*",
	"pthread_mutex_timedlock*",
	"pthread_mutex_clocklock*",
	"mtx_*",
	"pthread_rwlock_*",
	"pthread_barrier_wait*",
	"pthread_join",
	"pthread_timedjoin_np*",
	"pthread_clockjoin*",
	"thrd_join*",
	"futex_abstimed_wait*",
	"lll_lock_wait",
	"syscall_cancel*",
	"internal_syscall_cancel*",
	/* a signal came while it slept, and its handler sleeps; the frame below is judged too */
	"restore_rt",
	/* where threads begin */
	"start_thread",
	"clone",
	"clone3",
	"start_main*",
	"start_call_main",
	/* they call back, and hold nothing */
	"qsort*",
	"bsearch",
	"pthread_once*",
	"call_once",
};

static const char *const forbidden[] = {
	"malloc",	  "calloc",	    "realloc",
	"reallocarray",	  "free",	    "cfree",
	"memalign",	  "posix_memalign", "aligned_alloc",
	"valloc",	  "pvalloc",	    "free_sized",
	"dlopen",	  "dlmopen",	    "dlclose",
	"dlsym",	  "dlvsym",	    "dl_iterate_phdr",
	"pthread_create", "pthread_exit",   "fork",
	"vfork",	  "exit",	    "je_*",
	"tc_*",		  "mi_*",	    "Znw*",
	"Zna*",		  "Zdl*",	    "Zda*", /* C++ operators new and delete */
};

static const char *const allocators[] = {
	"libjemalloc",
	"libtcmalloc",
	"libmimalloc",
	"libasan",
	"libtsan",
	"libmsan",
	"liblsan",
	"libhwasan",
	"librpmalloc",
	"libsnmalloc",
	"libhardened_malloc",
	"libtbbmalloc",
};

static bool matches(const char *name, const char *pattern)
{
	size_t size = strlen(pattern);

	if (pattern[size - 1] == '*')
		return !strncmp(name, pattern, size - 1);
	return !strcmp(name, pattern);
}

/* __GI___libc_nanosleep -> nanosleep */
static const char *plain(const char *name)
{
	static const char *const prefixes[] = { "_", "GI_", "libc_" };

	for (size_t i = 0; i < 3;) {
		size_t size = strlen(prefixes[i]);

		if (!strncmp(name, prefixes[i], size)) {
			name += size;
			i = 0;
		} else {
			i++;
		}
	}
	return name;
}

static bool is_in(const char *name, const char *const *list, size_t count)
{
	name = plain(name);
	for (size_t i = 0; i < count; i++)
		if (matches(name, list[i]))
			return true;
	return false;
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

bool lp_name_harmless(const char *function)
{
	return is_in(function, harmless, COUNT(harmless));
}

bool lp_name_forbidden(const char *function)
{
	return is_in(function, forbidden, COUNT(forbidden));
}

bool lp_name_allocator(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	for (size_t i = 0; i < COUNT(allocators); i++)
		if (!strncmp(name, allocators[i], strlen(allocators[i])))
			return true;
	return false;
}
