/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proc.h - reading this process's own procfs. Agent's thread only. */
#ifndef LP_AGENT_PROC_H
#define LP_AGENT_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Finds this process in procfs: /proc/self, or the directory that came with the injection (-1:
 * none), which is closed. 0, or -ENOENT.
 */
int lp_proc_init(int proc_fd);
void lp_proc_deinit(void);
/* a descriptor of this process's directory for near.h, -1: /proc is usable */
int lp_proc_self_fd(void);

/* Opens NAME of this process, or task/TID/NAME when tid is not 0. A descriptor, or a negative errno. */
int lp_proc_open(int64_t tid, const char *name, int flags);
/* Reads it from the start; terminates the text. Bytes read, or a negative errno. */
long lp_proc_read(int64_t tid, const char *name, char *text, size_t size);

/* Append to a text, without a NUL; return its new end. */
char *lp_put_text(char *end, const char *text);
char *lp_put_number(char *end, uint64_t number);

/* Parsing helpers: advance *text past blanks and a number. */
uint64_t lp_parse_number(const char **text, int base);

/* What /proc/self/task/TID/stat says. */
struct lp_task_stat {
	char state; /* R S D T t Z X I */
	uint32_t flags; /* PF_* */
};
int lp_proc_task_stat(int64_t tid, struct lp_task_stat *stat);
/* the number of threads in /proc/self/stat, or a negative errno */
long lp_proc_thread_count(void);
/* /proc/self/task/TID/status: 0, or a negative errno */
int lp_proc_blocked_signals(int64_t tid, uint64_t *blocked);
/* how many system call filters the task has; before Linux 5.9 whether it has any */
int lp_proc_filters(int64_t tid, uint64_t *count);

/*
 * The main thread's stack: where it ends (the arguments and environment above are left out), and
 * how far down it may ever grow. 0 or a negative errno.
 */
int lp_proc_main_stack(uint64_t *lowest, uint64_t *end);

/* Something that changes whenever the task has been on a processor. 0, or a negative errno. */
int lp_proc_switches(int64_t tid, uint64_t *count);

#endif
