/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "closure.h"

#include <errno.h>
#include <string.h>

#include "provider.h"

struct closure {
	struct lp_instance *instances;
	size_t n_instances;
	const struct lp_added *added;
	size_t n_added;
	const struct lp_report_to *report;
};

/* --- of one source by another ----------------------------------------------------------------- */

static int demand(const struct closure *c, const struct lp_instance *by, const char *name)
{
	struct lp_provider provider;
	int err = lp_provider_find(c->instances, c->n_instances, by, name, &provider);

	if (err == -ENOTUNIQ)
		return lp_report_refusal(
			c->report, "symbol-ambiguous",
			"%s uses %s, which the diff adds to %s and to another source: which of them %s "
			"is made of cannot be told",
			by->pair.name, name, c->instances[provider.instance].pair.name,
			by->target->elf->path);
	return err ? 0 : lp_instance_demand(&c->instances[provider.instance], name, c->report);
}

/* Names that included sections refer to and that other units have anew. 1: something was added. */
static int demand_all(const struct closure *c, const struct lp_instance *by)
{
	const struct lp_relobj *obj = &by->pair.new.obj;
	int added = 0;

	for (uint32_t i = 1; i < obj->n_sections; i++) {
		for (size_t k = 0; by->included[i] && k < obj->sections[i].n_relocs; k++) {
			const struct lp_symbol *symbol =
				&obj->symbols[obj->sections[i].relocs[k].symbol];
			int result = 0;

			if (symbol->section == SHN_UNDEF && *symbol->name)
				result = demand(c, by, symbol->name);
			if (result < 0)
				return result;
			added |= result;
		}
	}
	return added;
}

static int close_over_units(const struct closure *c)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < c->n_instances; i++) {
			int result = demand_all(c, &c->instances[i]);

			if (result < 0)
				return result;
			again |= result;
		}
	}
	return 0;
}

/* --- by what is added ------------------------------------------------------------------------- */

/*
 * Whose definition is meant: that of a source which a target was made of, or of a new one that is
 * part of the patch already; else any target's copy of a new one will do. *several: there is more
 * than one of the first kind.
 */
static struct lp_instance *choose(const struct closure *c, const char *name, bool *several)
{
	struct lp_instance *best = NULL;
	int best_rank = 0;

	*several = false;
	for (size_t i = 0; i < c->n_instances; i++) {
		struct lp_instance *instance = &c->instances[i];
		uint32_t symbol = lp_instance_new_symbol(instance, name);
		int rank;

		if (!symbol)
			continue;
		rank = instance->pair.old.obj.n_sections ||
				       instance->included[instance->pair.new.obj.symbols[symbol]
								  .section] ?
			       2 :
			       1;
		*several = rank == best_rank ? rank > 1 : rank < best_rank && *several;
		if (rank > best_rank) {
			best = instance;
			best_rank = rank;
		}
	}
	return best;
}

static int demand_by_added(const struct closure *c, const struct lp_added *added, const char *name)
{
	bool several;
	struct lp_instance *instance = choose(c, name, &several);
	int err;

	if (several)
		return lp_report_refusal(
			c->report, "symbol-ambiguous",
			"%s uses %s, which the diff defines in more than one of the "
			"targets: which is meant cannot be told",
			added->path, name);
	err = instance ? lp_instance_demand(instance, name, c->report) : 0;
	return err < 0 ? err : 0;
}

static int close_over_added(const struct closure *c)
{
	int err = 0;

	for (size_t i = 0; i < c->n_added; i++)
		for (uint32_t k = 1; k < c->added[i].obj.n_symbols && err != -ENOMEM; k++) {
			const struct lp_symbol *symbol = &c->added[i].obj.symbols[k];

			if (symbol->section == SHN_UNDEF && *symbol->name)
				err = demand_by_added(c, &c->added[i], symbol->name) ?: err;
		}
	return err;
}

int lp_closure_make(struct lp_instance *instances, size_t n_instances, const struct lp_added *added,
		    size_t n_added, const struct lp_report_to *report)
{
	const struct closure c = { instances, n_instances, added, n_added, report };
	int err = 0;

	for (size_t i = 0; i < n_instances && (!err || err == -ECANCELED); i++)
		err = lp_instance_include(&instances[i], report) ?: err;
	err = err ? err : close_over_units(&c);
	err = err ? err : close_over_added(&c);
	err = err ? err : close_over_units(&c);
	for (size_t i = 0; i < n_instances && (!err || err == -ECANCELED); i++)
		err = lp_instance_finish(&instances[i], report) ?: err;
	return err;
}
