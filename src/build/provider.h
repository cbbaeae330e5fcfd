/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * provider.h - which unit defines a name that another one uses: one of the same target, or else of
 * another. The diff may give one name to several: to a source of the program, and to a mock of
 * its tests.
 */
#ifndef LP_BUILD_PROVIDER_H
#define LP_BUILD_PROVIDER_H

#include "instance.h"

struct lp_provider {
	size_t instance; /* index */
	uint32_t symbol; /* of its patched object */
};

/*
 * 0: that unit has it anew; -ENOENT: none has, or the target has it already; -ENOTUNIQ: *provider and
 * another one have it, and which of them is meant cannot be told.
 */
int lp_provider_find(const struct lp_instance *instances, size_t count,
		     const struct lp_instance *by, const char *name, struct lp_provider *provider);

#endif
