/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "leave.h"
#include "boot.h"
#include "error.h"
#include "module.h"
#include "sys.h"
#include "task.h"
#include "tracee.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f /* Linux 5.13 */
#endif

#define RSEQ_SIZE 32 /* glibc: sizeof(struct rseq) of the kernels that cannot be asked */
#define RSEQ_SIGNATURE 0x53053053 /* glibc's RSEQ_SIG on x86 */

/* linux/ptrace.h cannot be included together with glibc's */
struct rseq_configuration {
	uint64_t addr;
	uint32_t size, signature, flags, padding;
};

/* The struct lp_boot under the thread's stack pointer. -ENOENT: it is none of ours. */
static int find_boot(const struct lp_tracee *tracee, struct lp_boot *boot)
{
	const struct lp_map *map;
	struct lp_maps maps;
	int result = lp_maps_read(&maps, tracee->tid);

	if (result)
		return result;
	map = lp_maps_find(&maps, tracee->saved.rsp);
	if (!map || lp_sys_read(tracee->tid, map->lo, boot, sizeof(*boot)) ||
	    boot->magic != LP_BOOT_MAGIC || boot->self != map->lo)
		result = -ENOENT;
	lp_maps_deinit(&maps);
	return result;
}

/* On a kernel that cannot be asked: where glibc >= 2.35 says it has registered it. */
static int guess_rseq(const struct lp_tracee *tracee, struct lp_boot *boot)
{
	struct lp_module ldso;
	struct lp_maps maps;
	uint64_t offset_addr, size_addr, offset;
	uint32_t size = 0;
	int result = lp_maps_read(&maps, tracee->tid);

	if (result)
		return result;
	if (!lp_module_find(&ldso, tracee->tid, &maps, "ld-linux-x86-64.so.2")) {
		offset_addr = lp_module_symbol(&ldso, "__rseq_offset");
		size_addr = lp_module_symbol(&ldso, "__rseq_size");
		if (offset_addr && size_addr &&
		    !lp_sys_read(tracee->tid, offset_addr, &offset, sizeof(offset)) &&
		    !lp_sys_read(tracee->tid, size_addr, &size, sizeof(size)) && size) {
			boot->rseq_addr = tracee->saved.fs_base + offset;
			boot->rseq_size = RSEQ_SIZE;
			boot->rseq_signature = RSEQ_SIGNATURE;
		}
	}
	lp_maps_deinit(&maps);
	return 0;
}

/*
 * The thread takes its own rseq registration back: were it still there when the stack is gone, the
 * kernel would send a SIGSEGV.
 */
static int release(struct lp_tracee *tracee, struct lp_boot *boot)
{
	struct rseq_configuration rseq = { 0 };
	int result = 0;

	if (lp_sys_ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tracee->tid, sizeof(rseq),
			  (uint64_t)&rseq) == sizeof(rseq)) {
		boot->rseq_addr = rseq.addr;
		boot->rseq_size = rseq.size;
		boot->rseq_signature = rseq.signature;
	} else {
		result = guess_rseq(tracee, boot);
	}
	boot->release = 1;
	return result ? result :
			lp_sys_write(tracee->tid, boot->self + offsetof(struct lp_boot, rseq_addr),
				     &boot->rseq_addr,
				     offsetof(struct lp_boot, created) -
					     offsetof(struct lp_boot, rseq_addr));
}

static int follow(struct lp_tracee *tracee, struct lp_boot *boot)
{
	int64_t number, unmapped;
	int result = release(tracee, boot);

	if (result)
		return result;
	do
		number = lp_tracee_next_call(tracee);
	while (number >= 0 && number != __NR_exit);
	if (number < 0)
		return (int)number;
	result = lp_tracee_replace_call(tracee, __NR_munmap, boot->self - LP_BOOT_PAGE, boot->size,
					&unmapped);
	if (!result)
		result = lp_tracee_see_off(tracee);
	return result ? result : (int)unmapped;
}

static bool has_ended(pid_t tid)
{
	struct lp_task_status status;

	return lp_task_status(tid, &status) || status.state == 'Z' || status.state == 'X';
}

int lp_leave(pid_t tid, uint64_t deadline_ns, struct lp_inject_error *error)
{
	struct lp_tracee tracee;
	struct lp_boot boot;
	int result = lp_tracee_attach(&tracee, tid, deadline_ns);

	/* one that we brought in waits for us; one that has ended, or has no boot, was preloaded */
	if (!result) {
		result = lp_tracee_stop(&tracee);
		if (!result)
			result = find_boot(&tracee, &boot);
		if (result == -ENOENT || result == -ESRCH)
			result = 0;
		else if (!result)
			result = follow(&tracee, &boot);
		lp_tracee_detach(&tracee);
	} else if (has_ended(tid)) {
		result = 0;
	}
	if (result)
		lp_error_set(error, result, "system",
			     "the agent's thread could not be followed to its end (%s): a mapping "
			     "of its stack stays",
			     strerror(-result));
	return result;
}
