/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "provider.h"

#include <errno.h>
#include <string.h>

/* How sure it is that the target is made of the unit. */
enum rank {
	OF_ANOTHER,
	PERHAPS, /* a new source, or one that had no code: there is nothing to recognise */
	RECOGNISED,
};

static enum rank rank_of(const struct lp_instance *instance)
{
	if (instance->elsewhere)
		return OF_ANOTHER;
	if (instance->binding.n_matched)
		return RECOGNISED;
	return instance->binding.n_code ? OF_ANOTHER : PERHAPS;
}

static uint32_t find_global(const struct lp_relobj *obj, const char *name)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section != SHN_UNDEF &&
		    obj->symbols[i].section < obj->n_sections &&
		    obj->symbols[i].binding != STB_LOCAL && !strcmp(obj->symbols[i].name, name))
			return i;
	return 0;
}

/* The linker prefers a definition that is not weak; of weak ones, which are the same, any will do. */
static int weight_of(const struct lp_instance *instance, uint32_t symbol)
{
	return 2 * (int)rank_of(instance) +
	       (instance->pair.new.obj.symbols[symbol].binding != STB_WEAK);
}

/* Of other targets only what certainly is part of them. */
static bool is_candidate(const struct lp_instance *instance, const struct lp_instance *by, bool own)
{
	return instance != by && (instance->target == by->target) == own &&
	       rank_of(instance) >= (own ? PERHAPS : RECOGNISED);
}

static int find(const struct lp_instance *instances, size_t count, const struct lp_instance *by,
		const char *name, bool own, struct lp_provider *provider)
{
	struct lp_provider best = { 0 };
	int best_weight = 0;
	bool several = false;

	for (size_t i = 0; i < count; i++) {
		const struct lp_relobj *obj = &instances[i].pair.new.obj;
		uint32_t symbol = is_candidate(&instances[i], by, own) ? find_global(obj, name) : 0;
		int weight;

		/* what is hidden is for its own target */
		if (!symbol || (!own && obj->symbols[symbol].visibility != STV_DEFAULT))
			continue;
		weight = weight_of(&instances[i], symbol);
		if (weight == best_weight)
			several |= weight & 1;
		if (weight <= best_weight)
			continue;
		best = (struct lp_provider){ i, symbol };
		best_weight = weight;
		several = false;
	}
	if (!best_weight)
		return -ENOENT;
	*provider = best;
	return several ? -ENOTUNIQ : 0;
}

int lp_provider_find(const struct lp_instance *instances, size_t count,
		     const struct lp_instance *by, const char *name, struct lp_provider *provider)
{
	struct lp_provider found = { 0 };
	const struct lp_half *half;
	int err = find(instances, count, by, name, true, &found);

	if (err == -ENOENT)
		err = find(instances, count, by, name, false, &found);
	if (err == -ENOENT)
		return err;
	half = &instances[found.instance].pair.new;
	if (!err && half->twin[half->obj.symbols[found.symbol].section])
		return -ENOENT;
	*provider = found;
	return err;
}
