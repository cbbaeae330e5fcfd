// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trap.c - a program that maps a file which is no ELF file and is not there any more. By the name that
 * /proc/PID/maps gives for it there is a pipe, which nobody writes to. The first argument is the file; with
 * a second one the main thread is in a function of it, so whoever unwinds the stack looks for the file.
 *
 *	call			answer()
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "victim.h"

/* below all others: what goes through the mappings comes by here first */
#define PLACE ((void *)0x10000000)
#define SIZE 4096

static const struct victim_command *obeyed;
static volatile int one = 1;

ENTRY int answer(void)
{
	return one;
}

static void call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

static void obey(void)
{
	victim_run(obeyed);
}

/* sub $8, %rsp; call *%rdi; add $8, %rsp; ret */
static const unsigned char call_it[] = {
	0x48, 0x83, 0xec, 8, 0xff, 0xd7, 0x48, 0x83, 0xc4, 8, 0xc3
};

static void map_junk(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char pipe[4096];

	snprintf(pipe, sizeof(pipe), "%s (deleted)", path);
	if (fd < 0 || write(fd, call_it, sizeof(call_it)) != sizeof(call_it) ||
	    ftruncate(fd, SIZE) ||
	    mmap(PLACE, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0) !=
		    PLACE ||
	    close(fd) || unlink(path) || mkfifo(pipe, 0666))
		_exit(2);
}

int main(int argc, char **argv)
{
	static const struct victim_command commands[] = { { "call", call }, { 0 } };

	if (argc < 2)
		return 2;
	map_junk(argv[1]);
	obeyed = commands;
	if (argc > 2)
		((void (*)(void (*)(void)))PLACE)(obey);
	else
		obey();
	return 0;
}
