// SPDX-License-Identifier: LGPL-2.1-or-later
/* frame.c - main() of every situation's program: one line in, one line out */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "frame.h"

void say(const char *format, ...)
{
	char text[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	if (length < 0 || length >= (int)sizeof(text) - 1)
		exit(1);
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		exit(1);
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
	char line[256], *number;

	free(first);
	say("ready");
	while (read_line(line, sizeof(line))) {
		number = strchr(line, ' ');
		if (number)
			*number++ = '\0';
		answer(line, number ? strtol(number, NULL, 10) : 0);
	}
	return 0;
}
