/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "added.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_defined(const struct lp_symbol *symbol)
{
	return symbol->section != SHN_UNDEF && symbol->binding != STB_LOCAL && *symbol->name;
}

uint32_t lp_added_find(const struct lp_added *added, const char *name)
{
	for (uint32_t i = 1; i < added->obj.n_symbols; i++)
		if (is_defined(&added->obj.symbols[i]) && !strcmp(added->obj.symbols[i].name, name))
			return i;
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct lp_symbol *find_undefined(struct lp_relobj *obj, const char *name)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == SHN_UNDEF && !strcmp(obj->symbols[i].name, name))
			return &obj->symbols[i];
	return NULL;
}

/* What KLP_EXTERN() says holds for this file: elsewhere the name may mean something else. */
static int make_externs_own(struct lp_added *added)
{
	struct lp_description *d = &added->description;
	size_t count = 0;

	for (size_t i = 0; i < d->n_externs; i++) {
		struct lp_symbol *symbol = find_undefined(&added->obj, d->externs[i].local);
		char *name;

		if (!symbol)
			continue; /* not used */
		if (asprintf(&name, "%s:%s", added->path, symbol->name) < 0)
			return -ENOMEM;
		free(symbol->name);
		symbol->name = name;
		d->externs[count] = d->externs[i];
		d->externs[count++].local = name;
	}
	d->n_externs = count;
	return 0;
}

static bool is_lto(const struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_sections; i++)
		if (!strncmp(obj->sections[i].name, ".gnu.lto_", strlen(".gnu.lto_")))
			return true;
	return false;
}

static int read_object(struct lp_added *added, struct lp_pack_job *job)
{
	int err = lp_relobj_open(&added->obj, added->object_path, &job->refusal);

	err = err ? err :
		    lp_description_open(&added->description, &added->obj, added->object_path, true,
					&job->refusal);
	if (err == -ECANCELED)
		return lp_pack_refuse(job, job->refusal.reason, "%s: %s", added->path,
				      job->refusal.text);
	if (err && err != -ENOMEM)
		return lp_pack_refuse(job, "bad-patch", "%s: %s", added->path, strerror(-err));
	if (!err && is_lto(&added->obj))
		return lp_pack_refuse(job, "bad-patch",
				      "%s holds code for link-time optimisation; compile it with "
				      "-fno-lto",
				      added->path);
	return err ? err : make_externs_own(added);
}

static int open_one(struct lp_added *added, struct lp_pack_job *job, const char *path,
		    const char *work, size_t number)
{
	bool compiled = lp_pack_is_object(path);
	int err = 0;

	*added = (struct lp_added){ .path = path };
	if (compiled)
		added->object_path = strdup(path);
	else if (asprintf(&added->object_path, "%s/added.%zu.o", work, number) < 0)
		added->object_path = NULL;
	if (!added->object_path)
		return -ENOMEM;
	if (!compiled)
		err = lp_pack_compile(job, path, added->object_path);
	return err ? err : read_object(added, job);
}

void lp_added_close(struct lp_added *added)
{
	lp_description_close(&added->description);
	lp_relobj_close(&added->obj);
	free(added->object_path);
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool has_patch(const struct lp_added *added)
{
	return lp_relobj_section(&added->obj, ".suture.patch");
}

static bool is_target(const struct lp_pack_job *job, const char *name)
{
	for (size_t i = 0; i < job->n_targets; i++) {
		const struct lp_elf *elf = job->targets[i].elf;

		if (name ? lp_elf_named(elf, name) : elf->executable)
			return true;
	}
	return false;
}

static int check_objects(struct lp_pack_job *job, const struct lp_added *added)
{
	int err = 0;

	for (size_t i = 0; i < added->description.n_objects; i++) {
		const char *name = added->description.objects[i].name;

		if (!is_target(job, name))
			err = lp_pack_refuse(
				job, "no-such-object",
				"%s: the patch has an object for %s, which no --target is",
				added->path, name ? name : "the program");
	}
	return err;
}

static int check_all(struct lp_pack_job *job, const struct lp_added *added, size_t count)
{
	const struct lp_added *first = NULL;
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		if (!has_patch(&added[i]))
			continue;
		if (first)
			err = lp_pack_refuse(job, "bad-patch",
					     "%s and %s both have a KLP_PATCH(): a patch has one",
					     first->path, added[i].path);
		first = &added[i];
		err = check_objects(job, first) ?: err;
	}
	return err;
}

int lp_added_open_all(struct lp_added *added, size_t count, struct lp_pack_job *job,
		      const char *const *paths, const char *work)
{
	int err = 0;

	for (size_t i = 0; i < count && (!err || err == -ECANCELED); i++)
		err = open_one(&added[i], job, paths[i], work, i) ?: err;
	return err ? err : check_all(job, added, count);
}

/* Who has the name already, or NULL. */
static const char *find_in_target(const struct lp_elf *elf, const char *name)
{
	const struct lp_elf_symbol *found;

	if (lp_elf_find(elf, name, 0, &found) != -ENOENT)
		return elf->path;
	for (size_t i = 0; i < elf->n_imports; i++)
		if (!strcmp(elf->imports[i].name, name))
			return elf->path;
	return NULL;
}

/* old: what a name means in the program as it is, also where it is stripped. */
static bool object_has(const struct lp_relobj *obj, bool old, const char *name)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].binding != STB_LOCAL &&
		    (old || obj->symbols[i].section != SHN_UNDEF) &&
		    !strcmp(obj->symbols[i].name, name))
			return true;
	return false;
}

static const char *find_owner(const struct lp_pack_job *job, const struct lp_added *before,
			      size_t n_before, const struct lp_instance *instances,
			      size_t n_instances, const char *name)
{
	const char *owner = NULL;

	for (size_t i = 0; i < n_before && !owner; i++)
		owner = lp_added_find(&before[i], name) ? before[i].path : NULL;
	for (size_t i = 0; i < n_instances && !owner; i++)
		if (object_has(&instances[i].pair.old.obj, true, name) ||
		    object_has(&instances[i].pair.new.obj, false, name))
			owner = instances[i].pair.name;
	for (size_t i = 0; i < job->n_targets && !owner; i++)
		owner = find_in_target(job->targets[i].elf, name);
	return owner;
}

int lp_added_check_names(struct lp_pack_job *job, const struct lp_added *added, size_t count,
			 const struct lp_instance *instances, size_t n_instances)
{
	int err = 0;

	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 1; k < added[i].obj.n_symbols; k++) {
			const struct lp_symbol *symbol = &added[i].obj.symbols[k];
			const char *owner;

			if (!is_defined(symbol))
				continue;
			owner = find_owner(job, added, i, instances, n_instances, symbol->name);
			if (owner)
				err = lp_pack_refuse(job, "bad-patch",
						     "%s defines %s, and %s has one too: make it "
						     "static, or give it another name",
						     added[i].path, symbol->name, owner);
		}
	return err;
}
