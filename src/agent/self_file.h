/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * self_file.h - the files that procfs has about this process.
 *
 * They are those of the calling thread, not of the thread group: a main thread that has exited
 * leaves /proc/self/maps and /proc/self/mem empty.
 */
#ifndef LP_AGENT_SELF_FILE_H
#define LP_AGENT_SELF_FILE_H

#include <stddef.h>

/* proc_self_fd: a directory descriptor of /proc/self, borrowed; -1: /proc is used. */
void lp_self_file_init(int proc_self_fd);

/* Opens e.g. "maps" with O_CLOEXEC; a descriptor that the caller closes, or a negative errno. */
int lp_self_file_open(const char *name, int flags);

#endif
