/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel module compiles the core as one unit: no two of its files may define the same name.
 * Links with none of the core's own objects, or with a library of them.
 */
#include "core_host.h"

#include "../../src/core/blocker.c"
#include "../../src/core/callback.c"
#include "../../src/core/core.c"
#include "../../src/core/event.c"
#include "../../src/core/hold.c"
#include "../../src/core/object.c"
#include "../../src/core/pass.c"
#include "../../src/core/patch.c"
#include "../../src/core/reason.c"
#include "../../src/core/replace.c"
#include "../../src/core/shadow.c"
#include "../../src/core/site.c"
#include "../../src/core/state.c"
#include "../../src/core/transition.c"
#include "../../src/core/undo.c"

static void one_unit_works(void **state)
{
	struct fake *fake = fake_create(2);
	struct sample sample;

	(void)state;
	sample_init(&sample, "a", "f", 0);
	fake_apply(fake, &sample.patch);
	fake_disable(fake, "a");
	fake_destroy(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_unit_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
