/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "recorder.h"
#include "relay.h"
#include "spawn.h"
#include "unit_job.h"

#define TAIL 40 /* lines of a failed command's output */

static char *log_path(const struct lp_unit_job *job, const char *name)
{
	return lp_disk_format("%s/%s", job->log, name);
}

static int refuse_output(struct lp_unit_job *job, const char *reason, const char *log,
			 const char *what)
{
	char *tail = lp_spawn_tail(log, TAIL);
	int err = tail ? lp_unit_job_refuse(job, reason, "%s%s%s", what, *tail ? ":\n" : "", tail) :
			 -ENOMEM;

	free(tail);
	return err;
}

int lp_unit_job_copy(struct lp_unit_job *job)
{
	char *log = log_path(job, "copy");
	int status;

	if (!log)
		return -ENOMEM;
	lp_relay_progress(job->events, "copy", 0, 0);
	status = lp_tree_copy(&job->tree, log);
	if (status > 0)
		status = refuse_output(job, "build-failed", log, "the tree cannot be copied");
	free(log);
	return status;
}

/*
 * In our own process, which is of no other use: a cache would keep the compiler from running, and
 * another host would run it out of sight. A make that we were started from is none of the build's
 * business.
 */
static int set_environment(void)
{
	if (unsetenv("MAKEFLAGS") || unsetenv("MFLAGS") || unsetenv("MAKELEVEL") ||
	    unsetenv(LP_RECORDER_LOG) || setenv("CCACHE_DISABLE", "1", 1) ||
	    setenv("DISTCC_HOSTS", "localhost", 1) || setenv("ICECC", "no", 1))
		return -errno;
	return 0;
}

static char *joined(const char *first, const char *second)
{
	return second && *second ? lp_disk_format("%s:%s", first, second) : strdup(first);
}

/* A program with the address sanitizer wants to be the first that is loaded, or told otherwise. */
static int set_recording(const char *recorder, const char *log)
{
	const char *asan = getenv("ASAN_OPTIONS");
	char *preload = joined(recorder, getenv("LD_PRELOAD"));
	char *options = asan ? joined(asan, "verify_asan_link_order=0") :
			       strdup("verify_asan_link_order=0");
	int err = preload && options ? 0 : -ENOMEM;

	if (!err && (setenv("LD_PRELOAD", preload, 1) || setenv("ASAN_OPTIONS", options, 1) ||
		     setenv(LP_RECORDER_LOG, log, 1)))
		err = -errno;
	free(preload);
	free(options);
	return err;
}

static void restore(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/*
 * Runs a command of the user's in the tree. record: file for the recorder; NULL: it is not. Returns its
 * status, or a negative errno.
 */
static int run_shell(struct lp_unit_job *job, const char *command, const char *name,
		     const char *record)
{
	const char *preload = getenv("LD_PRELOAD"), *asan = getenv("ASAN_OPTIONS");
	char *kept_preload = preload ? strdup(preload) : NULL;
	char *kept_asan = asan ? strdup(asan) : NULL;
	char *log = log_path(job, name);
	const char *arguments[] = { "/bin/sh", "-c", command, NULL };
	int status = log && !kept_preload == !preload && !kept_asan == !asan ? 0 : -ENOMEM;

	if (!status && record)
		status = set_recording(job->recorder, record);
	if (!status)
		status = lp_spawn_run(&(struct lp_spawn){
			.arguments = arguments, .cwd = job->tree.path, .output = log });
	if (record) {
		restore("LD_PRELOAD", kept_preload);
		restore("ASAN_OPTIONS", kept_asan);
		unsetenv(LP_RECORDER_LOG);
	}
	free(kept_preload);
	free(kept_asan);
	free(log);
	return status;
}

static int refuse_command(struct lp_unit_job *job, const char *command, const char *name,
			  int status)
{
	char *log = log_path(job, name);
	char *what = lp_disk_format("\"%s\" failed with status %d%s", command, status,
				    job->tree.shown == LP_TREE_PATCHED ?
					    ", with the diff" :
					    ", in a copy of the tree as it is");
	int err = log && what ? refuse_output(job, "build-failed", log, what) : -ENOMEM;

	free(log);
	free(what);
	return err;
}

static int clean(struct lp_unit_job *job)
{
	const char *command = job->options->clean;
	int status = command ? run_shell(job, command, "clean", NULL) : 0;

	return status > 0 ? refuse_command(job, command, "clean", status) : status;
}

/* quiet: that the command fails is answered by its status, and not reported. */
static int run_make(struct lp_unit_job *job, const char *name, const char *record, bool quiet)
{
	char *command = job->options->make ? strdup(job->options->make) :
					     lp_disk_format("make -j%u", job->jobs);
	int status = command ? run_shell(job, command, name, record) : -ENOMEM;

	if (status > 0 && !quiet)
		status = refuse_command(job, command, name, status);
	free(command);
	return status;
}

/* The clock's own time, which is later than that of any file the kernel has given one. */
static int touch(const char *path)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return utimensat(AT_FDCWD, path, (struct timespec[]){ now, now }, 0) < 0 ? -errno : 0;
}

/* No manual shall be made, nor the tools for it be missed. */
static int keep_time(const struct lp_unit_job *job, const char *path, const char *name)
{
	struct stat status;

	if (fstatat(job->source_fd, name, &status, 0) < 0)
		return 0;
	return utimensat(AT_FDCWD, path, (struct timespec[]){ status.st_atim, status.st_mtim }, 0) <
			       0 ?
		       -errno :
		       0;
}

static bool any_of_autotools(const struct lp_unit_job *job)
{
	for (size_t i = 0; i < job->fix.files.count; i++)
		if (lp_fix_is_of_autotools(job->fix.files.list[i]))
			return true;
	return false;
}

static bool is_built_again(const struct lp_unit_job *job, const char *name)
{
	return !lp_fix_is_documentation(name) &&
	       !(job->stays_configured && lp_fix_is_of_autotools(name));
}

static int touch_files(struct lp_unit_job *job)
{
	int err = 0;

	for (size_t i = 0; !err && i < job->fix.files.count; i++) {
		const char *name = job->fix.files.list[i];
		char *path = lp_disk_format("%s/%s", job->tree.path, name);

		if (!path)
			return -ENOMEM;
		if (lp_disk_is_file(path))
			err = is_built_again(job, name) ? touch(path) : keep_time(job, path, name);
		free(path);
	}
	return err;
}

/* A build directory outside is the user's own, not a copy: no patched object may get there. */
static int check_place(struct lp_unit_job *job, const struct lp_compilations *compilations)
{
	for (size_t i = 0; i < compilations->count; i++) {
		const struct lp_compilation *one = &compilations->list[i];

		if (lp_disk_below(one->cwd, job->tree.path) ||
		    lp_disk_below(one->output, job->tree.path) || !lp_disk_is_file(one->output))
			continue;
		return lp_unit_job_refuse(job, "build-failed",
					  "the build works in %s, which is not in the source tree "
					  "%s: name a tree that holds both",
					  one->cwd, job->options->source);
	}
	return 0;
}

/* As run_make(). What was recorded of that side before still counts. */
static int record_more(struct lp_unit_job *job, enum lp_tree_side side, bool quiet)
{
	const char *name = side == LP_TREE_ORIGINAL ? "record.original" : "record.patched";
	char *record = log_path(job, name);
	int err = record ?
			  run_make(job, side == LP_TREE_ORIGINAL ? "make.original" : "make.patched",
				   record, quiet) :
			  -ENOMEM;

	if (!err) {
		lp_compilations_free(&job->compilations[side]);
		err = lp_compilations_read(&job->compilations[side], record);
	}
	err = err ? err : check_place(job, &job->compilations[side]);
	free(record);
	return err;
}

static int record_make(struct lp_unit_job *job, enum lp_tree_side side, bool quiet)
{
	int err = touch_files(job);

	return err ? err : record_more(job, side, quiet);
}

static int refuse_fix(struct lp_unit_job *job, int err)
{
	if (err == -ENOENT)
		return lp_unit_job_refuse(job, "build-failed", "patch(1) is not installed");
	if (err != -EBADMSG)
		return err;
	return refuse_output(job, "bad-patch", job->fix.log, "the diff does not apply");
}

/* Without namespaces, a build that knows where it was configured would work there. */
static int check_absolute(struct lp_unit_job *job)
{
	const char *arguments[] = { "grep",
				    "-rlIF",
				    "--include=Makefile",
				    "--include=*.mk",
				    "--include=*.make",
				    "--include=*.ninja",
				    "--include=CMakeCache.txt",
				    "-m1",
				    "--",
				    job->tree.source,
				    ".",
				    NULL };
	char *log = log_path(job, "absolute");
	int status;

	if (!log)
		return -ENOMEM;
	status = lp_spawn_run(
		&(struct lp_spawn){ .arguments = arguments, .cwd = job->tree.path, .output = log });
	if (!status)
		status = refuse_output(job, "build-failed", log,
				       "a copy of the tree cannot be built: these files name the "
				       "tree itself, and there is no permission for a mount "
				       "namespace (be root, or allow user namespaces)");
	else if (status > 0)
		status = 0;
	free(log);
	if (!status)
		lp_unit_job_say(job, LP_WARNING,
				"no permission for a mount namespace: the copy is built in %s, so "
				"__FILE__ may differ",
				job->tree.path);
	return status;
}

/*
 * Whether what the diff touches has to be built once more as it is. Sources in C need not: their
 * objects are there. From other files sources are generated, and flags taken, so those are
 * compared with what the same generators make now.
 */
static bool wants_original_again(const struct lp_unit_job *job)
{
	for (size_t i = 0; i < job->fix.files.count; i++) {
		const char *name = job->fix.files.list[i];

		if (!lp_fix_is_c(name) && !lp_fix_is_assembler(name) && !lp_fix_is_beside(name))
			return true;
	}
	return false;
}

/* Where the autotools are missing, or are others, the tree stays configured as it is. */
static int record_original(struct lp_unit_job *job)
{
	int status = record_make(job, LP_TREE_ORIGINAL, any_of_autotools(job));

	if (status <= 0)
		return status;
	job->stays_configured = true;
	return record_make(job, LP_TREE_ORIGINAL, false);
}

static int build_original(struct lp_unit_job *job)
{
	int err = lp_tree_show(&job->tree, LP_TREE_ORIGINAL);

	if (!err && !job->tree.isolated)
		err = check_absolute(job);
	if (!err)
		err = refuse_fix(job, lp_fix_try(&job->fix, job->tree.path));
	if (err)
		return err;
	lp_relay_progress(job->events, "build", 0, 0);
	err = clean(job);
	err = err ? err : run_make(job, "make", NULL, false);
	if (err || !wants_original_again(job))
		return err;
	job->recorded_original = true;
	lp_relay_progress(job->events, "record", 0, 0);
	return record_original(job);
}

static int split(struct lp_unit_job *job)
{
	char *log = log_path(job, "split");
	int status = log ? lp_tree_split(&job->tree, log) : -ENOMEM;

	if (status > 0)
		status = refuse_output(job, "build-failed", log, "the copy cannot be copied");
	free(log);
	return status ? status : lp_tree_show(&job->tree, LP_TREE_PATCHED);
}

/*
 * With the numbers of its unchanged lines as they were, what includes a changed header and uses
 * nothing of the change is compiled to the object that is there. A text that does not
 * compile so (renumber.h) is built as it is.
 */
static int record_patched(struct lp_unit_job *job,
			  int (*record)(struct lp_unit_job *job, enum lp_tree_side side,
					bool quiet))
{
	int status = record(job, LP_TREE_PATCHED, job->n_renumbered > 0);

	if (status <= 0)
		return status;
	status = lp_unit_job_own_numbers(job);
	return status ? status : record(job, LP_TREE_PATCHED, false);
}

/* Once more, for sources of which the build does not know that they read what has changed. */
static int record_readers(struct lp_unit_job *job)
{
	struct lp_words readers = { 0 };
	int status = lp_unit_job_touch_readers(job, &readers);

	if (status > 0) {
		status = record_patched(job, record_more);
		if (!status)
			lp_unit_job_tell_readers(job, &readers);
	}
	lp_words_free(&readers);
	return status;
}

static int rebuild(struct lp_unit_job *job)
{
	int status = lp_unit_job_renumber(job);

	status = status ? status : record_patched(job, record_make);
	return status ? status : record_readers(job);
}

static int build_patched(struct lp_unit_job *job)
{
	int err;

	lp_relay_progress(job->events, "patch", 0, 0);
	err = split(job);
	if (!err)
		err = refuse_fix(job, lp_fix_apply(&job->fix, job->tree.path));
	if (err)
		return err;
	lp_relay_progress(job->events, "rebuild", 0, 0);
	return rebuild(job);
}

int lp_unit_job_build(struct lp_unit_job *job)
{
	int err = set_environment();

	err = err ? err : build_original(job);
	return err ? err : build_patched(job);
}
