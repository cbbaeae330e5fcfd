// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void bench_die(const char *why)
{
	fprintf(stderr, "bench: %s\n", why);
	exit(1);
}

static double compared(const struct bench_figure *figure)
{
	switch (figure->goal) {
	case BENCH_RATIO:
		return figure->value / figure->peer;
	case BENCH_OVER:
		return figure->value - figure->peer;
	default:
		return figure->value;
	}
}

void bench_print(const struct bench_figure *figure)
{
	static const char *const goals[] = { "ratio", "over", "value", "none" };
	double result = compared(figure);

	printf("{\"name\":\"%s\",\"what\":\"%s\",\"unit\":\"%s\",\"value\":%.4g", figure->name,
	       figure->what, figure->unit, figure->value);
	if (figure->peer_what)
		printf(",\"peer_what\":\"%s\",\"peer\":%.4g", figure->peer_what, figure->peer);
	printf(",\"goal\":\"%s\"", goals[figure->goal]);
	if (figure->goal != BENCH_NONE)
		printf(",\"result\":%.4g,\"limit\":%.4g,\"pass\":%s", result, figure->limit,
		       result <= figure->limit + figure->tolerance ? "true" : "false");
	printf("}\n");
	fflush(stdout);
}

void bench_skip(const char *name, const char *why)
{
	printf("{\"name\":\"%s\",\"skipped\":\"%s\"}\n", name, why);
	fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static cpu_set_t all; /* what the program may use; a thread may have less already */

__attribute__((constructor)) static void see_processors(void)
{
	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		bench_die("sched_getaffinity");
}

void bench_pin(int which)
{
	cpu_set_t one;
	int found = -1;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && (found < 0 || which < 0))
			found = cpu;
	CPU_ZERO(&one);
	CPU_SET(found, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		bench_die("sched_setaffinity");
}

int bench_rounds(int full, int brief)
{
	return getenv("BENCH_SHORT") ? brief : full;
}

static void read_all(int fd, char *text)
{
	size_t done = 0;
	ssize_t n;

	while ((n = read(fd, text + done, BENCH_TEXT_MAX - 1 - done)) > 0)
		done += (size_t)n;
	text[done] = '\0';
	close(fd);
}

int bench_run(char *text, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int pipes[2], status, r;
	pid_t child;

	if (pipe(pipes) < 0)
		bench_die("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_addclose(&actions, pipes[0]);
	posix_spawn_file_actions_addclose(&actions, pipes[1]);
	r = posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (r)
		bench_die(argv[0]);
	if (text)
		read_all(pipes[0], text);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			bench_die("waitpid");
	if (!text)
		close(pipes[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void bench_suture(char *text, const char *command, const char *argument, const char *option)
{
	static char discarded[BENCH_TEXT_MAX];
	const char *argv[8] = { getenv("SUTURE") };
	char pid[16];
	int n = 1;

	if (!argv[0])
		bench_die("SUTURE is not set");
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	argv[n++] = command;
	if (argument)
		argv[n++] = argument;
	argv[n++] = "--pid";
	argv[n++] = pid;
	argv[n++] = "--json";
	if (option)
		argv[n++] = option;
	text = text ? text : discarded;
	if (bench_run(text, argv) != 0) {
		fprintf(stderr, "bench: suture %s %s: %s", command, argument ? argument : "", text);
		exit(1);
	}
}

void bench_apply(const char *name, const char *option)
{
	const char *folder = getenv("PATCHES");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.lp", folder ? folder : ".", name);
	bench_suture(NULL, "apply", path, option);
}

void bench_disable(const char *name)
{
	bench_suture(NULL, "disable", name, NULL);
}

double bench_json_number(const char *text, const char *key, int nth)
{
	char pattern[64];
	const char *found = text;

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	for (int i = 0; found && i <= nth; i++) {
		found = strstr(found, pattern);
		if (found)
			found += strlen(pattern);
	}
	return found ? strtod(found, NULL) : NAN;
}

/* The time in front of the last event of this name. */
static double event_time(const char *log, const char *event)
{
	char pattern[64];
	const char *last = NULL, *time = NULL;

	snprintf(pattern, sizeof(pattern), "\"event\":\"%s\"", event);
	for (const char *p = log; (p = strstr(p, pattern)); p++)
		last = p;
	for (const char *p = log; last && (p = strstr(p, "\"time\":")) && p < last; p++)
		time = p;
	return time ? strtod(time + strlen("\"time\":"), NULL) : NAN;
}

double bench_transition_ms(void)
{
	static char log[BENCH_TEXT_MAX];
	double start;

	bench_suture(log, "log", NULL, NULL);
	start = fmax(event_time(log, "apply"), event_time(log, "disable"));
	return (event_time(log, "complete") - start) * 1e3;
}
