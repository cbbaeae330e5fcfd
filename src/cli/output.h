/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * output.h - what the commands print: reports on stdout, refusals and failures on stderr with what
 * to do about them; with --json everything on stdout, one object per line.
 *
 * Texts that come out of a target are not trusted: control characters never reach a terminal.
 */
#ifndef LP_CLI_OUTPUT_H
#define LP_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <jansson.h>

/* Prints text, control characters replaced by '?'. */
void lp_output_text(FILE *stream, const char *text);

/* "PID COMM: ", then the sentence, then a newline. */
void lp_output_line(pid_t pid, const char *comm, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* {"pid":..,"comm":..,...body}; comm NULL: without it. body stays the caller's. */
void lp_output_json(pid_t pid, const char *comm, const json_t *body);

/* One problem. pid 0: no process in particular. */
void lp_output_error(bool json, pid_t pid, const char *reason, const char *message);

/* {"reasons":[...]} of a reply. False, and nothing printed, if there are none in it. */
bool lp_output_refusal(bool json, pid_t pid, const json_t *reply);

/* SGR sequence for stdout or "" (no terminal, NO_COLOR, TERM=dumb). */
enum lp_colour { LP_COLOUR_NONE, LP_COLOUR_GOOD, LP_COLOUR_WAITING, LP_COLOUR_BAD };
const char *lp_output_colour(enum lp_colour colour);

/* A string or an integer of a JSON object from a target; "" or 0 if it is not there. */
const char *lp_reply_string(const json_t *object, const char *key);
long long lp_reply_integer(const json_t *object, const char *key);

#endif
