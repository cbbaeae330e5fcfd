/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shadow_host.h - a host for tests of shadow variables: it checks that it is called with the lock
 * held, counts what is out, and fails the n-th allocation.
 */
#ifndef SHADOW_HOST_H
#define SHADOW_HOST_H

/* cmocka wants these first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "../../src/core/shadow.h"

struct shadow_fake {
	struct lp_shadow shadow;
	bool locked;
	unsigned int locks; /* taken so far */
	long fail_at; /* counts down with each allocation; the one that reaches 0 fails */
	long allocated; /* pieces of memory that are out */
	size_t bytes; /* asked for, all together */
};

static void *shadow_fake_alloc(void *host, size_t size)
{
	struct shadow_fake *fake = host;
	void *memory;

	assert_true(fake->locked);
	if (fake->fail_at && --fake->fail_at == 0)
		return NULL;
	memory = size == 0 || size > SIZE_MAX / 2 ? NULL : calloc(1, size);
	if (memory) {
		fake->allocated++;
		fake->bytes += size;
	}
	return memory;
}

static void shadow_fake_free(void *host, void *memory)
{
	struct shadow_fake *fake = host;

	assert_non_null(memory);
	fake->allocated--;
	free(memory);
}

static void shadow_fake_lock(void *host)
{
	struct shadow_fake *fake = host;

	assert_false(fake->locked);
	fake->locked = true;
	fake->locks++;
}

static void shadow_fake_unlock(void *host)
{
	struct shadow_fake *fake = host;

	assert_true(fake->locked);
	fake->locked = false;
}

static const struct lp_shadow_host shadow_fake_host = {
	.alloc = shadow_fake_alloc,
	.free = shadow_fake_free,
	.lock = shadow_fake_lock,
	.unlock = shadow_fake_unlock,
};

static inline void shadow_fake_init(struct shadow_fake *fake)
{
	*fake = (struct shadow_fake){ .fail_at = 0 };
	lp_shadow_init(&fake->shadow, &shadow_fake_host, fake, 42);
}

static inline void shadow_fake_deinit(struct shadow_fake *fake)
{
	lp_shadow_deinit(&fake->shadow);
	assert_int_equal(fake->allocated, 0);
	assert_false(fake->locked);
}

#endif
