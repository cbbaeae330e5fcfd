/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "spawn.h"

extern char **environ;

/* In the child. Returns only on failure. */
static void become(const struct lp_spawn *spawn, pid_t parent)
{
	int input, output;

	/* the parent may have ended before it could be asked for */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return;
	input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	output = open(spawn->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (input < 0 || output < 0 || dup2(input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		return;
	if (spawn->cwd && chdir(spawn->cwd) < 0)
		return;
	signal(SIGPIPE, SIG_DFL); /* the command line ignores it; pipes of shells count on it */
	execvpe(spawn->program ? spawn->program : spawn->arguments[0],
		(char *const *)spawn->arguments,
		spawn->environment ? (char *const *)spawn->environment : environ);
}

int lp_spawn_start(const struct lp_spawn *spawn, pid_t *pid)
{
	pid_t parent = getpid(), child;
	int failure[2], err = 0;
	ssize_t got;

	if (pipe2(failure, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (!child) {
		become(spawn, parent);
		err = errno ? -errno : -ECANCELED;
		_exit(write(failure[1], &err, sizeof(err)) == sizeof(err) ? 127 : 126);
	}
	if (child < 0)
		err = -errno;
	close(failure[1]);
	do
		got = child < 0 ? 0 : read(failure[0], &err, sizeof(err));
	while (got < 0 && errno == EINTR);
	close(failure[0]);
	if (!err)
		*pid = child;
	else if (child > 0)
		waitpid(child, NULL, 0);
	return err;
}

int lp_spawn_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int lp_spawn_run(const struct lp_spawn *spawn)
{
	int status, err;
	pid_t pid;

	err = lp_spawn_start(spawn, &pid);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return lp_spawn_status(status);
}

char *lp_spawn_tail(const char *path, unsigned int lines)
{
	char *bytes, *start;
	size_t size;

	if (lp_disk_read(path, &bytes, &size))
		return strdup("");
	while (size && bytes[size - 1] == '\n')
		bytes[--size] = '\0';
	for (start = bytes + size; start > bytes; start--)
		if (start[-1] == '\n' && !--lines)
			break;
	memmove(bytes, start, size - (size_t)(start - bytes) + 1);
	return bytes;
}
