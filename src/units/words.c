/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

void lp_words_take(struct lp_words *words, char *word)
{
	char **list = word ? realloc(words->list, (words->count + 2) * sizeof(*list)) : NULL;

	if (!list) {
		free(word);
		words->failed = true;
		return;
	}
	list[words->count++] = word;
	list[words->count] = NULL;
	words->list = list;
}

void lp_words_add(struct lp_words *words, const char *word)
{
	lp_words_take(words, strdup(word));
}

void lp_words_add_all(struct lp_words *words, const char *const *list)
{
	while (list && *list)
		lp_words_add(words, *list++);
}

/* One word, from `text` on, into `out`; what follows it. */
static const char *split_one(const char *text, char *out)
{
	char quote = '\0';

	for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
		if (*text == '\\' && text[1])
			*out++ = *++text;
		else if (quote && *text == quote)
			quote = '\0';
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else
			*out++ = *text;
	}
	*out = '\0';
	return text;
}

void lp_words_split(struct lp_words *words, const char *text)
{
	char *word = malloc(strlen(text) + 1);

	if (!word) {
		words->failed = true;
		return;
	}
	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			break;
		text = split_one(text, word);
		lp_words_add(words, word);
	}
	free(word);
}

void lp_words_free_list(char **list)
{
	for (char **word = list; word && *word; word++)
		free(*word);
	free(list);
}

void lp_words_free(struct lp_words *words)
{
	lp_words_free_list(words->list);
	*words = (struct lp_words){ 0 };
}
