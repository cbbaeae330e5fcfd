/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "ctext.h"
#include "lines.h"
#include "renumber.h"

#define MOST_NESTED 256
#define UNKNOWN INT64_MIN /* it depends on which branches are compiled */

/* A group of #if ... #endif. Numbers are kept relative to the lines put out: those run on. */
struct group {
	int64_t skipped; /* of what follows, if no branch so far is compiled */
	int64_t compiled; /* if one was */
	bool any; /* compiled is set */
};

/* The number that the compiler gives to the next line. */
struct flow {
	int64_t number; /* - out */
	int64_t out; /* lines put out */
	struct group groups[MOST_NESTED];
	size_t depth;
};

static int64_t either(int64_t a, int64_t b)
{
	return a == b ? a : UNKNOWN;
}

static void end_branch(struct flow *flow, struct group *group)
{
	group->compiled = group->any ? either(group->compiled, flow->number) : flow->number;
	group->any = true;
}

/*
 * Behind a line of the text. An #elif may or may not be the last branch; that a group without
 * #else is skipped is always thought possible.
 */
static void pass(struct flow *flow, const struct lp_ctext_line *line)
{
	struct group *group;

	flow->out++;
	switch (line->kind) {
	case LP_CTEXT_LINE:
		flow->number = line->number < 0 ? UNKNOWN : line->number - flow->out;
		return;
	case LP_CTEXT_IF:
		if (flow->depth++ < MOST_NESTED)
			flow->groups[flow->depth - 1] = (struct group){ .skipped = flow->number };
		return;
	case LP_CTEXT_ELSE:
	case LP_CTEXT_ENDIF:
		break;
	default:
		return;
	}
	if (!flow->depth)
		return;
	if (flow->depth > MOST_NESTED) {
		flow->depth -= line->kind == LP_CTEXT_ENDIF;
		return;
	}
	group = &flow->groups[flow->depth - 1];
	end_branch(flow, group);
	flow->number = line->kind == LP_CTEXT_ELSE ? group->skipped :
						     either(group->compiled, group->skipped);
	flow->depth -= line->kind == LP_CTEXT_ENDIF;
}

static int64_t number_here(const struct flow *flow)
{
	return flow->number == UNKNOWN ? UNKNOWN : flow->number + flow->out;
}

/* The number of each line of the original. */
static int64_t *number_lines(const struct lp_ctext_line *lines, size_t count)
{
	int64_t *numbers = calloc(count + 1, sizeof(*numbers));
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!numbers || !flow) {
		free(numbers);
		free(flow);
		return NULL;
	}
	flow->number = 1;
	for (size_t i = 0; i < count; i++) {
		numbers[i] = number_here(flow);
		pass(flow, &lines[i]);
	}
	free(flow);
	return numbers;
}

/* What is known of both texts. */
struct texts {
	struct lp_lines original, patched;
	struct lp_ctext_line *original_lines, *patched_lines;
	long *map; /* patched -> original */
	int64_t *numbers; /* of the original */
};

static bool wants_line(const struct texts *texts, const struct flow *flow, size_t i,
		       int64_t *number)
{
	const struct lp_ctext_line *line = &texts->patched_lines[i];

	if (!line->safe || line->kind == LP_CTEXT_ELSE || line->kind == LP_CTEXT_ENDIF ||
	    line->kind == LP_CTEXT_LINE || texts->map[i] < 0)
		return false;
	*number = texts->numbers[texts->map[i]];
	return *number > 0 && *number != number_here(flow);
}

static int write_out(const struct texts *texts, struct lp_buffer *buffer)
{
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return -ENOMEM;
	flow->number = 1;
	for (size_t i = 0; i < texts->patched.count; i++) {
		const struct lp_line *line = &texts->patched.list[i];
		int64_t number;

		if (wants_line(texts, flow, i, &number)) {
			lp_buffer_print(buffer, "#line %lld\n", (long long)number);
			flow->out++;
			flow->number = number - flow->out;
		}
		lp_buffer_add(buffer, line->text, line->size);
		pass(flow, &texts->patched_lines[i]);
	}
	free(flow);
	lp_buffer_add(buffer, "", 1);
	return buffer->failed ? -ENOMEM : 0;
}

static int read_both(struct texts *texts, const char *original, size_t original_size,
		     const char *patched, size_t patched_size)
{
	int err = lp_lines_split(&texts->original, original, original_size);

	err = err ? err : lp_lines_split(&texts->patched, patched, patched_size);
	err = err ? err : lp_ctext_scan(&texts->original, &texts->original_lines);
	err = err ? err : lp_ctext_scan(&texts->patched, &texts->patched_lines);
	err = err ? err : lp_lines_match(&texts->original, &texts->patched, &texts->map);
	if (err)
		return err;
	texts->numbers = number_lines(texts->original_lines, texts->original.count);
	return texts->numbers ? 0 : -ENOMEM;
}

int lp_renumber(const char *original, size_t original_size, const char *patched,
		size_t patched_size, char **text, size_t *size)
{
	struct lp_buffer buffer = { 0 };
	struct texts texts = { 0 };
	int err = read_both(&texts, original, original_size, patched, patched_size);

	err = err ? err : write_out(&texts, &buffer);
	lp_lines_free(&texts.original);
	lp_lines_free(&texts.patched);
	free(texts.original_lines);
	free(texts.patched_lines);
	free(texts.map);
	free(texts.numbers);
	if (err) {
		lp_buffer_free(&buffer);
		return err;
	}
	*text = (char *)buffer.bytes;
	*size = buffer.size - 1;
	return 0;
}
