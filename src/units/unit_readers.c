/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "disk.h"
#include "includes.h"
#include "unit_job.h"

static bool is_recorded(const struct lp_unit_job *job, const char *name)
{
	const struct lp_compilations *compilations = &job->compilations[LP_TREE_PATCHED];

	for (size_t i = 0; i < compilations->count; i++) {
		const char *source = lp_disk_below(compilations->list[i].source, job->tree.path);

		if (source && !strcmp(source, name))
			return true;
	}
	return false;
}

static bool is_of_fix(const struct lp_unit_job *job, const char *name)
{
	for (size_t i = 0; i < job->fix.files.count; i++)
		if (!strcmp(job->fix.files.list[i], name))
			return true;
	return false;
}

/* A link may lead out of the copy. Where it leads to, nothing is changed. */
static int touch(const struct lp_unit_job *job, const char *name)
{
	char *path = lp_disk_format("%s/%s", job->tree.path, name);
	char *real = path ? realpath(path, NULL) : NULL;
	struct timespec now;
	int err = path ? 0 : -ENOMEM;

	clock_gettime(CLOCK_REALTIME, &now);
	if (real && lp_disk_below(real, job->tree.path) &&
	    utimensat(AT_FDCWD, real, (struct timespec[]){ now, now }, 0) < 0)
		err = -errno;
	free(path);
	free(real);
	return err;
}

static int find(const struct lp_unit_job *job, struct lp_words *found)
{
	char *original = lp_tree_directory(&job->tree, LP_TREE_ORIGINAL);
	int err = original ? lp_includes_readers(found, original, job->tree.path, &job->fix.files) :
			     -ENOMEM;

	free(original);
	return err;
}

int lp_unit_job_touch_readers(struct lp_unit_job *job, struct lp_words *readers)
{
	struct lp_words all = { 0 };
	int err = find(job, &all);

	for (size_t i = 0; !err && i < all.count; i++) {
		const char *name = all.list[i];

		if (is_recorded(job, name) || is_of_fix(job, name))
			continue;
		lp_words_add(readers, name);
		err = touch(job, name);
	}
	lp_words_free(&all);
	err = err ? err : readers->failed ? -ENOMEM : 0;
	return err ? err : readers->count > 0;
}

void lp_unit_job_tell_readers(struct lp_unit_job *job, const struct lp_words *readers)
{
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < readers->count; i++) {
		if (!is_recorded(job, readers->list[i]))
			continue;
		count++;
		first = first ? first : readers->list[i];
	}
	if (count)
		lp_unit_job_say(
			job, LP_NOTE,
			"the build does not know by itself that %s%s what the diff changes: "
			"compiled too",
			first, count > 1 ? " and other sources read" : " reads");
}
