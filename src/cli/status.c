// SPDX-License-Identifier: LGPL-2.1-or-later
/* status.c - see status.h. */
#include <string.h>

#include "output.h"
#include "status.h"

const json_t *lp_status_patch(const json_t *status, const char *name)
{
	const json_t *patch;
	size_t i;

	json_array_foreach(json_object_get(status, "patches"), i, patch)
		if (!strcmp(lp_reply_string(patch, "name"), name))
			return patch;
	return NULL;
}

bool lp_status_enabled(const json_t *status, const char *name)
{
	return json_is_true(json_object_get(lp_status_patch(status, name), "enabled"));
}

const json_t *lp_status_transition(const json_t *status)
{
	const json_t *transition = json_object_get(status, "transition");

	return json_is_object(transition) ? transition : NULL;
}

static bool flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

void lp_status_print_blocker(FILE *stream, const json_t *blocker)
{
	const char *comm = lp_reply_string(blocker, "comm");
	const char *function = lp_reply_string(blocker, "function");

	fprintf(stream, "tid %lld ", lp_reply_integer(blocker, "tid"));
	lp_output_text(stream, comm);
	fputs(*comm ? ": " : "", stream);
	lp_output_text(stream, lp_reply_string(blocker, "reason"));
	if (*function) {
		fputs(" in ", stream);
		lp_output_text(stream, function);
		fprintf(stream, "+0x%llx", lp_reply_integer(blocker, "offset"));
	}
	if (json_object_get(blocker, "since_ms"))
		fprintf(stream, " for %lld ms", lp_reply_integer(blocker, "since_ms"));
	if (json_object_get(blocker, "tries"))
		fprintf(stream, ", %lld tries", lp_reply_integer(blocker, "tries"));
}

static void print_coloured(enum lp_colour colour, const char *word)
{
	const char *on = lp_output_colour(colour);

	printf("%s%s%s", on, word, *on ? lp_output_colour(LP_COLOUR_NONE) : "");
}

static void print_state(const json_t *patch)
{
	if (flag(patch, "transition"))
		print_coloured(LP_COLOUR_WAITING, "in transition");
	else if (flag(patch, "enabled"))
		print_coloured(LP_COLOUR_GOOD, "enabled");
	else
		print_coloured(LP_COLOUR_WAITING, "disabled");
	if (flag(patch, "forced")) {
		fputs(", ", stdout);
		print_coloured(LP_COLOUR_BAD, "forced");
	}
	if (json_is_false(json_object_get(patch, "replaceable")))
		fputs(", not replaceable", stdout);
	if (json_array_size(json_object_get(patch, "pinned")))
		fputs(", pinned", stdout);
}

static void print_object(const json_t *object)
{
	const char *name = lp_reply_string(object, "name");
	const json_t *function;
	size_t i;

	fputs("    ", stdout);
	lp_output_text(stdout, *name ? name : "(program)");
	fputs(flag(object, "patched") ? ":" : " (not patched):", stdout);
	json_array_foreach(json_object_get(object, "functions"), i, function) {
		long long sympos = lp_reply_integer(function, "sympos");

		putchar(' ');
		lp_output_text(stdout, lp_reply_string(function, "name"));
		if (sympos > 1)
			printf(",%lld", sympos);
	}
	putchar('\n');
}

static void print_patch(const json_t *patch)
{
	const json_t *object, *state;
	size_t i;

	fputs("  ", stdout);
	lp_output_text(stdout, lp_reply_string(patch, "name"));
	fputs(": ", stdout);
	print_state(patch);
	printf(" (scope %lld)\n", lp_reply_integer(patch, "provides"));
	json_array_foreach(json_object_get(patch, "objects"), i, object)
		print_object(object);
	json_array_foreach(json_object_get(patch, "states"), i, state)
		printf("    state %lld, version %lld%s%s\n", lp_reply_integer(state, "id"),
		       lp_reply_integer(state, "version"),
		       flag(state, "is_shadow") ? ", shadow variables" : "",
		       flag(state, "block_disable") ? ", cannot be disabled" : "");
}

static void print_transition(const json_t *transition)
{
	const json_t *tasks = json_object_get(transition, "tasks"), *blocker;
	size_t i;

	fputs("  transition: ", stdout);
	lp_output_text(stdout, lp_reply_string(transition, "patch"));
	fputs(" -> ", stdout);
	lp_output_text(stdout, lp_reply_string(transition, "target"));
	printf(", %lld of %lld tasks, %lld ms\n", lp_reply_integer(tasks, "switched"),
	       lp_reply_integer(tasks, "total"), lp_reply_integer(transition, "elapsed_ms"));
	json_array_foreach(json_object_get(transition, "blockers"), i, blocker) {
		fputs("    ", stdout);
		lp_status_print_blocker(stdout, blocker);
		putchar('\n');
	}
}

void lp_status_print(pid_t pid, const char *comm, const json_t *status)
{
	const json_t *patches = json_object_get(status, "patches"), *patch;
	size_t i;

	printf("%d ", (int)pid);
	lp_output_text(stdout, comm);
	fputs(", agent ", stdout);
	lp_output_text(stdout, lp_reply_string(status, "agent"));
	fputs(json_array_size(patches) ? "\n" : ", no patches\n", stdout);
	json_array_foreach(patches, i, patch)
		print_patch(patch);
	if (lp_status_transition(status))
		print_transition(lp_status_transition(status));
	fflush(stdout);
}
