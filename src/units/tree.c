/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "namespace.h"
#include "spawn.h"
#include "tree.h"
#include "words.h"

/* Where a side lies while it is not shown by moving it. */
static char *stored(const struct lp_tree *tree, enum lp_tree_side side)
{
	return lp_disk_format("%s/tree.%s", tree->work,
			      side == LP_TREE_ORIGINAL ? "original" : "patched");
}

char *lp_tree_directory(const struct lp_tree *tree, enum lp_tree_side side)
{
	if (!tree->isolated && tree->shown == side)
		return strdup(tree->path);
	return stored(tree, side);
}

int lp_tree_init(struct lp_tree *tree)
{
	tree->isolated = false;
	tree->shown = LP_TREE_NONE;
	tree->path = lp_disk_format("%s/tree", tree->work);
	return tree->path ? 0 : -ENOMEM;
}

void lp_tree_deinit(struct lp_tree *tree)
{
	free(tree->path);
	tree->path = NULL;
}

/* "./name" for each entry but . and .., and .git if wished */
static int list_entries(const char *directory, bool git, struct lp_words *words)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;

	if (!stream)
		return -errno;
	errno = 0;
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") && strcmp(name, "..") && (git || strcmp(name, ".git")))
			lp_words_take(words, lp_disk_format("./%s", name));
		errno = 0;
	}
	closedir(stream);
	if (errno)
		return -errno;
	return words->failed ? -ENOMEM : 0;
}

/* As cp leaves what lies in it: with the times and the mode of the first. */
static int copy_attributes(const char *from, const char *to)
{
	struct stat status;

	if (stat(from, &status) < 0)
		return -errno;
	if (chmod(to, status.st_mode & 07777) < 0 ||
	    utimensat(AT_FDCWD, to, (struct timespec[]){ status.st_atim, status.st_mtim }, 0) < 0)
		return -errno;
	return 0;
}

static int copy_entries(const char *from, const char *to, bool git, const char *log)
{
	struct lp_words words = { 0 };
	size_t fixed;
	int status;

	lp_words_add_all(&words, (const char *const[]){ "cp", "-a", "--reflink=auto", "-t", to,
							"--", NULL });
	fixed = words.count;
	status = list_entries(from, git, &words);
	if (!status && words.count > fixed)
		status = lp_spawn_run(&(struct lp_spawn){
			.arguments = (const char *const *)words.list, .cwd = from, .output = log });
	lp_words_free(&words);
	return status;
}

static int copy(const char *from, const char *to, bool git, const char *log)
{
	int status;

	if (mkdir(to, 0700) < 0)
		return -errno;
	status = copy_entries(from, to, git, log);
	return status ? status : copy_attributes(from, to);
}

int lp_tree_copy(struct lp_tree *tree, const char *log)
{
	char *to = stored(tree, LP_TREE_ORIGINAL);
	int status = to ? copy(tree->source, to, false, log) : -ENOMEM;

	free(to);
	return status;
}

int lp_tree_split(struct lp_tree *tree, const char *log)
{
	char *from = lp_tree_directory(tree, LP_TREE_ORIGINAL);
	char *to = stored(tree, LP_TREE_PATCHED);
	int status = from && to ? copy(from, to, true, log) : -ENOMEM;

	free(from);
	free(to);
	return status;
}

int lp_tree_isolate(struct lp_tree *tree)
{
	char *path = strdup(tree->source);
	int err = !path ? -ENOMEM : lp_namespace_try(CLONE_NEWPID) ? -EPERM : 0;

	err = err ? err : lp_namespace_unshare(CLONE_NEWPID);
	if (err) {
		free(path);
		return err;
	}
	free(tree->path);
	tree->path = path;
	tree->isolated = true;
	return 0;
}

int lp_tree_enter(const struct lp_tree *tree)
{
	int err;

	if (!tree->isolated)
		return 0;
	err = lp_namespace_make_private();
	if (err)
		return err;
	/* Processes by their new numbers, where that is allowed. Nothing here depends on it: a
	 * process finds itself by the old one as well. */
	(void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return 0;
}

static int show_by_mount(struct lp_tree *tree, enum lp_tree_side side)
{
	char *from = stored(tree, side);
	int err = 0;

	if (!from)
		return -ENOMEM;
	if (tree->shown != LP_TREE_NONE && umount2(tree->path, MNT_DETACH) < 0)
		err = -errno;
	if (!err && mount(from, tree->path, NULL, MS_BIND | MS_REC, NULL) < 0)
		err = -errno;
	free(from);
	return err;
}

static int show_by_name(struct lp_tree *tree, enum lp_tree_side side)
{
	char *from = stored(tree, side), *back = NULL;
	int err = from ? 0 : -ENOMEM;

	if (!err && tree->shown != LP_TREE_NONE) {
		back = stored(tree, tree->shown);
		if (!back)
			err = -ENOMEM;
		else if (rename(tree->path, back) < 0)
			err = -errno;
	}
	if (!err && rename(from, tree->path) < 0)
		err = -errno;
	free(from);
	free(back);
	return err;
}

int lp_tree_show(struct lp_tree *tree, enum lp_tree_side side)
{
	int err;

	if (tree->shown == side)
		return 0;
	err = tree->isolated ? show_by_mount(tree, side) : show_by_name(tree, side);
	if (!err)
		tree->shown = side;
	return err;
}
