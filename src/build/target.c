/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <suture/lpfile.h>

#include "phase.h"

static const char *debug_file_for(struct lp_pack_job *job, const char *path)
{
	uint8_t id[LP_ELF_BUILD_ID_MAX], other[LP_ELF_BUILD_ID_MAX];
	int size = lp_elf_build_id(path, id);

	for (size_t i = 0; size > 0 && i < job->options->n_debug_files; i++)
		if (lp_elf_build_id(job->options->debug_files[i], other) == size &&
		    !memcmp(id, other, (size_t)size))
			return job->options->debug_files[i];
	return NULL;
}

static int open_target(struct lp_pack_job *job, const char *path, struct lp_target *target)
{
	int err = lp_elf_open(&target->elf, path, debug_file_for(job, path));

	target->object = LP_SYMBOL_NO_OBJECT;
	if (err == -EBADMSG)
		return lp_pack_refuse(job, "unsupported-target",
				      "%s is not an x86-64 program or shared object", path);
	if (err)
		return lp_pack_refuse(job, "no-such-object", "%s: %s", path, strerror(-err));
	if (target->elf->build_id_size < 4)
		return lp_pack_refuse(job, "unsupported-target",
				      "%s has no build-id, so a patch cannot be bound to it", path);
	if (!target->elf->has_symtab)
		lp_pack_say(job, LP_NOTE,
			    "%s has no symbol table and no debug file: only its exported symbols "
			    "are known",
			    path);
	return 0;
}

int lp_pack_open_targets(struct lp_pack_job *job)
{
	const struct lp_pack_options *options = job->options;
	int err = 0;

	job->targets = calloc(options->n_targets + 1, sizeof(*job->targets));
	job->objects = calloc(options->n_targets + 1, sizeof(struct lp_target *));
	if (!job->targets || !job->objects)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_targets && (!err || err == -ECANCELED); i++) {
		int result = open_target(job, options->targets[i], &job->targets[i]);

		job->n_targets++;
		err = err ? err : result;
	}
	return err;
}

int lp_pack_use_target(struct lp_pack_job *job, struct lp_target *target)
{
	if (target->object != LP_SYMBOL_NO_OBJECT)
		return 0;
	if (!target->elf->executable && !target->name)
		target->name = target->elf->soname ? target->elf->soname : target->elf->name;
	target->object = job->n_objects;
	job->objects[job->n_objects++] = target;
	return 0;
}

int lp_pack_find_target(struct lp_pack_job *job, const char *name, struct lp_target **target)
{
	struct lp_target *found = NULL;

	for (size_t i = 0; i < job->n_targets; i++) {
		struct lp_elf *elf = job->targets[i].elf;

		if (name ? !lp_elf_named(elf, name) : !elf->executable)
			continue;
		if (found)
			return lp_pack_refuse(job, "symbol-ambiguous",
					      "both %s and %s are called %s", found->elf->path,
					      elf->path, name ? name : "the program");
		found = &job->targets[i];
	}
	if (!found)
		return lp_pack_refuse(job, "no-such-object", "no --target is called %s",
				      name ? name : "the program");
	/* the name the author gave is the one that the agent looks for */
	if (!found->name && !found->elf->executable)
		found->name = name;
	*target = found;
	return lp_pack_use_target(job, found);
}

int lp_pack_target_code(struct lp_target *target)
{
	return target->code ? 0 : lp_code_create(&target->code, target->elf);
}
