/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symbols that the patch does not define: private ones of its targets become livepatch symbols,
 * public ones are left to the running process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <suture/lpfile.h>

#include "linkage.h"
#include "phase.h"

static const struct lp_described_extern *find_extern(const struct lp_pack_job *job,
						     const char *name)
{
	for (size_t i = 0; i < job->description.n_externs; i++)
		if (!strcmp(job->description.externs[i].local, name))
			return &job->description.externs[i];
	return NULL;
}

static int rename_symbol(struct lp_symbol *symbol, char *name)
{
	if (!name)
		return -ENOMEM;
	free(symbol->name);
	symbol->name = name;
	return 0;
}

static int make_livepatch(struct lp_pack_job *job, struct lp_symbol *symbol,
			  struct lp_target *target, const struct lp_elf_symbol *found,
			  unsigned long sympos)
{
	char *name;

	if (found->type == STT_GNU_IFUNC)
		return lp_pack_refuse(job, "bad-patch",
				      "%s of %s is an indirect function (IFUNC), which cannot be "
				      "bound to; use one of the functions that it chooses from",
				      found->name, target->elf->path);
	lp_pack_use_target(job, target);
	if (asprintf(&name, ".klp.sym.%s.%s,%lu", target->name ? target->name : LP_PROGRAM_NAME,
		     found->name, sympos) < 0)
		return -ENOMEM;
	symbol->object = target->object;
	symbol->value = found->addr;
	symbol->size = found->size;
	symbol->type = found->type;
	symbol->binding = STB_GLOBAL;
	symbol->visibility = STV_DEFAULT;
	return rename_symbol(symbol, name);
}

static int resolve_extern(struct lp_pack_job *job, struct lp_symbol *symbol,
			  const struct lp_described_extern *described)
{
	const struct lp_elf_symbol *found;
	struct lp_target *target;
	int err = lp_pack_find_target(job, described->object, &target);

	if (err)
		return err;
	err = lp_elf_find(target->elf, described->name, described->sympos, &found);
	if (err == -ENOENT)
		return lp_pack_refuse(job, "no-such-symbol", "KLP_EXTERN(%s): %s has no symbol %s",
				      described->local, target->elf->path, described->name);
	if (err == -ENOTUNIQ)
		return lp_pack_refuse(job, "symbol-ambiguous",
				      "KLP_EXTERN(%s): %s has several symbols %s: say which with "
				      "sympos",
				      described->local, target->elf->path, described->name);
	return err ? err : make_livepatch(job, symbol, target, found, described->sympos);
}

/* Whether the dynamic linker would find it: then it is found in the process, as the target does. */
static bool is_public(const struct lp_elf_symbol *symbol)
{
	return symbol->exported && symbol->binding != STB_LOCAL && symbol->type != STT_TLS &&
	       (symbol->visibility == STV_DEFAULT || symbol->visibility == STV_PROTECTED);
}

static int search_targets(struct lp_pack_job *job, const char *name, struct lp_target **target,
			  const struct lp_elf_symbol **found)
{
	*target = NULL;
	for (size_t i = 0; i < job->n_targets; i++) {
		const struct lp_elf_symbol *symbol;
		int err = lp_elf_find(job->targets[i].elf, name, 0, &symbol);

		if (err == -ENOENT)
			continue;
		if (err && err != -ENOTUNIQ)
			return err;
		if (err || *target)
			return lp_pack_refuse(job, "symbol-ambiguous",
					      "%s is defined more than once in the targets (%s): "
					      "say which with KLP_EXTERN()",
					      name, job->targets[i].elf->path);
		*target = &job->targets[i];
		*found = symbol;
	}
	return 0;
}

/*
 * Thread-local variables of other targets are reached by their offset; all else that the linker
 * would find in another object, the process tells.
 */
static int search_others(struct lp_pack_job *job, const struct lp_target *asker, const char *name,
			 struct lp_target **target, const struct lp_elf_symbol **found)
{
	*target = NULL;
	for (size_t i = 0; i < job->n_targets; i++) {
		const struct lp_elf_symbol *symbol;

		if (&job->targets[i] == asker ||
		    lp_elf_find(job->targets[i].elf, name, 0, &symbol) || !symbol->exported ||
		    symbol->type != STT_TLS)
			continue;
		if (*target)
			return lp_pack_refuse(job, "symbol-ambiguous",
					      "%s is defined more than once in the targets (%s)",
					      name, job->targets[i].elf->path);
		*target = &job->targets[i];
		*found = symbol;
	}
	return 0;
}

/* As the linker has bound the names of the target's own sources. */
static int search_linked(struct lp_pack_job *job, const struct lp_symbol *symbol,
			 struct lp_target **target, const struct lp_elf_symbol **found)
{
	struct lp_target *asker = &job->targets[symbol->asked_by - 1];
	int err = lp_linkage_find(asker->elf, symbol->name, symbol->inside, found);

	*target = asker;
	if (err == -ENOENT)
		return search_others(job, asker, symbol->name, target, found);
	if (err == -ENOTUNIQ)
		return lp_pack_refuse(
			job, "symbol-ambiguous",
			"%s, which the new code uses, may be one of %s that only one of its sources "
			"knows, or not: its debug information would tell",
			symbol->name, asker->elf->path);
	return err;
}

/* The version that a target asks for is the one the patch means; its own, if it asks for one. */
static int add_version(struct lp_pack_job *job, struct lp_symbol *symbol)
{
	const char *version = NULL;
	char *name;

	if (symbol->asked_by)
		version = lp_elf_import_version(job->targets[symbol->asked_by - 1].elf,
						symbol->name);
	for (size_t i = 0; !version && i < job->n_targets; i++)
		version = lp_elf_import_version(job->targets[i].elf, symbol->name);
	if (!version)
		return 0;
	if (asprintf(&name, "%s@%s", symbol->name, version) < 0)
		return -ENOMEM;
	return rename_symbol(symbol, name);
}

/* __divti3, __mulxc3, __floattidf: libgcc's arithmetic, which each program has what it needs of. */
static bool is_arithmetic(const char *name)
{
	static const char *const modes[] = { "ti", "di", "si", "sf", "df", "xf",
					     "tf", "sc", "dc", "xc", "tc" };
	size_t length = strlen(name);

	if (length < 6 || strncmp(name, "__", 2) != 0)
		return false;
	if (strncmp(name, "__float", 7) != 0 && strncmp(name, "__fix", 5) != 0) {
		if (name[length - 1] < '2' || name[length - 1] > '4')
			return false;
		length--;
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strncmp(name + length - 2, modes[i], 2))
			return true;
	return false;
}

/* Where nothing of the targets asks for the shared libgcc_s, it is mostly not in the process. */
static bool has_run_time(const struct lp_pack_job *job, const char *name)
{
	for (size_t i = 0; i < job->n_targets; i++)
		if (lp_elf_import_version(job->targets[i].elf, name) ||
		    lp_elf_import_version(job->targets[i].elf, "_Unwind_Resume"))
			return true;
	return false;
}

static int resolve_symbol(struct lp_pack_job *job, struct lp_symbol *symbol)
{
	const struct lp_described_extern *described = find_extern(job, symbol->name);
	const struct lp_elf_symbol *found;
	struct lp_target *target;
	int err;

	if (described)
		return resolve_extern(job, symbol, described);
	if (strchr(symbol->name, '@') || !strcmp(symbol->name, "__tls_get_addr"))
		return 0; /* a version of the author's choice; a name that the agent knows */
	err = symbol->asked_by ? search_linked(job, symbol, &target, &found) :
				 search_targets(job, symbol->name, &target, &found);
	if (err)
		return err;
	if (!target && is_arithmetic(symbol->name) && !has_run_time(job, symbol->name))
		return lp_pack_refuse(
			job, "no-such-symbol",
			"the compiler calls %s for arithmetic of the new code (of 128 bits, say), "
			"and the targets do not have that function of libgcc: take its object "
			"out of libgcc.a, and --add it",
			symbol->name);
	if (!target)
		return add_version(job, symbol);
	if (is_public(found))
		return 0;
	lp_pack_say(job, LP_NOTE, "%s is bound to the private symbol of %s", symbol->name,
		    target->elf->path);
	return make_livepatch(job, symbol, target, found, 0);
}

static void mark_referenced(const struct lp_relobj *obj, bool *referenced)
{
	for (uint32_t i = 1; i < obj->n_sections; i++)
		for (size_t k = 0; obj->sections[i].keep && k < obj->sections[i].n_relocs; k++)
			referenced[obj->sections[i].relocs[k].symbol] = true;
}

int lp_pack_resolve(struct lp_pack_job *job)
{
	struct lp_relobj *obj = &job->obj;
	bool *referenced = calloc(obj->n_symbols + 1, sizeof(*referenced));
	int err = 0;

	if (!referenced)
		return -ENOMEM;
	mark_referenced(obj, referenced);
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (referenced[i] && obj->symbols[i].section == SHN_UNDEF &&
		    obj->symbols[i].object == LP_SYMBOL_NO_OBJECT && *obj->symbols[i].name)
			err = resolve_symbol(job, &obj->symbols[i]) ?: err;
	free(referenced);
	return err;
}
