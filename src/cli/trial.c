// SPDX-License-Identifier: LGPL-2.1-or-later
/* trial.c - see trial.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counterpart.h"
#include "stage.h"
#include "trial.h"
#include "trial_apply.h"
#include "units/disk.h"
#include "units/spawn.h"

enum side { PATCHED, REBUILT, SIDES };

static const char *const names[SIDES] = { [PATCHED] = "patched", [REBUILT] = "rebuilt" };

struct outcome {
	bool known;
	int status, crash;
	char *file; /* what the test said */
	char *text;
	size_t size;
};

struct trial {
	const struct lp_trial_options *options;
	struct lp_counterparts files;
	struct outcome outcomes[SIDES];
	char *work;
	char *diff;
};

static int refuse(const struct trial *trial, const char *reason, const char *text)
{
	lp_messages_report(trial->options->messages, LP_ERROR, reason, text);
	return -ECANCELED;
}

/* --- one side --------------------------------------------------------------------------------- */

static void note(struct outcome *outcome, const struct lp_stage *stage)
{
	outcome->known = true;
	outcome->status = stage->test_status;
	outcome->crash = stage->crash;
	if (!outcome->crash && stage->started && stage->start_status > 128)
		outcome->crash = stage->start_status - 128; /* the shell tells for its child */
}

static int play(const struct trial *trial, struct lp_stage *stage, enum side side)
{
	const struct lp_trial_options *options = trial->options;
	char *log = lp_disk_format("%s/log/apply.json", trial->work);
	int err = log ? lp_stage_open(stage) : -ENOMEM;

	err = err ? err : lp_stage_await(stage, options->timeout_ms);
	if (!err && side == PATCHED)
		err = lp_trial_apply(stage, options->patch, log, options->messages);
	err = err ? err : lp_stage_test(stage, options->timeout_ms);
	lp_stage_close(stage);
	free(log);
	return err;
}

static int run_side(struct trial *trial, enum side side)
{
	const struct lp_trial_options *options = trial->options;
	struct outcome *outcome = &trial->outcomes[side];
	char *log = lp_disk_format("%s/log/start.%s", trial->work, names[side]);
	struct lp_stage stage = {
		.name = names[side],
		.start = options->start,
		.test = options->test,
		.log = log,
		.place = side == REBUILT ? &trial->files.place : NULL,
		.ids = side == REBUILT ? trial->files.new : trial->files.old,
		.n_ids = options->n_targets,
		.fd = -1,
	};
	int err;

	outcome->file = lp_disk_format("%s/log/test.%s", trial->work, names[side]);
	stage.output = outcome->file;
	options->progress(options->context, side == PATCHED ? "test-patched" : "test-rebuilt", 0,
			  0);
	err = log && outcome->file ? play(trial, &stage, side) : -ENOMEM;
	if (*stage.problem)
		refuse(trial, "test-failed", stage.problem);
	if (!err)
		err = lp_disk_read(outcome->file, &outcome->text, &outcome->size);
	if (!err)
		note(outcome, &stage);
	free(log);
	return err;
}

/* --- both ------------------------------------------------------------------------------------- */

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	return a->known && b->known && a->status == b->status && a->crash == b->crash &&
	       a->size == b->size && !memcmp(a->text, b->text, a->size);
}

static char *make_diff(const struct trial *trial)
{
	char *file = lp_disk_format("%s/log/test.diff", trial->work), *text = NULL;
	const char *const arguments[] = { "diff",
					  "-u",
					  "--text",
					  "--label",
					  names[PATCHED],
					  "--label",
					  names[REBUILT],
					  "--",
					  trial->outcomes[PATCHED].file,
					  trial->outcomes[REBUILT].file,
					  NULL };
	size_t size;

	if (file &&
	    lp_spawn_run(&(struct lp_spawn){ .arguments = arguments, .output = file }) >= 0 &&
	    lp_disk_read(file, &text, &size))
		text = NULL;
	free(file);
	return text;
}

static int refuse_difference(struct trial *trial)
{
	const struct outcome *a = &trial->outcomes[PATCHED], *b = &trial->outcomes[REBUILT];
	bool output = a->size != b->size || memcmp(a->text, b->text, a->size) != 0;
	char crash[128] = "", status[128] = "";
	char *text;

	if (output)
		trial->diff = make_diff(trial);
	if (a->status != b->status)
		snprintf(status, sizeof(status),
			 "; --test ends with status %d, and with %d rebuilt", a->status, b->status);
	if (a->crash != b->crash)
		snprintf(crash, sizeof(crash), "; signal %d ends the %s program",
			 a->crash ? a->crash : b->crash, names[a->crash ? PATCHED : REBUILT]);
	text = lp_disk_format(
		"the patched program does not do what the rebuilt one does%s%s%s; the "
		"patch was written nevertheless",
		output ? "; what --test says differs" : "", status, crash);
	if (text)
		refuse(trial, "test-differs", text);
	free(text);
	return -ECANCELED;
}

static int check_place(const struct trial *trial)
{
	int err = lp_place_try();
	char *text;

	if (!err)
		return 0;
	text = lp_disk_format(
		"the rebuilt program cannot be put in the place of the targets: no mount "
		"namespace can be had (%s); be root, or allow user namespaces",
		strerror(-err));
	if (text)
		refuse(trial, "test-failed", text);
	free(text);
	return -ECANCELED;
}

static int run(struct trial *trial)
{
	int err;

	trial->work = realpath(trial->options->work, NULL);
	if (!trial->work)
		return -errno;
	trial->files.work = trial->work;
	err = check_place(trial);
	err = err ? err : lp_counterparts_find(&trial->files);
	for (enum side side = PATCHED; side < SIDES && !err; side++)
		err = run_side(trial, side);
	if (!err && !is_same(&trial->outcomes[PATCHED], &trial->outcomes[REBUILT]))
		err = refuse_difference(trial);
	return err;
}

/* --- what is told ----------------------------------------------------------------------------- */

static json_t *text_json(const char *text, size_t size)
{
	json_t *string = json_stringn(text, size);
	char *ascii;

	if (string)
		return string;
	ascii = malloc(size + 1); /* a program may say what is no UTF-8 */
	for (size_t i = 0; ascii && i < size; i++)
		ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	string = ascii ? json_stringn(ascii, size) : NULL;
	free(ascii);
	return string;
}

static json_t *outcome_json(const struct outcome *outcome)
{
	json_t *object = json_object();

	json_object_set_new(object, "status", json_integer(outcome->status));
	json_object_set_new(object, "output", text_json(outcome->text, outcome->size));
	if (outcome->crash)
		json_object_set_new(object, "signal", json_integer(outcome->crash));
	return object;
}

static json_t *trial_json(const struct trial *trial)
{
	json_t *object = json_object();

	json_object_set_new(
		object, "same",
		json_boolean(is_same(&trial->outcomes[PATCHED], &trial->outcomes[REBUILT])));
	for (enum side side = PATCHED; side < SIDES; side++)
		if (trial->outcomes[side].known)
			json_object_set_new(object, names[side],
					    outcome_json(&trial->outcomes[side]));
	if (trial->diff)
		json_object_set_new(object, "diff", text_json(trial->diff, strlen(trial->diff)));
	return object;
}

int lp_trial_run(const struct lp_trial_options *options, json_t **result)
{
	struct trial trial = {
		.options = options,
		.files = { .source = options->source,
			   .targets = options->targets,
			   .n_targets = options->n_targets,
			   .messages = options->messages },
	};
	int err = run(&trial);

	if (err && err != -ECANCELED) {
		refuse(&trial, "system", strerror(-err));
		err = -ECANCELED;
	}
	*result = trial_json(&trial);
	for (enum side side = PATCHED; side < SIDES; side++) {
		free(trial.outcomes[side].file);
		free(trial.outcomes[side].text);
	}
	lp_counterparts_free(&trial.files);
	free(trial.work);
	free(trial.diff);
	return err;
}
