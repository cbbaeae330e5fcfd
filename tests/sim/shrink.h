/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shrink.h - makes a failing run short, and keeps it failing for the same invariant. */
#ifndef SIM_SHRINK_H
#define SIM_SHRINK_H

#include "run.h"

/* Leaves the shortest run found in `run`, done once more. */
void shrink(struct run *run);

#endif
