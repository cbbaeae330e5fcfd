/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* script.h - a run as text: "seed n", "tasks n", and one line for each step. */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include <stdio.h>

#include "run.h"

void script_write(FILE *file, const struct run *run);
/* Into run->config, ops and n_ops. 0, or the number of the line that is wrong. */
int script_read(FILE *file, struct run *run);

#endif
