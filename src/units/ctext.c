/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctext.h"

#define MOST_NESTED 256

/* A group of #if ... #endif: parentheses are counted in each branch from its beginning. */
struct group {
	int at_start;
	int at_first_end;
	bool other; /* an #else or #elif was seen */
	bool never; /* #if 0 */
};

struct scan {
	bool comment; /* within one */
	char quote; /* within a literal that is continued */
	char raw[20]; /* )delimiter" that ends a raw string; "": not within one */
	bool continued; /* the line before ended with a backslash */
	bool directive; /* ... and is one */
	int parens;
	char last; /* of the code so far: no blank, no comment, no directive */
	struct group groups[MOST_NESTED];
	int depth;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static const char *skip_comment(struct scan *scan, const char *at, const char *end)
{
	const char *found = memmem(at, (size_t)(end - at), "*/", 2);

	scan->comment = !found;
	return found ? found + 2 : end;
}

static const char *skip_raw(struct scan *scan, const char *at, const char *end)
{
	size_t length = strlen(scan->raw);
	const char *found = memmem(at, (size_t)(end - at), scan->raw, length);

	if (!found)
		return end;
	scan->raw[0] = '\0';
	return found + length;
}

/* From behind the opening quote on. One that does not end ends with its line, as in #error. */
static const char *skip_literal(struct scan *scan, const char *at, const char *end)
{
	char quote = scan->quote;

	scan->quote = '\0';
	for (; at < end; at++) {
		if (*at == quote)
			return at + 1;
		if (*at == '\\' && ++at >= end) {
			scan->quote = quote;
			return end;
		}
	}
	return end;
}

/* R"xy( -> raw is )xy"; behind the opening parenthesis. NULL: this is none. */
static const char *open_raw(struct scan *scan, const char *at, const char *end)
{
	const char *paren = memchr(at, '(', (size_t)(end - at));
	size_t length = paren ? (size_t)(paren - at) : sizeof(scan->raw);

	if (length > 16)
		return NULL;
	scan->raw[0] = ')';
	memcpy(scan->raw + 1, at, length);
	scan->raw[length + 1] = '"';
	scan->raw[length + 2] = '\0';
	return paren + 1;
}

/* A name or a number, and a raw string whose prefix it is. */
static const char *skip_word(struct scan *scan, const char *at, const char *end)
{
	const char *start = at, *raw;
	bool number = isdigit((unsigned char)*at);

	while (at < end &&
	       (is_word(*at) || (number && *at == '\'' && at + 1 < end && is_word(at[1]))))
		at++;
	scan->last = 'a';
	if (number || at >= end || *at != '"' || at[-1] != 'R' || at - start > 3)
		return at;
	raw = open_raw(scan, at + 1, end);
	scan->last = '"';
	return raw ? skip_raw(scan, raw, end) : at;
}

static void count_paren(struct scan *scan, char c)
{
	if (c == '(')
		scan->parens++;
	if (c == ')' && scan->parens > 0)
		scan->parens--;
}

/* The rest of a line, without its newline. */
static void scan_rest(struct scan *scan, const char *at, const char *end)
{
	struct scan saved = { .parens = scan->parens, .last = scan->last };

	while (at < end) {
		if (scan->comment) {
			at = skip_comment(scan, at, end);
		} else if (*scan->raw) {
			at = skip_raw(scan, at, end);
		} else if (scan->quote) {
			at = skip_literal(scan, at, end);
		} else if (end - at > 1 && !memcmp(at, "//", 2)) {
			/* a backslash at its end continues it, as `continued` */
			break;
		} else if (end - at > 1 && !memcmp(at, "/*", 2)) {
			at = skip_comment(scan, at + 2, end);
		} else if (is_word(*at)) {
			at = skip_word(scan, at, end);
		} else {
			if (*at == '"' || *at == '\'')
				scan->quote = *at;
			count_paren(scan, *at);
			if (!isspace((unsigned char)*at) && *at != '\\')
				scan->last = *at;
			at++;
		}
	}
	/* a literal's opening quote at the very end */
	if (scan->quote && !(end[-1] == '\\'))
		scan->quote = '\0';
	if (scan->directive) {
		scan->parens = saved.parens;
		scan->last = saved.last;
	}
}

static const char *skip_blanks(const char *at, const char *end)
{
	for (;;) {
		while (at < end && isspace((unsigned char)*at))
			at++;
		if (end - at < 4 || memcmp(at, "/*", 2))
			return at;
		/* a comment that ends in the line is a blank */
		const char *found = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);

		if (!found)
			return at;
		at = found + 2;
	}
}

static bool is_name(const char *at, const char *end, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(end - at) >= length && !memcmp(at, name, length) &&
	       ((size_t)(end - at) == length || !is_word(at[length]));
}

static void read_number(struct lp_ctext_line *line, const char *at, const char *end)
{
	long number = 0;

	line->kind = LP_CTEXT_LINE;
	line->number = -1;
	at = skip_blanks(at, end);
	if (at >= end || !isdigit((unsigned char)*at))
		return;
	for (; at < end && isdigit((unsigned char)*at) && number < 100000000; at++)
		number = number * 10 + (*at - '0');
	line->number = number;
}

/* From behind the '#' on. */
static void read_directive(struct lp_ctext_line *line, const char *at, const char *end)
{
	static const struct {
		const char *name;
		enum lp_ctext_kind kind;
	} names[] = {
		{ "if", LP_CTEXT_IF },	       { "ifdef", LP_CTEXT_IF },
		{ "ifndef", LP_CTEXT_IF },     { "else", LP_CTEXT_ELSE },
		{ "elif", LP_CTEXT_ELSE },     { "elifdef", LP_CTEXT_ELSE },
		{ "elifndef", LP_CTEXT_ELSE }, { "endif", LP_CTEXT_ENDIF },
	};

	at = skip_blanks(at, end);
	if (at < end && isdigit((unsigned char)*at))
		read_number(line, at, end);
	else if (is_name(at, end, "line"))
		read_number(line, at + 4, end);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_name(at, end, names[i].name))
			line->kind = names[i].kind;
}

static bool is_if_0(const char *at, const char *end)
{
	at = skip_blanks(at, end);
	if (!is_name(at, end, "if"))
		return false;
	at = skip_blanks(at + 2, end);
	return at < end && *at == '0' && skip_blanks(at + 1, end) == end;
}

/* Which of its branches is compiled is not known: the first, but for #if 0. */
static void enter_directive(struct scan *scan, enum lp_ctext_kind kind, bool never)
{
	struct group *group;

	if (kind == LP_CTEXT_IF && scan->depth++ < MOST_NESTED)
		scan->groups[scan->depth - 1] = (struct group){ .at_start = scan->parens,
								.never = never };
	if ((kind != LP_CTEXT_ELSE && kind != LP_CTEXT_ENDIF) || !scan->depth)
		return;
	group = scan->depth <= MOST_NESTED ? &scan->groups[scan->depth - 1] : NULL;
	if (kind == LP_CTEXT_ENDIF)
		scan->depth--;
	if (!group)
		return;
	if (!group->other)
		group->at_first_end = group->never ? group->at_start : scan->parens;
	if (kind == LP_CTEXT_ELSE)
		scan->parens = group->at_start;
	else if (!group->other || !group->never)
		scan->parens = group->at_first_end;
	group->other = true;
}

static void scan_line(struct scan *scan, const struct lp_line *text, struct lp_ctext_line *line)
{
	const char *at = text->text, *end = at + text->size, *start;
	bool within = scan->comment || scan->quote || *scan->raw || scan->continued;

	while (end > at && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	if (!within && at < end && *at == '}')
		scan->parens = 0; /* so much for what was counted in branches */
	line->safe = !within && !scan->parens && scan->last != 'a';
	if (!within) {
		start = skip_blanks(at, end);
		scan->directive = start < end && *start == '#';
		if (scan->directive) {
			read_directive(line, start + 1, end);
			enter_directive(scan, line->kind, is_if_0(start + 1, end));
		}
	}
	if (at < end)
		scan_rest(scan, at, end);
	scan->continued = at < end && end[-1] == '\\' && !*scan->raw;
	/* a directive goes on as long as a comment that begins in it */
	if (!scan->continued && !scan->comment)
		scan->directive = false;
}

int lp_ctext_scan(const struct lp_lines *lines, struct lp_ctext_line **found)
{
	struct lp_ctext_line *list = calloc(lines->count + 1, sizeof(*list));
	struct scan *scan = calloc(1, sizeof(*scan));

	if (!list || !scan) {
		free(list);
		free(scan);
		return -ENOMEM;
	}
	for (size_t i = 0; i < lines->count; i++)
		scan_line(scan, &lines->list[i], &list[i]);
	free(scan);
	*found = list;
	return 0;
}
