// SPDX-License-Identifier: LGPL-2.1-or-later
/* counterpart.c - see counterpart.h. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counterpart.h"
#include "maps.h"
#include "units/disk.h"
#include "units/words.h"

static const char word[] = "test-failed";

static int refuse(const struct lp_counterparts *all, const char *target, const char *why)
{
	char *text = lp_disk_format("%s: %s", target, why);

	if (text)
		lp_messages_report(all->messages, LP_ERROR, word, text);
	free(text);
	return text ? -ECANCELED : -ENOMEM;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Both are programs, or shared objects of one name. */
static bool same_kind(const char *target, const char *path)
{
	struct lp_elf *a, *b;
	bool same;

	if (lp_elf_open(&a, target, NULL))
		return false;
	if (lp_elf_open(&b, path, NULL)) {
		lp_elf_close(a);
		return false;
	}
	same = a->executable == b->executable && same_text(a->soname, b->soname);
	lp_elf_close(a);
	lp_elf_close(b);
	return same;
}

/* The same file of the other side, which the build of the diff has made anew. */
static bool is_rebuilt(const struct lp_counterparts *all, const char *relative)
{
	char *before = lp_disk_format("%s/tree.original/%s", all->work, relative);
	char *after = lp_disk_format("%s/tree.patched/%s", all->work, relative);
	bool rebuilt = before && after && !lp_disk_same(before, after);

	free(before);
	free(after);
	return rebuilt;
}

static bool was_target(const struct lp_counterparts *all, const char *relative,
		       const struct lp_build_id *id)
{
	char *path = lp_disk_format("%s/tree.original/%s", all->work, relative);
	uint8_t bytes[LP_ELF_BUILD_ID_MAX];
	int size = path ? lp_elf_build_id(path, bytes) : 0;

	free(path);
	return size > 0 && size == id->size && !memcmp(bytes, id->bytes, (size_t)size);
}

struct search {
	struct lp_words found; /* relative to the tree */
	bool any; /* of that name and kind, rebuilt or not */
	bool exact; /* what was found had been the target itself */
};

static void consider(const struct lp_counterparts *all, const char *target,
		     const struct lp_build_id *id, const char *path, const char *relative,
		     struct search *search)
{
	bool exact;

	if (!same_kind(target, path))
		return;
	search->any = true;
	if (!is_rebuilt(all, relative))
		return;
	exact = was_target(all, relative, id);
	if (search->exact && !exact)
		return;
	if (exact && !search->exact)
		lp_words_free(&search->found);
	search->exact |= exact;
	for (size_t i = 0; i < search->found.count; i++) {
		char *other = lp_disk_format("%s/tree.patched/%s", all->work,
					     search->found.list[i]);
		bool same = other && lp_disk_same(other, path);

		free(other);
		if (same)
			return;
	}
	lp_words_take(&search->found, strdup(relative));
}

static int compare(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int search_tree(const struct lp_counterparts *all, const char *target,
		       const struct lp_build_id *id, struct search *search)
{
	char *tree = lp_disk_format("%s/tree.patched", all->work);
	char *const roots[] = { tree, NULL };
	FTS *walk = tree ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare) : NULL;
	FTSENT *entry;
	int err = walk ? 0 : -errno;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && !strcmp(entry->fts_name, base_name(target)))
			consider(all, target, id, entry->fts_path,
				 entry->fts_path + strlen(tree) + 1, search);
	if (walk)
		fts_close(walk);
	free(tree);
	return err ? err : search->found.failed ? -ENOMEM : 0;
}

static int refuse_ambiguous(const struct lp_counterparts *all, const char *target,
			    const struct lp_words *found)
{
	char *why = lp_disk_format("several files of the tree may have become it, %s and %s: name "
				   "one of the tree as the target",
				   found->list[0], found->list[1]);
	int err = why ? refuse(all, target, why) : -ENOMEM;

	free(why);
	return err;
}

/* *relative: where in the tree; malloc'ed. */
static int find_outside(const struct lp_counterparts *all, const char *target,
			const struct lp_build_id *id, char **relative)
{
	struct search search = { 0 };
	int err = search_tree(all, target, id, &search);

	if (!err && search.found.count > 1)
		err = refuse_ambiguous(all, target, &search.found);
	else if (!err && !search.found.count)
		err = refuse(all, target,
			     search.any ?
				     "the build does not make it anew with the diff: nothing "
				     "to compare with" :
				     "the build makes no file of this name and kind: nothing to "
				     "compare with");
	if (!err) {
		*relative = strdup(search.found.list[0]);
		err = *relative ? 0 : -ENOMEM;
	}
	lp_words_free(&search.found);
	return err;
}

static int find_inside(const struct lp_counterparts *all, const char *target, const char *below,
		       char **relative)
{
	while (*below == '/')
		below++;
	if (!is_rebuilt(all, below))
		return refuse(all, target,
			      "the build does not make it anew with the diff: nothing to compare "
			      "with");
	*relative = strdup(below);
	return *relative ? 0 : -ENOMEM;
}

static int find_one(struct lp_counterparts *all, size_t t)
{
	char *target = realpath(all->targets[t], NULL), *relative = NULL, *path = NULL;
	const char *below;
	int err = target ? 0 : -errno;

	if (err)
		return refuse(all, all->targets[t], strerror(-err));
	all->old[t].size = lp_elf_build_id(target, all->old[t].bytes);
	below = lp_disk_below(target, all->tree);
	if (below)
		err = find_inside(all, target, below, &relative);
	else
		err = find_outside(all, target, &all->old[t], &relative);
	if (!err) {
		path = lp_disk_format("%s/tree.patched/%s", all->work, relative);
		err = path ? 0 : -ENOMEM;
	}
	if (!err) {
		all->new[t].size = lp_elf_build_id(path, all->new[t].bytes);
		if (all->new[t].size <= 0)
			err = refuse(all, path, "has no build-id");
	}
	free(relative);
	if (!err && !below)
		return lp_place_add(&all->place, path, target);
	free(path);
	free(target);
	return err;
}

int lp_counterparts_find(struct lp_counterparts *all)
{
	int err;

	all->tree = realpath(all->source, NULL);
	all->old = calloc(all->n_targets + 1, sizeof(*all->old));
	all->new = calloc(all->n_targets + 1, sizeof(*all->new));
	if (!all->tree || !all->old || !all->new)
		return all->tree ? -ENOMEM : refuse(all, all->source, strerror(errno));
	err = lp_place_add(&all->place, lp_disk_format("%s/tree.patched", all->work),
			   strdup(all->tree));
	for (size_t t = 0; t < all->n_targets && !err; t++)
		err = find_one(all, t);
	return err;
}

void lp_counterparts_free(struct lp_counterparts *all)
{
	lp_place_deinit(&all->place);
	free(all->tree);
	free(all->old);
	free(all->new);
	all->tree = NULL;
	all->old = all->new = NULL;
}

struct wanted {
	const struct lp_build_id *ids;
	size_t count;
	pid_t pid;
};

static bool is_wanted(void *context, const struct lp_mapping *mapping)
{
	const struct wanted *wanted = context;
	uint8_t id[LP_ELF_BUILD_ID_MAX];
	int size;

	if (!mapping->executable || !mapping->inode)
		return false;
	size = lp_mapping_build_id(wanted->pid, mapping, id);
	for (size_t i = 0; i < wanted->count && size > 0; i++)
		if (size == wanted->ids[i].size && !memcmp(id, wanted->ids[i].bytes, (size_t)size))
			return true;
	return false;
}

bool lp_build_ids_mapped(const struct lp_build_id *ids, size_t count, pid_t pid)
{
	struct wanted wanted = { ids, count, pid };

	return lp_maps_walk(pid, is_wanted, &wanted) == 1;
}
