// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * victim.c - the program of the simpler live cases. One line in, one line out:
 *
 *	call		the sum of answer() and other()
 *	hold		a thread enters held() and stays there
 *	release		it leaves; the value of held()
 *	smash		changes a byte of other()'s code, behind its entry
 *	threads N	starts N threads that sleep
 *
 * It reads and writes without stdio: a thread that waits inside of it holds a lock of libc's, and
 * then no thread of this program could be borrowed to bring the agent in.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sem_t entered, leave;
static pthread_t holder;
static volatile int base = 0;

__attribute__((noipa)) int answer(void)
{
	return base + 1;
}

__attribute__((noipa)) int other(void)
{
	return base + 10;
}

__attribute__((noipa)) int held(void)
{
	sem_post(&entered);
	sem_wait(&leave);
	return answer() + 100;
}

static void *hold(void *unused)
{
	(void)unused;
	return (void *)(intptr_t)held();
}

static void *rest(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void smash(void)
{
	unsigned char *code = (unsigned char *)other;
	uintptr_t page = (uintptr_t)code & ~(uintptr_t)4095;

	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
		abort();
	code[7] ^= 1;
	mprotect((void *)page, 8192, PROT_READ | PROT_EXEC);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char text[64];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		exit(1);
}

static void command(const char *line)
{
	pthread_t thread;
	void *value;

	if (!strcmp(line, "call")) {
		say("%d\n", answer() + other());
	} else if (!strcmp(line, "hold")) {
		pthread_create(&holder, NULL, hold, NULL);
		sem_wait(&entered);
		say("holding\n");
	} else if (!strcmp(line, "release")) {
		sem_post(&leave);
		pthread_join(holder, &value);
		say("%d\n", (int)(intptr_t)value);
	} else if (!strcmp(line, "smash")) {
		smash();
		say("smashed\n");
	} else if (!strncmp(line, "threads ", 8)) {
		for (int i = atoi(line + 8); i > 0; i--)
			pthread_create(&thread, NULL, rest, NULL);
		say("started\n");
	}
}

/* One line without its newline; false at the end of the input. */
static bool read_line(char *line, size_t size)
{
	size_t length = 0;

	while (length < size - 1 && read(STDIN_FILENO, line + length, 1) == 1) {
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
		length++;
	}
	return false;
}

int main(void)
{
	void *volatile first = malloc(1); /* as every program does sooner or later */
	char line[256];

	sem_init(&entered, 0, 0);
	sem_init(&leave, 0, 0);
	free(first);
	say("ready\n");
	while (read_line(line, sizeof(line)))
		command(line);
	return 0;
}
