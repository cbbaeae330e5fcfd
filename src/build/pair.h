/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pair.h - the object of a unit's original source and that of its patched source: which section of
 * one is which of the other (correlate), and what differs (differ). Both were compiled with a section
 * for each function and variable, so a section is what can change.
 */
#ifndef LP_BUILD_PAIR_H
#define LP_BUILD_PAIR_H

#include "lsda.h"
#include "reference.h"
#include "units/report.h"
#include "variable.h"

struct lp_half {
	const char *path; /* borrowed, while it is opened */
	struct lp_relobj obj;
	struct lp_references references;
	struct lp_lsdas lsdas;
	const char **label; /* by section index: what it is known by; NULL: not correlated */
	struct lp_variable *variables; /* by section index */
	uint32_t *numbered; /* sections of variables whose names have numbers, ended by 0 */
	uint32_t *function; /* by section index: see lp_half_function() */
	uint32_t *twin; /* by section index: its section in the other object; 0: none */
};

struct lp_pair {
	const char *name; /* of the source, for messages; borrowed */
	struct lp_half old, new;
	bool *changed; /* by section index of the new object: must be part of the patch */
	bool *source_changed; /* likewise: itself differs, and not only what it refers to */
	bool *ambiguous; /* likewise: a static variable that could be any of several */
	bool *rearranged; /* likewise: variables in it have other places than in the running program */
};

/*
 * Reads both objects, correlates and compares them. original NULL: everything is new. 0; -ECANCELED: one
 * cannot be read, which was reported; or another negative errno. To be closed in any case.
 */
int lp_pair_open(struct lp_pair *pair, const char *name, const char *original, const char *patched,
		 const struct lp_report_to *report);
void lp_pair_close(struct lp_pair *pair);

/* Whether any code differs. */
bool lp_pair_changes_code(const struct lp_pair *pair);

/*
 * verify.c: changes that a running program cannot take over: of data that it has made its own, of what
 * runs at its start only. leave: functions that stay as they are; accept: variables whose changes are
 * fine; both ended by NULL, or NULL. 0 or -ECANCELED, reported.
 */
int lp_pair_verify(const struct lp_pair *pair, const char *const *leave, const char *const *accept,
		   const struct lp_report_to *report);

/* Functions that are to stay as they are do not count as changed. */
void lp_pair_leave(struct lp_pair *pair, const char *const *leave);

/* Whether a list that NULL ends, or that is NULL, has the name. */
bool lp_name_is_listed(const char *const *list, const char *name);

/* Whether two functions, symbols of the two objects, are the same, each in its section. */
bool lp_pair_same_function(const struct lp_pair *pair, uint32_t old, uint32_t new);

/* Inside src/build: the steps. 0 or -ENOMEM. */
int lp_pair_correlate(struct lp_pair *pair);
int lp_pair_arrange(struct lp_pair *pair);
void lp_pair_differ(struct lp_pair *pair);

/* The first function symbol of a section of code; 0: none. Padding may lie before it. */
uint32_t lp_half_function(const struct lp_half *half, uint32_t section);
/* A defined function of that name; 0: none. */
uint32_t lp_half_find(const struct lp_half *half, const char *name);
/* What a section is called in messages: its symbol's name, or its own. */
const char *lp_half_name(const struct lp_half *half, uint32_t section);
/*
 * Pointers without a name, which code cannot refer to: clang's unwind tables reach the types that a
 * function catches by such.
 */
bool lp_half_is_nameless(const struct lp_half *half, uint32_t section);
/* FOO.cold: a piece of FOO that is jumped to, not a function. */
bool lp_name_is_cold(const char *name);

#endif
