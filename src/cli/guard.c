// SPDX-License-Identifier: LGPL-2.1-or-later
/* guard.c - see guard.h. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "core/reason.h"
#include "family.h"
#include "guard.h"
#include "output.h"

#define LEAVE_MS 8000 /* for those of the child's children that end others in good order */
#define TRIES 10

char *lp_guard_directory(void)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/suture-build.XXXXXX", parent && *parent ? parent : "/tmp") < 0)
		return NULL;
	if (mkdtemp(path))
		return path;
	free(path);
	return NULL;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static void remove_directory(const char *path)
{
	for (int i = 0; path && i < TRIES && !access(path, F_OK); i++)
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What the caller has ignored for us stays ignored. */
static void add_ending(sigset_t *set)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now;

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (!sigaction(ending[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(set, ending[i]);
}

/* The child's status, or the number of the signal that came before it ended, negative. */
static int watch(pid_t child, const sigset_t *set)
{
	int status;

	for (;;) {
		pid_t ended = waitpid(child, &status, WNOHANG);
		int number;

		/* Ctrl-C is for both of us: the child may be the first. */
		if (ended == child)
			return WIFSIGNALED(status) && sigismember(set, WTERMSIG(status)) == 1 ?
				       -WTERMSIG(status) :
				       status;
		number = sigwaitinfo(set, NULL);
		if (number > 0 && number != SIGCHLD) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			return -number;
		}
	}
}

static _Noreturn void work_in_child(int (*work)(void *), void *context, const sigset_t *before)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, before, NULL);
	status = work(context);
	/* A report that could not be written is not done: see main.c. */
	if ((fflush(stdout) || ferror(stdout)) && status == LP_EXIT_DONE)
		status = LP_EXIT_FAILED;
	_exit(status);
}

static int exit_status(int status)
{
	char message[64];

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	snprintf(message, sizeof(message), "the builder died of signal %d", WTERMSIG(status));
	lp_output_error(false, 0, lp_reason_word(LP_REASON_SYSTEM), message);
	return LP_EXIT_FAILED;
}

static void end_as_by(int number, const sigset_t *before)
{
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_SETMASK, before, NULL);
}

int lp_guard_run(int (*work)(void *context), void *context, const char *directory)
{
	sigset_t set, before;
	int result;
	pid_t child;

	fflush(NULL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	add_ending(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	(void)lp_family_adopt();
	child = fork();
	if (!child)
		work_in_child(work, context, &before);
	if (child < 0) {
		lp_output_error(false, 0, lp_reason_word(LP_REASON_SYSTEM), strerror(errno));
		result = W_EXITCODE(LP_EXIT_FAILED, 0);
	} else {
		result = watch(child, &set);
		if (!lp_family_wait(LEAVE_MS))
			(void)lp_family_end(0);
	}
	remove_directory(directory);
	if (result < 0)
		end_as_by(-result, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return exit_status(result);
}
