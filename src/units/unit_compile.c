/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "relay.h"
#include "spawn.h"
#include "unit_job.h"
#include "words.h"

#define TAIL 40

/*
 * Each function and each variable in a section of its own, and strings, which at -O0 are one heap;
 * unwind tables at every instruction; debug information in the object itself. None of it changes
 * what a function's code does.
 */
static const char *const added[] = { "-ffunction-sections",
				     "-fdata-sections",
				     "-fmerge-constants",
				     "-fno-lto",
				     "-fasynchronous-unwind-tables",
				     "-g",
				     "-gz=none",
				     "-w",
				     "-Wno-builtin-macro-redefined",
				     NULL };

/* When the user's own object was made, or else its source changed: what __DATE__ was. */
static time_t time_of(const struct lp_unit_job *job, const struct lp_unit_pair *pair, bool object)
{
	const struct lp_compilation *one = lp_unit_pair_compilation(pair, LP_TREE_ORIGINAL);
	const char *const paths[] = { object ? one->output : one->source, one->source };

	for (size_t i = 0; i < 2; i++) {
		const char *name = lp_disk_below(paths[i], job->tree.path);
		struct stat status;

		if (name && *name && !fstatat(job->source_fd, name, &status, 0))
			return status.st_mtime;
	}
	return 0;
}

static bool has_start(char *const *list, const char *start)
{
	for (; *list; list++)
		if (!strncmp(*list, start, strlen(start)))
			return true;
	return false;
}

/* NAME="text", unless the build says itself what it is. */
static void add_date(struct lp_words *words, char *const *options, const char *name,
		     const char *text)
{
	char *start = lp_disk_format("-D%s", name);

	if (!start || !has_start(options, start))
		lp_words_take(words, start ? lp_disk_format("%s=\"%s\"", start, text) : NULL);
	free(start);
}

/* In every locale the same words, as the compiler's own. */
static void add_dates(struct lp_words *words, char *const *options, time_t made, time_t changed)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	char text[64];
	struct tm tm;

	if (!localtime_r(&made, &tm))
		return;
	snprintf(text, sizeof(text), "%s %2d %4d", months[tm.tm_mon], tm.tm_mday,
		 tm.tm_year + 1900);
	add_date(words, options, "__DATE__", text);
	snprintf(text, sizeof(text), "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	add_date(words, options, "__TIME__", text);
	if (!localtime_r(&changed, &tm))
		return;
	snprintf(text, sizeof(text), "%s %s %2d %02d:%02d:%02d %4d", days[tm.tm_wday],
		 months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 tm.tm_year + 1900);
	add_date(words, options, "__TIMESTAMP__", text);
}

/*
 * In the copy, an object is made where the build makes it: names that the compiler derives from
 * it (profiles, .gcda) stay right. Otherwise it is made in its place at once.
 */
static bool is_made_in_tree(const struct lp_unit_job *job, const struct lp_unit_pair *pair,
			    const struct lp_compilation *one)
{
	return !one->links && !pair->shares_output && lp_disk_below(one->output, job->tree.path);
}

static int add_arguments(struct lp_words *words, const struct lp_unit_job *job,
			 const struct lp_unit_pair *pair, const struct lp_compilation *one,
			 const char *object)
{
	const char *name = lp_disk_below(one->source, job->tree.path);

	lp_words_add_all(words, (const char *const *)one->arguments);
	lp_words_add_all(words, added);
	/* names of what has no name are made of a random number */
	if (!has_start(one->arguments, "-frandom-seed"))
		lp_words_take(words, lp_disk_format("-frandom-seed=%s", name ? name : one->source));
	if (!one->assembler && !has_start(one->environment, "SOURCE_DATE_EPOCH="))
		add_dates(words, one->arguments, time_of(job, pair, true),
			  time_of(job, pair, false));
	lp_words_add(words, "-o");
	lp_words_add(words, is_made_in_tree(job, pair, one) ? one->output_argument : object);
	if (one->language) {
		lp_words_add(words, "-x");
		lp_words_add(words, one->language);
	}
	lp_words_add(words, "-c");
	lp_words_add(words, one->source_argument);
	return words->failed ? -ENOMEM : 0;
}

static int make_room(const struct lp_unit_job *job, struct lp_unit_pair *pair,
		     const struct lp_compilation *one)
{
	if (!is_made_in_tree(job, pair, one))
		return 0;
	if (unlink(one->output) < 0 && errno != ENOENT)
		return -errno;
	return lp_disk_make_parents(one->output);
}

static int start(struct lp_unit_job *job, size_t i, enum lp_tree_side side)
{
	struct lp_unit_pair *pair = &job->pairs[i];
	const struct lp_compilation *one = lp_unit_pair_compilation(pair, side);
	char *object = lp_unit_job_object(job, i, side);
	char *output = object ? lp_disk_format("%s.log", object) : NULL;
	struct lp_words words = { 0 };
	int err = output ? 0 : -ENOMEM;

	err = err ? err : add_arguments(&words, job, pair, one, object);
	err = err ? err : make_room(job, pair, one);
	if (!err)
		err = lp_spawn_start(
			&(struct lp_spawn){ .program = one->program,
					    .arguments = (const char *const *)words.list,
					    .environment = (const char *const *)one->environment,
					    .cwd = one->cwd,
					    .output = output },
			&pair->pid);
	lp_words_free(&words);
	free(object);
	free(output);
	return err;
}

/* Takes the object out of the copy; an empty log says nothing. */
static int finish(struct lp_unit_job *job, size_t i, enum lp_tree_side side, int status)
{
	struct lp_unit_pair *pair = &job->pairs[i];
	const struct lp_compilation *one = lp_unit_pair_compilation(pair, side);
	char *object = lp_unit_job_object(job, i, side);
	char *output = object ? lp_disk_format("%s.log", object) : NULL;
	const char *name = lp_disk_below(one->output, job->tree.path);
	char *directory = lp_tree_directory(&job->tree, side);
	char *made = directory && name ? lp_disk_format("%s/%s", directory, name) : NULL;
	struct stat log;
	int err = output && directory && (made || !name) ? 0 : -ENOMEM;

	pair->pid = 0;
	pair->status[side] = lp_spawn_status(status);
	if (!err && !pair->status[side] && is_made_in_tree(job, pair, one))
		err = lp_disk_move(made, object);
	if (!err && !pair->status[side])
		pair->done[side] = true;
	if (output && !stat(output, &log) && !log.st_size)
		unlink(output);
	free(object);
	free(output);
	free(directory);
	free(made);
	return err;
}

static int wait_for_one(struct lp_unit_job *job, enum lp_tree_side side)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);

		if (pid < 0 && errno != EINTR)
			return -errno;
		/* others are what the build left behind */
		for (size_t i = 0; pid > 0 && i < job->n_pairs; i++)
			if (job->pairs[i].pid == pid)
				return finish(job, i, side, status);
	}
}

static bool is_due(const struct lp_unit_pair *pair, enum lp_tree_side side)
{
	return !pair->dropped && !pair->done[side] && !pair->absent[side];
}

/* All that is not done yet. */
static int compile_due(struct lp_unit_job *job, enum lp_tree_side side)
{
	const char *phase = side == LP_TREE_ORIGINAL ? "original" : "patched";
	unsigned int running = 0, done = 0, total = 0;
	int err = 0;

	for (size_t i = 0; i < job->n_pairs; i++)
		total += is_due(&job->pairs[i], side);
	for (size_t i = 0; !err && i < job->n_pairs; i++) {
		if (!is_due(&job->pairs[i], side))
			continue;
		err = start(job, i, side);
		running += !err;
		if (!err && running == job->jobs) {
			err = wait_for_one(job, side);
			running--;
			lp_relay_progress(job->events, phase, ++done, total);
		}
	}
	while (running--) {
		int failed = wait_for_one(job, side);

		err = err ? err : failed;
		lp_relay_progress(job->events, phase, ++done, total);
	}
	return err;
}

static void look_at_tree(struct lp_unit_job *job, enum lp_tree_side side)
{
	for (size_t i = 0; i < job->n_pairs; i++) {
		struct lp_unit_pair *pair = &job->pairs[i];
		const struct lp_compilation *one = lp_unit_pair_compilation(pair, side);

		pair->absent[side] = !lp_disk_is_file(one->source);
		pair->built[side] = lp_disk_is_file(one->output);
	}
}

/* A source that the build has removed again cannot be compiled, though it counts. */
static int check_absent(struct lp_unit_job *job)
{
	const enum lp_tree_side last = LP_TREE_ORIGINAL; /* the patched side came before */
	int result = 0;

	for (size_t i = 0; i < job->n_pairs; i++) {
		const struct lp_unit_pair *pair = &job->pairs[i];
		const struct lp_compilation *one = lp_unit_pair_compilation(pair, last);

		if (!pair->absent[LP_TREE_ORIGINAL] || !pair->absent[LP_TREE_PATCHED] ||
		    !(pair->built[LP_TREE_ORIGINAL] || pair->built[LP_TREE_PATCHED]))
			continue;
		result = lp_unit_job_refuse(
			job, "build-failed",
			"the build makes %s and removes it again: let it be kept "
			"(make: .SECONDARY:)",
			one->source);
	}
	return result;
}

static int refuse_unit(struct lp_unit_job *job, size_t i, enum lp_tree_side side)
{
	const struct lp_compilation *one = lp_unit_pair_compilation(&job->pairs[i], side);
	const char *name = lp_disk_below(one->source, job->tree.path);
	char *object = lp_unit_job_object(job, i, side);
	char *output = object ? lp_disk_format("%s.log", object) : NULL;
	char *tail = output ? lp_spawn_tail(output, TAIL) : NULL;
	int err = tail ? lp_unit_job_refuse(job, "compile-failed",
					    "%s does not compile %s (status %d):\n%s",
					    name && *name ? name : one->source,
					    side == LP_TREE_PATCHED ? "with the diff" : "as it was",
					    job->pairs[i].status[side], tail) :
			 -ENOMEM;

	free(object);
	free(output);
	free(tail);
	return err;
}

/* What fails and had left no object in the build either was something tried out. */
static int check_failures(struct lp_unit_job *job, enum lp_tree_side side)
{
	int result = 0;

	for (size_t i = 0; i < job->n_pairs; i++) {
		struct lp_unit_pair *pair = &job->pairs[i];
		int err = 0;

		if (!is_due(pair, side))
			continue;
		if (pair->built[side])
			err = refuse_unit(job, i, side);
		else
			pair->dropped = true;
		result = result ? result : err;
	}
	return result;
}

static bool any_due(const struct lp_unit_job *job, enum lp_tree_side side)
{
	for (size_t i = 0; i < job->n_pairs; i++)
		if (is_due(&job->pairs[i], side))
			return true;
	return false;
}

/* Names made of __LINE__ may come twice in renumbered text: such a unit keeps its numbers. */
static int compile_with_own_numbers(struct lp_unit_job *job, enum lp_tree_side side)
{
	int err = lp_unit_job_own_numbers(job);

	return err ? err : compile_due(job, side);
}

int lp_unit_job_compile(struct lp_unit_job *job, enum lp_tree_side side)
{
	int err = lp_tree_show(&job->tree, side);

	if (err)
		return err;
	look_at_tree(job, side);
	err = compile_due(job, side);
	if (!err && side == LP_TREE_PATCHED && job->n_renumbered && any_due(job, side))
		err = compile_with_own_numbers(job, side);
	err = err ? err : check_failures(job, side);
	if (!err && side == LP_TREE_ORIGINAL)
		err = check_absent(job);
	return err;
}
