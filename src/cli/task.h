/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task.h - processes and threads as this process sees them, and as they see themselves: in a pid
 * namespace of their own they have other numbers.
 */
#ifndef LP_CLI_TASK_H
#define LP_CLI_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <jansson.h>

/* The name of a process; "" if there is no such process. */
void lp_task_comm(pid_t pid, char *comm, size_t size);

/* The process of a thread (its own id for a process), or 0: there is none. */
pid_t lp_task_process(pid_t tid);

/* The parent of a process; 0 or a negative errno: not known. */
pid_t lp_task_parent(pid_t pid);

/* The number that the task has in its own pid namespace, or a negative errno. */
pid_t lp_task_inner(pid_t pid, pid_t tid);

/* How often the task has gone to sleep (its voluntary context switches), or a negative errno. */
long lp_task_sleeps(pid_t pid, pid_t tid);

/* Replaces "tid" in every element of `blockers` (an array) by the number that we see. */
void lp_task_translate(pid_t pid, json_t *blockers);

#endif
