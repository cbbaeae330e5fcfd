/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "phase.h"

extern char **environ;

int lp_pack_path(struct lp_pack_job *job, const char *name, char **path)
{
	const char *base = getenv("TMPDIR");

	if (!job->directory) {
		char *directory;

		if (asprintf(&directory, "%s/suture-pack-XXXXXX", base && *base ? base : "/tmp") <
		    0)
			return -ENOMEM;
		if (!mkdtemp(directory)) {
			int err = -errno;

			free(directory);
			return err;
		}
		job->directory = directory;
	}
	return asprintf(path, "%s/%s", job->directory, name) < 0 ? -ENOMEM : 0;
}

static int spawn(const char *const *arguments, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	err = err ? err : posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	err = err ? err : posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	err = err ? err :
		    posix_spawnp(pid, arguments[0], &actions, NULL, (char *const *)arguments,
				 environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int read_all(int fd, struct lp_buffer *buffer)
{
	char bytes[4096];
	ssize_t size;

	while ((size = read(fd, bytes, sizeof(bytes))) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		lp_buffer_add(buffer, bytes, (size_t)size);
	}
	return buffer->failed ? -ENOMEM : 0;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int lp_pack_run(const char *const *arguments, char **output)
{
	struct lp_buffer buffer = { 0 };
	int pipe_fds[2], err, status;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	err = spawn(arguments, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (err) {
		close(pipe_fds[0]);
		return err;
	}
	err = read_all(pipe_fds[0], &buffer);
	close(pipe_fds[0]);
	status = wait_for(pid);
	lp_buffer_add(&buffer, "", 1);
	if (err || buffer.failed || status < 0) {
		lp_buffer_free(&buffer);
		return err ? err : buffer.failed ? -ENOMEM : status;
	}
	*output = (char *)buffer.bytes;
	return status;
}

static int run_compiler(struct lp_pack_job *job, const char *const *arguments)
{
	char *output;
	int status = lp_pack_run(arguments, &output);

	if (status < 0)
		return lp_pack_refuse(job, "compile-failed", "cannot run %s: %s", arguments[0],
				      strerror(-status));
	if (*output && job->options->report)
		job->options->report(job->options->context, status ? LP_ERROR : LP_WARNING,
				     status ? "compile-failed" : NULL, output);
	else if (status)
		lp_pack_refuse(job, "compile-failed", "%s failed with status %d", arguments[0],
			       status);
	free(output);
	return status ? -ECANCELED : 0;
}

/*
 * Each function and each variable in a section of its own, so that what only describes the patch
 * can be left out. Unwind tables at every instruction, for the agent; debug information, for the
 * signatures of replacements (it is not put into the .lp).
 */
static int compile(struct lp_pack_job *job, const wordexp_t *words, const char *source,
		   const char *object_path)
{
	static const char *const before[] = { "-O2", "-g", "-fPIC" };
	static const char *const after[] = { "-ffunction-sections", "-fdata-sections",
					     "-fasynchronous-unwind-tables", "-fno-common",
					     "-fno-lto",
					     /* a frame as long as anything of the patch is in
					      * use: a tail call would hand its data on, and
					      * leave */
					     "-fno-optimize-sibling-calls", "-c", "-o" };
	size_t n = 0, most = 8 + words->we_wordc + sizeof(before) / sizeof(*before) +
			     sizeof(after) / sizeof(*after);
	const char **arguments = calloc(most, sizeof(*arguments));
	int err;

	if (!arguments)
		return -ENOMEM;
	arguments[n++] = job->options->cc ? job->options->cc : "cc";
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		arguments[n++] = before[i];
	if (job->options->include_dir) {
		arguments[n++] = "-I";
		arguments[n++] = job->options->include_dir;
	}
	for (size_t i = 0; i < words->we_wordc; i++)
		arguments[n++] = words->we_wordv[i];
	for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++)
		arguments[n++] = after[i];
	arguments[n++] = object_path;
	arguments[n++] = source;
	err = run_compiler(job, arguments);
	free(arguments);
	return err;
}

bool lp_pack_is_object(const char *path)
{
	size_t length = strlen(path);

	return length > 2 && !strcmp(path + length - 2, ".o");
}

int lp_pack_compile(struct lp_pack_job *job, const char *source, const char *object_path)
{
	wordexp_t words = { 0 };
	int err;

	if (wordexp(job->options->cflags ? job->options->cflags : "", &words, WRDE_NOCMD))
		return lp_pack_refuse(job, "compile-failed", "--cflags cannot be read: %s",
				      job->options->cflags);
	err = compile(job, &words, source, object_path);
	wordfree(&words);
	return err;
}
