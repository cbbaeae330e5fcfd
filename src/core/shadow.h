/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shadow.h - shadow variables: data that patched functions attach to objects of the program without
 * a change of the objects. A variable is found by its pair (obj, id) and is alive from a successful
 * alloc to its free. The rules are those of the kernel's klp_shadow_*().
 *
 * Any thread may call any of these functions at any time, except init and deinit. lp_shadow_get()
 * and lp_shadow_count() take no lock and may be called in a signal handler, whatever it
 * interrupted. The others take the host's lock: a handler may call them only if the host says so
 * (see lock), constructors and destructors never, for they run with the lock held.
 *
 * The table says where a variable is, not who may use it. What the data contains is for the caller
 * to guard. free() gives the memory back at once: the caller sees to it that nobody uses the data
 * any more, and a get that runs at the same time as the free may still return it.
 * docs/design/shadow.md says how it works, and why.
 */
#ifndef LP_CORE_SHADOW_H
#define LP_CORE_SHADOW_H

#include "host.h"

struct lp_shadow_table;

struct lp_shadow_host {
	/*
	 * Zeroed memory, aligned for any type, or NULL. Only ever called with the lock held (deinit
	 * excepted). The tables come from here too, in powers of two: 32 bytes for each of 1.5 to 3
	 * times as many variables as there are.
	 */
	void *(*alloc)(void *host, size_t size);
	void (*free)(void *host, void *memory);
	/*
	 * Excludes other writers. A host that lets signal handlers alloc and free blocks all
	 * signals of the thread in lock() and restores them in unlock(), as the kernel turns
	 * interrupts off; the saved mask may lie in memory that the lock protects.
	 */
	void (*lock)(void *host);
	void (*unlock)(void *host);
};

/* The caller's storage, all of it ours. */
struct lp_shadow {
	const struct lp_shadow_host *host;
	void *host_data;
	uint64_t seed;
	struct lp_shadow_table *table; /* NULL before the first variable; readers follow it */
	char apart[64]; /* what writers write is in no cache line that readers read */
	size_t count;
};

/*
 * Prepares the zeroed data of a new variable. Anything but 0: there will be no variable. Runs with
 * the lock held and before anybody can see the variable; may call lp_shadow_get(), must return.
 */
typedef int lp_shadow_ctor(void *obj, void *data, void *ctor_data);
/* Runs with the lock held when the variable can no longer be found, before its memory is freed. */
typedef void lp_shadow_dtor(void *obj, void *data);

/*
 * seed: any number. If it is a secret, nobody who chooses objects and ids can choose them so that
 * they collide.
 */
void lp_shadow_init(struct lp_shadow *shadow, const struct lp_shadow_host *host, void *host_data,
		    uint64_t seed);
/* Frees all there is, without destructors. No other call is running, and none comes after it. */
void lp_shadow_deinit(struct lp_shadow *shadow);

/*
 * Data of the variable, or NULL: there is none. Never waits: it looks a second time only if another
 * thread has moved a variable since.
 */
void *lp_shadow_get(const struct lp_shadow *shadow, void *obj, unsigned long id);

/*
 * A new variable with size bytes of data, zeroed, then prepared by ctor (may be NULL). obj and id
 * may be anything, NULL and 0 too; size 0 gives a variable that only exists. Returns the data, or
 * NULL and nothing has changed: there is one already (ctor is not called), no memory, or ctor
 * failed. Six parameters, because the kernel's has them.
 */
void *lp_shadow_alloc(struct lp_shadow *shadow, void *obj, unsigned long id, size_t size,
		      lp_shadow_ctor *ctor, void *ctor_data);
/* The same, but gives the data of the one that exists. ctor is called once for each variable. */
void *lp_shadow_get_or_alloc(struct lp_shadow *shadow, void *obj, unsigned long id, size_t size,
			     lp_shadow_ctor *ctor, void *ctor_data);

/* Ends a variable if it exists. dtor: NULL for none. */
void lp_shadow_free(struct lp_shadow *shadow, void *obj, unsigned long id, lp_shadow_dtor *dtor);
/* Ends the variables with this id of all objects, one after the other. Walks the whole table. */
void lp_shadow_free_all(struct lp_shadow *shadow, unsigned long id, lp_shadow_dtor *dtor);

/* How many variables there are. */
size_t lp_shadow_count(const struct lp_shadow *shadow);

#endif
