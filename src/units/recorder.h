/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorder.h - the log that suture-recorder.so writes, and record.c reads. One record for each run
 * of a compiler driver, each written by one write(2) to a file opened with O_APPEND.
 *
 * A record is this header and strings, each with its NUL: the path of the program, its working
 * directory, arguments, variables of the environment ("NAME=value"; those that a compiler heeds),
 * and one for each argument "@FILE": "+" and the file's text, or "-" if it cannot be read.
 */
#ifndef LP_UNITS_RECORDER_H
#define LP_UNITS_RECORDER_H

#include <stdint.h>

#define LP_RECORDER_LOG "SUTURE_RECORD" /* the variable that names the log */
#define LP_RECORDER_MAGIC UINT32_C(0x3152534c) /* "LSR1" */

struct lp_recorder_header {
	uint32_t magic;
	uint32_t size; /* of the whole record, this header with it */
	uint32_t n_arguments;
	uint32_t n_variables;
	uint32_t n_responses;
};

#endif
