/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "added.h"
#include "closure.h"
#include "instance.h"
#include "layout.h"
#include "merge.h"
#include "units/report.h"
#include "units/units.h"

struct build {
	const struct lp_build_options *options;
	struct lp_build_result *result;
	struct lp_report_to report;
	struct lp_units units;
	struct lp_pack_options pack;
	struct lp_pack_job job;
	struct lp_added *added;
	size_t n_added;
	struct lp_instance *instances;
	size_t n_instances;
	const struct lp_unit *unit; /* the one whose layouts are compared */
	bool layout_changed;
};

static void progress(const struct build *build, const char *phase, size_t done, size_t total)
{
	if (build->options->progress)
		build->options->progress(build->options->context, phase, (unsigned int)done,
					 (unsigned int)total);
}

/* --- the objects ---------------------------------------------------------------------------- */

static int make_work(const struct build *build)
{
	const struct lp_build_options *o = build->options;

	return o->from_objects || !mkdir(o->work, 0777) || errno == EEXIST ? 0 : -errno;
}

static int make_units(struct build *build)
{
	const struct lp_build_options *o = build->options;
	struct lp_units_options options = {
		.source = o->source,
		.patch = o->patch,
		.make = o->make,
		.clean = o->clean,
		.work = o->work,
		.recorder = o->recorder,
		.jobs = o->jobs,
		.report = o->report,
		.progress = o->progress,
		.context = o->context,
	};

	if (o->from_objects)
		return lp_units_load(&build->units, o->work);
	return lp_units_make(&build->units, &options);
}

/* --- what is added by hand ---------------------------------------------------------------------- */

static int open_added(struct build *build)
{
	const struct lp_build_options *o = build->options;

	build->added = calloc(o->n_adds + 1, sizeof(*build->added));
	if (!build->added)
		return -ENOMEM;
	if (o->n_adds)
		progress(build, "add", 0, o->n_adds);
	build->n_added = o->n_adds;
	return lp_added_open_all(build->added, o->n_adds, &build->job, o->adds, o->work);
}

static size_t count_added_functions(const struct build *build)
{
	size_t count = 0;

	for (size_t i = 0; i < build->n_added; i++)
		for (size_t k = 0; k < build->added[i].description.n_objects; k++)
			count += build->added[i].description.objects[k].n_functions;
	return count;
}

/* --- what changes ----------------------------------------------------------------------------- */

/* What to do about it. */
static const char *layout_advice(enum lp_layout_kind kind)
{
	switch (kind) {
	case LP_LAYOUT_REMOVED:
		return "leave the removal out of the diff, so that the member stays (code that has not "
		       "switched yet may look at it: see authors.md)";
	case LP_LAYOUT_FILLED:
		return "what is new has there what was padding, which is zero only if the program has "
		       "cleared all of it; keep it in a shadow variable";
	case LP_LAYOUT_VARIABLE:
		return "give the new one a name of its own";
	case LP_LAYOUT_CONSTANT:
		return "add new ones behind the others";
	default:
		return "keep new members in a shadow variable";
	}
}

static void refuse_layout(void *context, const struct lp_layout_change *change)
{
	struct build *build = context;
	const char *space = strrchr(change->type, ' ');

	/* what is made of a lambda lives in its function, or is named by a function that changes */
	if (strstr(change->type, "<lambda") || change->kind == LP_LAYOUT_ENUM_ADDED ||
	    lp_name_is_listed(build->options->accept, change->type) ||
	    (space && lp_name_is_listed(build->options->accept, space + 1)))
		return;
	if (change->kind == LP_LAYOUT_SIGNATURE) {
		lp_report_say(&build->report, LP_WARNING,
			      "%s: %s (%s): fine if the functions that it points to are all of the "
			      "targets",
			      build->unit->source, change->text, change->declared_at);
		return;
	}
	build->layout_changed = true;
	if (change->kind == LP_LAYOUT_VARIABLE || change->kind == LP_LAYOUT_CONSTANT) {
		lp_report_refusal(
			&build->report, "layout-changed",
			"%s: %s: the running program goes on with what it has stored; %s, or say "
			"--accept %s if that will do",
			build->unit->source, change->text, layout_advice(change->kind),
			change->type);
		return;
	}
	lp_report_refusal(
		&build->report, "layout-changed",
		"%s: %s (%s): what the running program has of it keeps the old layout; %s, or say "
		"--accept '%s' if %s",
		build->unit->source, change->text, change->declared_at, layout_advice(change->kind),
		change->type,
		change->kind == LP_LAYOUT_FILLED ? "that is so" : "none of it outlives a function");
}

static int check_layouts(struct build *build, const struct lp_unit *unit)
{
	int err;

	if (!unit->original || !unit->patched)
		return 0;
	build->unit = unit;
	err = lp_layout_compare(unit->original, unit->patched, refuse_layout, build);
	if (err == -ENODATA || err == -ENOTSUP || err == -EBADMSG) {
		lp_report_say(
			&build->report, LP_WARNING,
			"%s has no debug information that can be read: whether layouts of types change was not "
			"looked at",
			unit->source);
		err = 0;
	}
	return err;
}

static bool has_changes(const struct lp_pair *pair)
{
	bool changes = false;

	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++)
		changes |= pair->changed[i];
	return changes;
}

static int open_instances(struct build *build, const struct lp_unit *unit)
{
	int err = 0;

	for (size_t t = 0; t < build->job.n_targets && err != -ENOMEM; t++) {
		struct lp_instance *instance = &build->instances[build->n_instances++];
		int result = lp_instance_open(instance, unit, &build->job.targets[t],
					      build->options->leave, &build->report);

		err = result ? result : err;
		build->result->n_functions += instance->binding.n_matched ?
						      instance->binding.n_code :
						      0;
		build->result->n_matched += instance->binding.n_matched;
	}
	return err;
}

static bool is_named(const struct build *build, const char *name)
{
	const struct lp_elf_symbol *found;

	for (size_t t = 0; t < build->job.n_targets; t++)
		if (lp_elf_find(build->job.targets[t].elf, name, 0, &found) != -ENOENT)
			return true;
	return false;
}

/*
 * Whether the targets seem to hold this unit, by names: of what changes, and of half of its public
 * functions (other programs have a main too).
 */
static bool seems_held(const struct build *build, const struct lp_pair *pair, const char **name)
{
	const struct lp_relobj *obj = &pair->new.obj;
	size_t public = 0, held = 0;

	*name = NULL;
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];
		bool named;

		if (symbol->section == SHN_UNDEF || symbol->section >= obj->n_sections ||
		    (symbol->type != STT_FUNC && symbol->type != STT_OBJECT) ||
		    !pair->new.twin[symbol->section] || !strcmp(symbol->name, "main"))
			continue;
		named = is_named(build, symbol->name);
		if (symbol->binding == STB_GLOBAL) {
			public++;
			held += named;
		}
		if (named && pair->changed[symbol->section] && !*name)
			*name = symbol->name;
	}
	return *name && held * 2 >= public;
}

static int refuse_lto(struct build *build, const struct lp_unit *unit)
{
	return lp_report_refusal(
		&build->report, "lto",
		"%s was compiled for link-time optimisation: code of any other file may have been made "
		"of it; build the program without -flto",
		unit->source);
}

static int refuse_mismatch(struct build *build, const struct lp_unit *unit, const char *name)
{
	return lp_report_refusal(
		&build->report, "mismatch",
		"%s: nothing of it as it was compiled from this source is what the targets have, %s "
		"for one: another version, other options or another compiler",
		unit->source, name);
}

/* Whether the targets were made of other compilations of the source. */
static bool is_elsewhere(const struct build *build, size_t first)
{
	bool elsewhere = true;

	for (size_t i = first; i < build->n_instances; i++)
		elsewhere &= build->instances[i].elsewhere;
	return elsewhere;
}

static int open_changed(struct build *build, const struct lp_unit *unit, const struct lp_pair *pair)
{
	size_t matched = build->result->n_matched, first = build->n_instances;
	const char *name;
	bool held = seems_held(build, pair, &name);
	int err = open_instances(build, unit);

	build->result->n_changed++;
	if (err == -ENOMEM || !unit->original)
		return err;
	if (build->result->n_matched == matched && (!held || is_elsewhere(build, first))) {
		lp_report_say(&build->report, LP_NOTE, "%s is not part of the targets",
			      unit->output);
		return err;
	}
	if (unit->lto)
		return refuse_lto(build, unit);
	err = lp_pair_verify(pair, build->options->leave, build->options->accept, &build->report) ?:
		      err;
	if (build->result->n_matched > matched)
		return check_layouts(build, unit) ?: err;
	return !err && lp_pair_changes_code(pair) ? refuse_mismatch(build, unit, name) : err;
}

static int open_unit(struct build *build, const struct lp_unit *unit)
{
	struct lp_pair pair;
	int err;

	if (!unit->patched)
		return 0;
	err = lp_pair_open(&pair, unit->source, unit->original, unit->patched, &build->report);
	if (!err && has_changes(&pair))
		err = open_changed(build, unit, &pair);
	lp_pair_close(&pair);
	return err;
}

static int open_units(struct build *build)
{
	size_t count = build->units.count;
	int err = 0;

	build->instances = calloc(count * build->job.n_targets + 1, sizeof(*build->instances));
	if (!build->instances)
		return -ENOMEM;
	progress(build, "match", 0, count);
	for (size_t i = 0; i < count && (!err || err == -ECANCELED); i++) {
		int result = open_unit(build, &build->units.list[i]);

		err = result ? result : err;
		progress(build, "match", i + 1, count);
	}
	if (!err && build->layout_changed)
		err = -ECANCELED;
	return err;
}

static void drop_rivals(struct build *build)
{
	for (size_t i = 0; i < build->n_instances; i++)
		for (size_t k = i + 1; k < build->n_instances; k++) {
			struct lp_instance *a = &build->instances[i], *b = &build->instances[k];

			if (lp_instance_is_rival(a, b))
				lp_instance_drop(b->binding.n_matched > a->binding.n_matched ? a :
											       b);
		}
}

static int check_matches(struct build *build)
{
	int err;

	drop_rivals(build);
	err = lp_instances_find_moved(build->instances, build->n_instances, &build->report);
	for (size_t i = 0; i < build->n_instances; i++)
		err = lp_instance_check_match(&build->instances[i], &build->report) ?: err;
	return err;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static int check_replaced(struct build *build)
{
	size_t count = count_added_functions(build);
	int err = 0;

	for (size_t i = 0; i < build->n_instances; i++) {
		const struct lp_instance *instance = &build->instances[i];

		count += instance->n_replaced;
		for (size_t k = 0; k < instance->n_replaced; k++)
			if (!strcmp(instance->replaced[k].old.name, "main"))
				err = lp_report_refusal(
					&build->report, "never-returns",
					"%s: main changes, and runs until the program ends: it could never "
					"be replaced; with --leave main it stays as it is, and the rest is "
					"patched",
					instance->pair.name);
	}
	if (err || count)
		return err;
	if (!build->result->n_changed)
		return lp_report_refusal(
			&build->report, "no-change",
			"the diff changes no code (%zu sources were compiled again)",
			build->units.count);
	if (build->options->leave && *build->options->leave && build->result->n_matched)
		return lp_report_refusal(
			&build->report, "no-change",
			"what the diff changes of the targets is what --leave leaves as it is");
	return lp_report_refusal(&build->report, "not-in-target",
				 "nothing that the diff changes is part of the targets");
}

static int note_result(struct build *build)
{
	const struct lp_pack_job *job = &build->job;
	struct lp_build_result *result = build->result;

	result->replaced = calloc(job->n_functions + 1, sizeof(*result->replaced));
	if (!result->replaced)
		return -ENOMEM;
	for (size_t i = 0; i < job->n_functions; i++) {
		const struct lp_pack_function *function = &job->functions[i];

		if (asprintf(&result->replaced[i], "%s:%s", function->target->elf->name,
			     function->old->name) < 0) {
			result->replaced[i] = NULL;
			return -ENOMEM;
		}
		result->n_replaced++;
	}
	return 0;
}

static int open_targets(struct build *build)
{
	int err = lp_pack_open_targets(&build->job);

	for (size_t t = 0; t < build->job.n_targets && !err; t++)
		err = lp_origins_load(&build->job.targets[t].origins,
				      build->job.targets[t].elf->path);
	return err;
}

static int write_patch(struct build *build)
{
	int err;

	progress(build, "write", 0, 1);
	err = lp_merge(&build->job, build->instances, build->n_instances, build->added,
		       build->n_added);
	err = err ? err : lp_pack_finish(&build->job);
	progress(build, "write", 1, 1);
	return err;
}

/* What can be wrong with little work comes first: the compilations take the most time. */
static int run(struct build *build)
{
	int err = make_work(build);

	err = err ? err : open_targets(build);
	err = err ? err : open_added(build);
	err = err ? err : make_units(build);
	build->result->n_units = build->units.count;
	err = err ? err : open_units(build);
	err = err ? err : check_matches(build);
	err = err ? err : check_replaced(build);
	err = err ? err :
		    lp_added_check_names(&build->job, build->added, build->n_added,
					 build->instances, build->n_instances);
	err = err ? err :
		    lp_closure_make(build->instances, build->n_instances, build->added,
				    build->n_added, &build->report);
	err = err ? err : write_patch(build);
	return err ? err : note_result(build);
}

int lp_build(const struct lp_build_options *options, struct lp_build_result *result)
{
	struct build build = {
		.options = options,
		.result = result,
		.report = { options->report, options->context },
		.pack = { .targets = options->targets,
			  .n_targets = options->n_targets,
			  .debug_files = options->debug_files,
			  .n_debug_files = options->n_debug_files,
			  .cflags = options->cflags,
			  .cc = options->cc,
			  .include_dir = options->include_dir,
			  .output = options->output,
			  .report = options->report,
			  .context = options->context },
	};
	int err;

	*result = (struct lp_build_result){ 0 };
	build.job = (struct lp_pack_job){ .options = &build.pack };
	err = run(&build);
	if (err && err != -ECANCELED)
		lp_report_refusal(&build.report, "system", "%s: %s", options->output,
				  strerror(-err));
	for (size_t i = 0; i < build.n_instances; i++)
		lp_instance_close(&build.instances[i]);
	free(build.instances);
	lp_pack_close(&build.job);
	for (size_t i = 0; i < build.n_added; i++)
		lp_added_close(&build.added[i]);
	free(build.added);
	lp_units_free(&build.units);
	return err;
}

void lp_build_result_free(struct lp_build_result *result)
{
	for (size_t i = 0; i < result->n_replaced; i++)
		free(result->replaced[i]);
	free(result->replaced);
	*result = (struct lp_build_result){ 0 };
}
