/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The originals: found by name, checked for aliases, their entries planned.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "phase.h"

static int refuse_lookup(struct lp_pack_job *job, int err, const char *name, unsigned long sympos,
			 const struct lp_target *target)
{
	if (err == -ENOTUNIQ)
		return lp_pack_refuse(job, "symbol-ambiguous",
				      "%s has several symbols %s: say which with sympos",
				      target->elf->path, name);
	if (err != -ENOENT)
		return err;
	if (sympos)
		return lp_pack_refuse(job, "no-such-symbol", "%s has no %lu symbols %s",
				      target->elf->path, sympos, name);
	return lp_pack_refuse(
		job, "no-such-symbol", "%s has no symbol %s%s", target->elf->path, name,
		target->elf->has_symtab ?
			"" :
			"; its private symbols are in a debug file that is not there");
}

static int check_function(struct lp_pack_job *job, const struct lp_elf_symbol *symbol,
			  const struct lp_target *target)
{
	const struct lp_elf_section *section;

	if (symbol->type == STT_GNU_IFUNC)
		return lp_pack_refuse(job, "bad-patch",
				      "%s of %s is an indirect function (IFUNC): patch the "
				      "functions that it chooses from",
				      symbol->name, target->elf->path);
	section = symbol->type == STT_FUNC ? lp_elf_section_at(target->elf, symbol->addr) : NULL;
	if (!section || section->kind != LP_ELF_CODE)
		return lp_pack_refuse(job, "bad-patch", "%s of %s is not a function", symbol->name,
				      target->elf->path);
	return 0;
}

static struct lp_pack_function *function_at(struct lp_pack_job *job, const struct lp_target *target,
					    uint64_t addr)
{
	for (size_t i = 0; i < job->n_functions; i++)
		if (job->functions[i].target == target && job->functions[i].old->addr == addr)
			return &job->functions[i];
	return NULL;
}

static int find_function(struct lp_pack_job *job, const struct lp_described_function *described,
			 struct lp_target *target)
{
	struct lp_pack_function *other;
	const struct lp_elf_symbol *old = described->old;
	bool clones;
	int err = old ? 0 : lp_elf_find(target->elf, described->name, described->sympos, &old);

	if (err)
		return refuse_lookup(job, err, described->name, described->sympos, target);
	err = check_function(job, old, target);
	if (err)
		return err;
	other = function_at(job, target, old->addr);
	if (other && !strcmp(other->old->name, old->name))
		return lp_pack_refuse(job, "bad-patch", "%s is replaced twice", old->name);
	if (other)
		return 0; /* an alias; whether all agree is looked at when all are known */
	other = &job->functions[job->n_functions++];
	*other = (struct lp_pack_function){ .described = described,
					    .target = target,
					    .old = old,
					    .new_symbol = described->new_symbol };
	err = lp_pack_target_code(target);
	err = err ? err :
		    lp_pack_find_parts(target->elf, target->code, old, &other->parts,
				       &other->n_parts, &clones);
	if (!err && clones)
		lp_pack_say(job, LP_WARNING,
			    "%s has clones in %s (.constprop, .isra) that keep the old code: "
			    "replace them too if they need the change",
			    old->name, target->elf->path);
	return err;
}

/* The replacement that the patch gives to this alias, 0: none. */
static uint32_t alias_replacement(struct lp_pack_job *job, const struct lp_target *target,
				  const struct lp_elf_symbol *alias)
{
	for (size_t i = 0; i < job->description.n_objects; i++) {
		const struct lp_described_object *object = &job->description.objects[i];

		if (object->name ? !lp_elf_named(target->elf, object->name) :
				   !target->elf->executable)
			continue;
		for (size_t k = 0; k < object->n_functions; k++) {
			const struct lp_described_function *function = &object->functions[k];
			const struct lp_elf_symbol *symbol;

			if (!lp_elf_find(target->elf, function->name, function->sympos, &symbol) &&
			    symbol == alias)
				return function->new_symbol;
		}
	}
	return 0;
}

static int check_aliases(struct lp_pack_job *job, const struct lp_pack_function *function)
{
	const struct lp_symbol *symbols = job->obj.symbols;
	const struct lp_symbol *wanted = &symbols[function->new_symbol];
	const struct lp_elf_symbol *const *at;
	size_t count;
	int err = 0;

	at = lp_elf_symbols_at(function->target->elf, function->old->addr, &count);
	for (size_t i = 0; i < count; i++) {
		const struct lp_symbol *given;

		if ((at[i]->type != STT_FUNC && at[i]->type != STT_GNU_IFUNC) ||
		    !strcmp(at[i]->name, function->old->name))
			continue;
		given = &symbols[alias_replacement(job, function->target, at[i])];
		if (given->section != wanted->section || given->value != wanted->value)
			err = lp_pack_refuse(job, "aliased-function",
					     "%s is at the same address as %s: both must be "
					     "replaced, and by the same function",
					     at[i]->name, function->old->name);
	}
	return err;
}

static int find_hold(struct lp_pack_job *job, const char *name)
{
	const struct lp_elf_symbol *symbol = NULL;
	struct lp_target *target = NULL;

	for (size_t i = 0; i < job->n_targets; i++) {
		const struct lp_elf_symbol *found;
		int err = lp_elf_find(job->targets[i].elf, name, 0, &found);

		if (err == -ENOENT)
			continue;
		if (err)
			return refuse_lookup(job, err, name, 0, &job->targets[i]);
		if (target)
			return lp_pack_refuse(job, "symbol-ambiguous",
					      "held function %s is in %s and in %s", name,
					      target->elf->path, job->targets[i].elf->path);
		symbol = found;
		target = &job->targets[i];
	}
	if (!target)
		return lp_pack_refuse(job, "no-such-symbol", "no target has a function %s to hold",
				      name);
	if (check_function(job, symbol, target))
		return -ECANCELED;
	if (!symbol->size)
		return lp_pack_refuse(job, "function-too-short",
				      "held function %s: its symbol has no size", name);
	job->holds[job->n_holds++] = (struct lp_pack_hold){ name, target, symbol->addr,
							    symbol->size };
	return lp_pack_use_target(job, target);
}

/* The pieces of a held function are held with it. */
static int find_hold_parts(struct lp_pack_job *job, struct lp_pack_hold hold)
{
	struct lp_elf_symbol symbol = { .name = hold.name, .addr = hold.addr, .size = hold.size };
	struct lp_file_part *parts;
	struct lp_pack_hold *list;
	size_t count;
	bool clones;
	int err = lp_pack_target_code(hold.target);

	err = err ? err :
		    lp_pack_find_parts(hold.target->elf, hold.target->code, &symbol, &parts, &count,
				       &clones);
	if (err || !count)
		return err;
	list = realloc(job->holds, (job->n_holds + count) * sizeof(*list));
	if (list) {
		job->holds = list;
		for (size_t i = 0; i < count; i++)
			list[job->n_holds++] = (struct lp_pack_hold){ hold.name, hold.target,
								      parts[i].addr,
								      parts[i].size };
	}
	free(parts);
	return list ? 0 : -ENOMEM;
}

static int find_holds(struct lp_pack_job *job)
{
	const struct lp_description *d = &job->description;
	int err = 0;

	job->holds = calloc(d->n_holds + 1, sizeof(*job->holds));
	if (!job->holds)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_holds; i++)
		err = find_hold(job, d->holds[i]) ?: err;
	for (size_t i = 0, named = job->n_holds; i < named && !err; i++)
		err = find_hold_parts(job, job->holds[i]);
	return err;
}

static int compare_functions(const void *a, const void *b)
{
	const struct lp_pack_function *x = a, *y = b;

	if (x->target->object != y->target->object)
		return x->target->object < y->target->object ? -1 : 1;
	return x->described < y->described ? -1 : x->described > y->described;
}

int lp_pack_find_functions(struct lp_pack_job *job)
{
	const struct lp_description *d = &job->description;
	size_t total = 0;
	int err = 0;

	for (size_t i = 0; i < d->n_objects; i++)
		total += d->objects[i].n_functions;
	job->functions = calloc(total + 1, sizeof(*job->functions));
	if (!job->functions)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_objects; i++) {
		struct lp_target *target;

		err = lp_pack_find_target(job, d->objects[i].name, &target) ?: err;
		for (size_t k = 0; k < d->objects[i].n_functions && !err; k++)
			err = find_function(job, &d->objects[i].functions[k], target);
	}
	for (size_t i = 0; i < job->n_functions && !err; i++)
		err = check_aliases(job, &job->functions[i]);
	err = err ? err : find_holds(job);
	qsort(job->functions, job->n_functions, sizeof(*job->functions), compare_functions);
	return err;
}

int lp_pack_plan_entries(struct lp_pack_job *job)
{
	int err = 0;

	for (size_t i = 0; i < job->n_functions; i++) {
		struct lp_pack_function *function = &job->functions[i];
		struct lp_entry_function subject = {
			.name = function->old->name,
			.addr = function->old->addr,
			.size = function->old->size,
			.parts = function->parts,
			.n_parts = function->n_parts,
		};
		int result = lp_entry_plan(&function->entry, function->target->code, &subject,
					   &function->target->claims, &job->refusal);

		if (result == -ECANCELED)
			lp_pack_report_refusal(job);
		err = err ? err : result;
	}
	return err;
}
