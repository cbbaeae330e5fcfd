/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "relay.h"
#include "unit_job.h"
#include "words.h"

static void say(struct lp_unit_job *job, enum lp_severity severity, const char *reason,
		const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	lp_relay_report(job->events, severity, reason, text);
	free(text);
}

int lp_unit_job_refuse(struct lp_unit_job *job, const char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(job, LP_ERROR, reason, format, args);
	va_end(args);
	return -ECANCELED;
}

void lp_unit_job_say(struct lp_unit_job *job, enum lp_severity severity, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(job, severity, NULL, format, args);
	va_end(args);
}

/* The patched side first: it is shown already when its build is done. */
static int work(struct lp_unit_job *job)
{
	int err = lp_unit_job_build(job);

	err = err ? err : lp_unit_job_pair(job);
	err = err ? err : lp_unit_job_renumber(job);
	err = err ? err : lp_unit_job_compile(job, LP_TREE_PATCHED);
	err = err ? err : lp_unit_job_compile(job, LP_TREE_ORIGINAL);
	err = err ? err : lp_unit_job_check(job);
	return err ? err : lp_unit_job_write(job);
}

/* Dies with its parent; `life` is a pipe whose other end only that one holds. */
static void live_with_parent(int life)
{
	struct pollfd poll_fd = { .fd = life, .events = POLLIN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&poll_fd, 1, 0) > 0)
		_exit(1);
}

/* What the build has left running: without a namespace, orphans come to us. */
static void end_orphans(void)
{
	char *path = lp_disk_format("/proc/self/task/%d/children", gettid());

	for (;;) {
		char *bytes, *at, *next;
		size_t size;
		bool any = false;

		if (!path || lp_disk_read(path, &bytes, &size))
			break;
		for (at = bytes;; at = next) {
			long pid = strtol(at, &next, 10);

			if (next == at)
				break;
			any = !kill((pid_t)pid, SIGKILL) || any;
		}
		free(bytes);
		if (!any || (waitpid(-1, NULL, 0) < 0 && errno != EINTR))
			break;
	}
	free(path);
}

/* Process 1 of the namespaces: with it, all in there end. */
static int work_isolated(struct lp_unit_job *job)
{
	int life[2], status = 0;
	pid_t pid;

	if (pipe2(life, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (!pid) {
		int err;

		close(life[1]);
		live_with_parent(life[0]);
		err = lp_tree_enter(&job->tree);
		lp_relay_result(job->events, err ? err : work(job));
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -errno : 0;
}

/* In the child. Its own end is the end of all that it has started. */
static void run(struct lp_unit_job *job)
{
	int err;

	err = lp_unit_job_copy(job);
	if (err) {
		lp_relay_result(job->events, err);
		return;
	}
	err = lp_tree_isolate(&job->tree);
	if (err && err != -ENOMEM) {
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		err = work(job);
		end_orphans();
		lp_relay_result(job->events, err);
		return;
	}
	err = err ? err : work_isolated(job);
	if (err)
		lp_relay_result(job->events, err);
}

static int run_in_child(struct lp_unit_job *job)
{
	int events[2], life[2], err;
	pid_t pid;

	if (pipe2(events, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(life, O_CLOEXEC) < 0) {
		err = -errno;
		close(events[0]);
		close(events[1]);
		return err;
	}
	pid = fork();
	err = pid < 0 ? -errno : 0;
	if (!pid) {
		close(life[1]);
		close(events[0]);
		live_with_parent(life[0]);
		job->events = events[1];
		run(job);
		_exit(0);
	}
	close(events[1]);
	close(life[0]);
	if (!err)
		err = lp_relay_listen(events[0], job->options);
	close(events[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(life[1]);
	return err;
}

static int refuse_here(const struct lp_units_options *options, const char *what, const char *name,
		       int err)
{
	char *text = lp_disk_format("%s: %s", name, what ? what : strerror(-err));

	if (text && options->report)
		options->report(options->context, LP_ERROR, "build-failed", text);
	free(text);
	return text ? -ECANCELED : -ENOMEM;
}

static int copy_file(const struct lp_units_options *options, const char *from, const char *to)
{
	char *bytes;
	size_t size;
	int err = lp_disk_read(from, &bytes, &size);

	if (err)
		return refuse_here(options, NULL, from, err);
	err = lp_disk_write(to, bytes, size);
	free(bytes);
	return err;
}

static int make_directories(const char *work)
{
	static const char *const names[] = { "log", "original", "patched" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = lp_disk_format("%s/%s", work, names[i]);
		int err = !path ? -ENOMEM : mkdir(path, 0700) < 0 ? -errno : 0;

		free(path);
		if (err)
			return err;
	}
	return 0;
}

/* Both are copied: they may lie in the tree, which is about to be hidden. */
static int prepare_files(struct lp_unit_job *job, const struct lp_units_options *options)
{
	int err = make_directories(job->tree.work);

	if (err)
		return refuse_here(options, NULL, job->tree.work, err);
	job->log = lp_disk_format("%s/log", job->tree.work);
	job->fix.path = lp_disk_format("%s/fix.patch", job->tree.work);
	job->fix.log = lp_disk_format("%s/log/patch", job->tree.work);
	job->recorder = lp_disk_format("%s/suture-recorder.so", job->tree.work);
	if (!job->log || !job->fix.path || !job->fix.log || !job->recorder)
		return -ENOMEM;
	err = copy_file(options, options->patch, job->fix.path);
	return err ? err : copy_file(options, options->recorder, job->recorder);
}

static int prepare(struct lp_unit_job *job, const struct lp_units_options *options)
{
	job->options = options;
	job->tree.source = realpath(options->source, NULL);
	if (!job->tree.source)
		return refuse_here(options, NULL, options->source, -errno);
	job->tree.work = realpath(options->work, NULL);
	if (!job->tree.work)
		return refuse_here(options, NULL, options->work, -errno);
	if (lp_disk_below(job->tree.work, job->tree.source) ||
	    lp_disk_below(job->tree.source, job->tree.work) || !strcmp(job->tree.source, "/"))
		return refuse_here(options, "lies in the source tree, or the other way round",
				   job->tree.work, 0);
	/* LD_PRELOAD is a list with these between its names */
	if (strpbrk(job->tree.work, ": "))
		return refuse_here(options, "has a blank or a colon in its name", job->tree.work,
				   0);
	job->source_fd = open(job->tree.source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (job->source_fd < 0)
		return refuse_here(options, NULL, options->source, -errno);
	job->jobs = options->jobs;
	if (!job->jobs) {
		long processors = sysconf(_SC_NPROCESSORS_ONLN);

		job->jobs = processors > 0 ? (unsigned int)processors : 1;
	}
	return prepare_files(job, options);
}

static void cleanup(struct lp_unit_job *job)
{
	if (job->source_fd >= 0)
		close(job->source_fd);
	lp_tree_deinit(&job->tree);
	free((char *)job->tree.source);
	free((char *)job->tree.work);
	free((char *)job->fix.path);
	free((char *)job->fix.log);
	free(job->log);
	free(job->recorder);
}

int lp_units_make(struct lp_units *units, const struct lp_units_options *options)
{
	struct lp_unit_job job = { .source_fd = -1 };
	int err = prepare(&job, options);

	err = err ? err : lp_tree_init(&job.tree);
	err = err ? err : run_in_child(&job);
	cleanup(&job);
	return err ? err : lp_units_load(units, options->work);
}

static int compare(const void *a, const void *b)
{
	const struct lp_unit *x = a, *y = b;
	int order = strcmp(x->output, y->output);

	order = order ? order : strcmp(x->source, y->source);
	if (order || !x->patched || !y->patched)
		return order;
	/* one source in two programs: numbered in their order */
	order = (strlen(x->patched) > strlen(y->patched)) -
		(strlen(x->patched) < strlen(y->patched));
	return order ? order : strcmp(x->patched, y->patched);
}

static int read_unit(struct lp_unit *unit, const char *const *fields, const char *work)
{
	*unit = (struct lp_unit){
		.source = strdup(fields[0]),
		.output = strdup(fields[1]),
		.original = *fields[2] ? lp_disk_format("%s/%s", work, fields[2]) : NULL,
		.patched = *fields[3] ? lp_disk_format("%s/%s", work, fields[3]) : NULL,
		.lto = !strcmp(fields[4], "lto"),
	};
	return unit->source && unit->output && !unit->original == !*fields[2] &&
			       !unit->patched == !*fields[3] ?
		       0 :
		       -ENOMEM;
}

static int read_units(struct lp_units *units, const char *bytes, size_t size, const char *work)
{
	const char *at = bytes, *end = bytes + size;

	while (at < end) {
		struct lp_unit *list = realloc(units->list,
					       (units->count + 1) * sizeof(*units->list));
		const char *fields[5];
		int err;

		if (!list)
			return -ENOMEM;
		units->list = list;
		for (size_t i = 0; i < 5; i++) {
			const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;

			if (!nul)
				return -EBADMSG;
			fields[i] = at;
			at = nul + 1;
		}
		err = read_unit(&list[units->count++], fields, work);
		if (err)
			return err;
	}
	return 0;
}

int lp_units_load(struct lp_units *units, const char *work)
{
	char *path = lp_disk_format("%s/units", work), *bytes = NULL;
	struct lp_units made = { 0 };
	size_t size;
	int err = path ? lp_disk_read(path, &bytes, &size) : -ENOMEM;

	err = err ? err : read_units(&made, bytes, size, work);
	free(path);
	free(bytes);
	if (err) {
		lp_units_free(&made);
		return err;
	}
	if (made.count)
		qsort(made.list, made.count, sizeof(*made.list), compare);
	*units = made;
	return 0;
}

void lp_units_free(struct lp_units *units)
{
	for (size_t i = 0; i < units->count; i++) {
		free(units->list[i].source);
		free(units->list[i].output);
		free(units->list[i].original);
		free(units->list[i].patched);
	}
	free(units->list);
	*units = (struct lp_units){ 0 };
}
