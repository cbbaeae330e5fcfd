/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unit_job.h - the work behind lp_units_make(), in a process of its own.
 *
 * All return 0, -ECANCELED (refused; reported) or another negative errno.
 */
#ifndef LP_UNITS_UNIT_JOB_H
#define LP_UNITS_UNIT_JOB_H

#include "fix.h"
#include "record.h"
#include "tree.h"
#include "units.h"

#define LP_TREE_SIDES 2

/* What is compiled twice. */
struct lp_unit_pair {
	/* of the original and the patched build; one may be missing: the other's then */
	const struct lp_compilation *compilations[LP_TREE_SIDES];
	bool shares_output; /* with another pair: a scratch object of the build */
	/* of each side, as it is compiled */
	bool done[LP_TREE_SIDES]; /* there is an object */
	bool absent[LP_TREE_SIDES]; /* there is no source */
	bool built[LP_TREE_SIDES]; /* the build had left an object, or made none */
	int status[LP_TREE_SIDES]; /* of the compiler */
	pid_t pid;
	bool dropped; /* of no interest */
};

/* A file of the patched side as it was before it was renumbered. */
struct lp_unit_text {
	char *path;
	char *text;
	size_t size;
};

struct lp_unit_job {
	const struct lp_units_options *options;
	int events; /* relay.h */
	int source_fd; /* the user's tree, whatever is shown at its path */
	unsigned int jobs;
	struct lp_tree tree;
	struct lp_fix fix;
	char *log; /* work/log */
	char *recorder; /* our copy */
	/* what the build compiles; of the original nothing unless recorded_original */
	struct lp_compilations compilations[LP_TREE_SIDES];
	bool recorded_original;
	bool stays_configured; /* whatever the diff does to configure.ac */
	struct lp_unit_pair *pairs; /* sorted; the number of an object is its place */
	size_t n_pairs;
	struct lp_unit_text *renumbered;
	size_t n_renumbered;
};

/* units.c: always -ECANCELED, for errors */
__attribute__((format(printf, 3, 4))) int
lp_unit_job_refuse(struct lp_unit_job *job, const char *reason, const char *format, ...);
__attribute__((format(printf, 3, 4))) void
lp_unit_job_say(struct lp_unit_job *job, enum lp_severity severity, const char *format, ...);

/* unit_build.c: the copy is built, as it is and with the diff; job->compilations are known */
int lp_unit_job_copy(struct lp_unit_job *job);
int lp_unit_job_build(struct lp_unit_job *job);

/*
 * unit_readers.c. A build need not know which sources read a header: those that seem to read what
 * has changed, and that were not compiled because of it, get a new time, as if they had changed.
 * 1: there are such; 0.
 */
int lp_unit_job_touch_readers(struct lp_unit_job *job, struct lp_words *readers);
/* Says so, of those that were compiled then. */
void lp_unit_job_tell_readers(struct lp_unit_job *job, const struct lp_words *readers);

/* unit_pair.c: job->pairs; renumbers; writes the list */
int lp_unit_job_pair(struct lp_unit_job *job);
/* The files of the diff, and what is compiled; what has been renumbered stays so. */
int lp_unit_job_renumber(struct lp_unit_job *job);
/* All renumbered texts as they were; they may be renumbered again. */
int lp_unit_job_own_numbers(struct lp_unit_job *job);
int lp_unit_job_check(struct lp_unit_job *job);
int lp_unit_job_write(struct lp_unit_job *job);
/* The compilation of a side; which is the other's, if it has none. */
const struct lp_compilation *lp_unit_pair_compilation(const struct lp_unit_pair *pair,
						      enum lp_tree_side side);
/* Our object, malloc'ed. NULL: no memory. */
char *lp_unit_job_object(const struct lp_unit_job *job, size_t pair, enum lp_tree_side side);

/* unit_compile.c: compiles a side of all pairs */
int lp_unit_job_compile(struct lp_unit_job *job, enum lp_tree_side side);

#endif
