/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "disk.h"
#include "renumber.h"
#include "unit_job.h"

static const char *const side_names[] = { "original", "patched" };

const struct lp_compilation *lp_unit_pair_compilation(const struct lp_unit_pair *pair,
						      enum lp_tree_side side)
{
	return pair->compilations[side] ? pair->compilations[side] : pair->compilations[!side];
}

char *lp_unit_job_object(const struct lp_unit_job *job, size_t pair, enum lp_tree_side side)
{
	return lp_disk_format("%s/%s/%zu.o", job->tree.work, side_names[side], pair);
}

static char *in_side(const struct lp_unit_job *job, enum lp_tree_side side, const char *name)
{
	char *directory = lp_tree_directory(&job->tree, side);
	char *path = directory ? lp_disk_format("%s/%s", directory, name) : NULL;

	free(directory);
	return path;
}

static bool is_touched(const struct lp_unit_job *job, const char *source)
{
	const char *name = lp_disk_below(source, job->tree.path);

	for (size_t i = 0; name && i < job->fix.files.count; i++)
		if (!strcmp(job->fix.files.list[i], name))
			return true;
	return false;
}

/*
 * The build has compiled it again, and made the same object as before: nothing of the diff is in
 * it. Builds with coarse dependencies have hundreds of these. The object of before may be one that
 * the user has left there, so for what the diff itself changes it is not believed.
 */
static int drop_if_same(struct lp_unit_job *job, struct lp_unit_pair *pair)
{
	const struct lp_compilation *one = pair->compilations[LP_TREE_PATCHED];
	const char *name = one ? lp_disk_below(one->output, job->tree.path) : NULL;
	char *original, *patched;
	int err = 0;

	if (!name || one->links || pair->shares_output ||
	    (!job->recorded_original && is_touched(job, one->source)))
		return 0;
	original = in_side(job, LP_TREE_ORIGINAL, name);
	patched = in_side(job, LP_TREE_PATCHED, name);
	if (!original || !patched)
		err = -ENOMEM;
	else
		pair->dropped = lp_disk_same(original, patched);
	free(original);
	free(patched);
	return err;
}

/* Both lists are sorted. */
int lp_unit_job_pair(struct lp_unit_job *job)
{
	const struct lp_compilations *original = &job->compilations[LP_TREE_ORIGINAL];
	const struct lp_compilations *patched = &job->compilations[LP_TREE_PATCHED];
	size_t a = 0, b = 0, n = 0;
	int err = 0;

	job->pairs = calloc(original->count + patched->count + 1, sizeof(*job->pairs));
	if (!job->pairs)
		return -ENOMEM;
	while (a < original->count || b < patched->count) {
		struct lp_unit_pair *pair = &job->pairs[n++];
		int order = a == original->count ?
				    1 :
			    b == patched->count ?
				    -1 :
				    lp_compilation_compare(&original->list[a], &patched->list[b]);

		if (order <= 0)
			pair->compilations[LP_TREE_ORIGINAL] = &original->list[a++];
		if (order >= 0)
			pair->compilations[LP_TREE_PATCHED] = &patched->list[b++];
	}
	job->n_pairs = n;
	for (size_t i = 1; i < n; i++) {
		struct lp_unit_pair *pair = &job->pairs[i];

		if (strcmp(lp_unit_pair_compilation(pair, LP_TREE_PATCHED)->output,
			   lp_unit_pair_compilation(pair - 1, LP_TREE_PATCHED)->output))
			continue;
		pair->shares_output = pair[-1].shares_output = true;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = drop_if_same(job, &job->pairs[i]);
	return err;
}

static bool is_renumbered(const struct lp_unit_job *job, const char *path)
{
	for (size_t i = 0; i < job->n_renumbered; i++)
		if (!strcmp(job->renumbered[i].path, path))
			return true;
	return false;
}

static int remember(struct lp_unit_job *job, const char *path, char *text, size_t size)
{
	struct lp_unit_text *list = realloc(job->renumbered,
					    (job->n_renumbered + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	job->renumbered = list;
	list[job->n_renumbered] = (struct lp_unit_text){ .path = strdup(path),
							 .text = text,
							 .size = size };
	if (!list[job->n_renumbered].path)
		return -ENOMEM;
	job->n_renumbered++;
	return 0;
}

static int renumber_paths(struct lp_unit_job *job, const char *original, const char *patched)
{
	char *old = NULL, *new = NULL, *text = NULL;
	size_t old_size, new_size, size;
	int err = 0;

	/* a file that is new or gone keeps its numbers */
	if (lp_disk_read(original, &old, &old_size) || lp_disk_read(patched, &new, &new_size))
		goto out;
	if (old_size == new_size && !memcmp(old, new, old_size))
		goto out;
	err = lp_renumber(old, old_size, new, new_size, &text, &size);
	err = err ? err : remember(job, patched, new, new_size);
	if (!err) {
		new = NULL;
		err = lp_disk_write(patched, text, size);
	}
out:
	free(old);
	free(new);
	free(text);
	return err;
}

static int renumber(struct lp_unit_job *job, const char *name)
{
	char *original = in_side(job, LP_TREE_ORIGINAL, name);
	char *patched = in_side(job, LP_TREE_PATCHED, name);
	int err = original && patched ? 0 : -ENOMEM;

	if (!err && !is_renumbered(job, patched))
		err = renumber_paths(job, original, patched);
	free(original);
	free(patched);
	return err;
}

int lp_unit_job_renumber(struct lp_unit_job *job)
{
	int err = 0;

	for (size_t i = 0; !err && i < job->fix.files.count; i++)
		if (lp_fix_is_c(job->fix.files.list[i]))
			err = renumber(job, job->fix.files.list[i]);
	for (size_t i = 0; !err && i < job->n_pairs; i++) {
		const struct lp_compilation *one = lp_unit_pair_compilation(&job->pairs[i],
									    LP_TREE_PATCHED);
		const char *name = lp_disk_below(one->source, job->tree.path);

		if (name && *name && !one->assembler)
			err = renumber(job, name);
	}
	return err;
}

int lp_unit_job_own_numbers(struct lp_unit_job *job)
{
	int err = 0;

	for (size_t i = 0; i < job->n_renumbered; i++) {
		struct lp_unit_text *one = &job->renumbered[i];

		err = err ? err : lp_disk_write(one->path, one->text, one->size);
		free(one->path);
		free(one->text);
	}
	job->n_renumbered = 0;
	return err;
}

/* The name by which the user knows a file. */
static const char *known_as(const struct lp_unit_job *job, const char *path)
{
	const char *name = lp_disk_below(path, job->tree.path);

	return name && *name ? name : path;
}

static int check_assembler(struct lp_unit_job *job, size_t i)
{
	struct lp_unit_pair *pair = &job->pairs[i];
	char *original = lp_unit_job_object(job, i, LP_TREE_ORIGINAL);
	char *patched = lp_unit_job_object(job, i, LP_TREE_PATCHED);
	const struct lp_compilation *one = lp_unit_pair_compilation(pair, LP_TREE_PATCHED);
	bool same = original && patched && pair->done[LP_TREE_ORIGINAL] &&
		    pair->done[LP_TREE_PATCHED] && lp_disk_same(original, patched);

	free(original);
	free(patched);
	if (!same)
		return lp_unit_job_refuse(job, "asm-changed", "changed hand-written assembler: %s",
					  known_as(job, one->source));
	pair->dropped = true;
	return 0;
}

static bool is_compiled(const struct lp_unit_job *job, const char *name)
{
	for (size_t i = 0; i < job->n_pairs; i++)
		if (!strcmp(known_as(job, lp_unit_pair_compilation(&job->pairs[i], LP_TREE_PATCHED)
						  ->source),
			    name))
			return true;
	return false;
}

/* A file that says what is built, and that make does not look at by itself. */
static bool is_configuration(const char *name)
{
	static const char *const ends[] = { "c",  "cc",	 "cpp", "cxx",	"C",	"c++", "cp", "h",
					    "hh", "hpp", "hxx", "inc",	"def",	"s",   "S",  "y",
					    "l",  "tcl", "txt", "conf", "test", "t",   "py" };
	const char *end = lp_disk_extension(name);

	if (lp_fix_is_beside(name))
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(end, ends[i]))
			return false;
	return true;
}

static void tell_unused(struct lp_unit_job *job)
{
	static const char *const ends[] = { "c", "cc", "cpp", "cxx", "C", "c++", "cp" };

	for (size_t i = 0; i < job->fix.files.count; i++) {
		const char *name = job->fix.files.list[i], *end = lp_disk_extension(name);

		if (is_compiled(job, name))
			continue;
		if (is_configuration(name))
			lp_unit_job_say(
				job, LP_WARNING,
				"%s changes: if the tree must be configured again for it, do "
				"that in --make; else the patch is made as if it had not "
				"changed",
				name);
		if (lp_fix_is_assembler(name))
			lp_unit_job_say(job, LP_WARNING,
					"%s is assembler that no compiler of the build reads: its "
					"change is not in the patch",
					name);
		for (size_t k = 0; k < sizeof(ends) / sizeof(*ends); k++)
			if (!strcmp(end, ends[k]))
				lp_unit_job_say(job, LP_NOTE, "%s is not compiled by this build",
						name);
	}
}

int lp_unit_job_check(struct lp_unit_job *job)
{
	int result = 0;

	for (size_t i = 0; i < job->n_pairs; i++) {
		struct lp_unit_pair *pair = &job->pairs[i];
		int err = 0;

		if (!pair->done[LP_TREE_ORIGINAL] && !pair->done[LP_TREE_PATCHED])
			pair->dropped = true;
		else if (!pair->dropped &&
			 lp_unit_pair_compilation(pair, LP_TREE_PATCHED)->assembler)
			err = check_assembler(job, i);
		result = result ? result : err;
	}
	tell_unused(job);
	if (!job->n_pairs)
		lp_unit_job_say(job, LP_WARNING, "the build compiles nothing because of the diff");
	return result;
}

static void add_object(struct lp_buffer *list, const struct lp_unit_pair *pair, size_t number,
		       enum lp_tree_side side)
{
	if (pair->done[side])
		lp_buffer_print(list, "%s/%zu.o", side_names[side], number);
	lp_buffer_add(list, "", 1);
}

/* source, output, original, patched, flags: strings with their NULs; objects relative to work */
int lp_unit_job_write(struct lp_unit_job *job)
{
	char *path = lp_disk_format("%s/units", job->tree.work);
	struct lp_buffer list = { 0 };
	int err;

	for (size_t i = 0; i < job->n_pairs; i++) {
		const struct lp_unit_pair *pair = &job->pairs[i];
		const struct lp_compilation *one = lp_unit_pair_compilation(pair, LP_TREE_PATCHED);
		const char *source = known_as(job, one->source);
		const char *output = one->links ? source : known_as(job, one->output);

		if (pair->dropped)
			continue;
		lp_buffer_add(&list, source, strlen(source) + 1);
		lp_buffer_add(&list, output, strlen(output) + 1);
		add_object(&list, pair, i, LP_TREE_ORIGINAL);
		add_object(&list, pair, i, LP_TREE_PATCHED);
		lp_buffer_add(&list, one->lto ? "lto" : "", one->lto ? 4 : 1);
	}
	err = path && !list.failed ? lp_disk_write(path, list.bytes, list.size) : -ENOMEM;
	lp_buffer_free(&list);
	free(path);
	return err;
}
