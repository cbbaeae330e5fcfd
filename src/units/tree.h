/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree.h - copies of a source tree that are found at the tree's own path, so that a build that
 * knows its absolute path works in the copy. There are two, the original and the patched side;
 * one at a time is shown.
 *
 * In order: copy, in a process of its own; isolate, in the same; fork; enter, in the child;
 * show(ORIGINAL); split; show either side. The namespaces end with the child.
 *
 * Where no namespace can be had, a side is shown at work/tree instead.
 */
#ifndef LP_UNITS_TREE_H
#define LP_UNITS_TREE_H

#include <stdbool.h>

enum lp_tree_side { LP_TREE_ORIGINAL, LP_TREE_PATCHED, LP_TREE_NONE };

struct lp_tree {
	/* set by the caller */
	const char *source; /* absolute, without links */
	const char *work; /* the same; not below source, nor above */
	/* ours */
	char *path; /* where a side is shown: source, or work/tree */
	bool isolated;
	enum lp_tree_side shown;
};

/* 0 or -errno. */
int lp_tree_init(struct lp_tree *tree);
void lp_tree_deinit(struct lp_tree *tree);

/*
 * Copies all but a top .git to the original side, with times, modes, links and owners, by cp(1);
 * what that says goes to the file `log`. Its exit status, or -errno.
 */
int lp_tree_copy(struct lp_tree *tree, const char *log);

/*
 * Gives the calling process new namespaces: of mounts, and of processes for its next child. 0,
 * or -errno: it cannot be had (tree->isolated stays false), and the caller goes on without.
 */
int lp_tree_isolate(struct lp_tree *tree);

/* In that child, which is process 1 there: mounts are private from here on. 0 or -errno. */
int lp_tree_enter(const struct lp_tree *tree);

/* 0 or -errno. */
int lp_tree_show(struct lp_tree *tree, enum lp_tree_side side);

/* Copies the original side to the patched one. Exit status of cp(1), or -errno. */
int lp_tree_split(struct lp_tree *tree, const char *log);

/* Where a side's files are, shown or not: malloc'ed, NULL: no memory. */
char *lp_tree_directory(const struct lp_tree *tree, enum lp_tree_side side);

#endif
