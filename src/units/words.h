/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - a list of strings that grows, up to a NULL: arguments, an environment. A failed
 * allocation is remembered: check `failed` once at the end.
 */
#ifndef LP_UNITS_WORDS_H
#define LP_UNITS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct lp_words {
	char **list; /* NULL while nothing was added */
	size_t count;
	bool failed;
};

void lp_words_add(struct lp_words *words, const char *word);
/* Takes over a malloc'ed word; NULL: an allocation that failed. */
void lp_words_take(struct lp_words *words, char *word);
void lp_words_add_all(struct lp_words *words, const char *const *list);
/* Splits as compilers do for @FILE: blanks, quotes and backslashes. */
void lp_words_split(struct lp_words *words, const char *text);
void lp_words_free(struct lp_words *words);
void lp_words_free_list(char **list);

#endif
