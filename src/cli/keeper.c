// SPDX-License-Identifier: LGPL-2.1-or-later
/* keeper.c - see keeper.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "family.h"
#include "keeper.h"

struct keeper {
	const struct lp_stage *stage;
	int fd, signals;
	pid_t start, test;
};

static void tell(const struct keeper *keeper, int event, int value, const char *text)
{
	struct lp_keeper_message message = { .event = event, .value = value };

	snprintf(message.text, sizeof(message.text), "%s", text);
	(void)send(keeper->fd, &message, sizeof(message), MSG_NOSIGNAL);
}

/* A terminal's Ctrl-C is for the command, which then closes our descriptor. */
static void keep_signals(struct keeper *keeper)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	keeper->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void free_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* output: for stdout; the program's stderr goes there too, the test's stays ours. */
static _Noreturn void become(const char *command, const char *output, bool both, const char *name)
{
	int in = open("/dev/null", O_RDONLY), out = open(output, O_WRONLY | O_APPEND);

	free_signals();
	setpgid(0, 0);
	if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    (both && dup2(out, STDERR_FILENO) < 0))
		_exit(126);
	if (in > STDERR_FILENO)
		close(in);
	if (out > STDERR_FILENO)
		close(out);
	setenv("SUTURE_TEST", name, 1);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

static pid_t run(const struct keeper *keeper, const char *command, const char *output, bool both)
{
	pid_t pid = fork();

	if (!pid)
		become(command, output, both, keeper->stage->name);
	if (pid < 0)
		tell(keeper, LP_KEEPER_FAILED, errno, "fork");
	return pid;
}

static bool is_crash(int status)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (WIFSIGNALED(status) && WTERMSIG(status) == crashes[i])
			return true;
	return false;
}

static int shell_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * A shell that runs a command and dies of no signal itself says 128 + signal. Whose child crashed is not
 * told of otherwise: only daemons and commands that the shell has become are our own.
 */
static void reap(struct keeper *keeper)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(keeper->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (is_crash(status) && pid != keeper->test)
			tell(keeper, LP_KEEPER_CRASH, WTERMSIG(status), "");
		if (pid == keeper->start)
			tell(keeper, LP_KEEPER_STARTED, shell_status(status), "");
		if (pid == keeper->test)
			tell(keeper, LP_KEEPER_TESTED, shell_status(status), "");
	}
}

/* False: the command is gone, or wants us to end. */
static bool serve(struct keeper *keeper)
{
	struct pollfd polled[] = {
		{ .fd = keeper->fd, .events = POLLIN },
		{ .fd = keeper->signals, .events = POLLIN },
	};
	char byte;

	if (poll(polled, 2, -1) < 0)
		return errno == EINTR;
	if (polled[1].revents)
		reap(keeper);
	if (!polled[0].revents)
		return true;
	if (recv(keeper->fd, &byte, 1, 0) != 1)
		return false;
	keeper->test = run(keeper, keeper->stage->test, keeper->stage->output, false);
	return true;
}

static bool set_up(struct keeper *keeper)
{
	const struct lp_place *place = keeper->stage->place;
	const char *culprit;
	int err = lp_family_adopt();

	keep_signals(keeper);
	if (err || keeper->signals < 0) {
		tell(keeper, LP_KEEPER_FAILED, err ? -err : errno, "the test's own process");
		return false;
	}
	err = place ? lp_place_enter(place, &culprit) : 0;
	if (err)
		tell(keeper, LP_KEEPER_FAILED, -err, *culprit ? culprit : "a mount namespace");
	return !err;
}

_Noreturn void lp_keeper_run(const struct lp_stage *stage, int fd)
{
	struct keeper keeper = { .stage = stage, .fd = fd, .signals = -1 };

	if (set_up(&keeper))
		keeper.start = run(&keeper, stage->start, stage->log, true);
	while (keeper.start > 0 && serve(&keeper))
		;
	(void)lp_family_end(LP_KEEPER_GRACE_MS);
	_exit(0);
}
