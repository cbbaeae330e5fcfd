/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unwind_space.h - this process as the unwinder sees it: its objects, readers of its memory, and
 * functions of known shape. Included by one test program each, which defines _GNU_SOURCE.
 */
#ifndef LP_TESTS_UNWIND_SPACE_H
#define LP_TESTS_UNWIND_SPACE_H

#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/agent/unwind.h"

#ifdef __clang__
#define NOINLINE __attribute__((noinline, unused))
#define OPTIMIZE(...)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#else
#define NOINLINE __attribute__((noinline, noclone, unused))
#define OPTIMIZE(...) __attribute__((optimize(__VA_ARGS__)))
#endif
#define RSP_FRAME                                                                                  \
	NOINLINE OPTIMIZE("O2", "omit-frame-pointer") __attribute__((no_sanitize("address")))
#define RBP_FRAME NOINLINE OPTIMIZE("O0", "no-omit-frame-pointer")
#define MAX_TRACE 512
#define SNAPSHOT (1u << LP_REG_RSP | 1u << LP_REG_RA) /* all that is known of a sleeping thread */
#define ALL_KNOWN ((1u << LP_REG_COUNT) - 1)
#define PRESERVED (SNAPSHOT | 1u << LP_REG_RBX | 1u << LP_REG_RBP | 0xfu << LP_REG_R12)

struct trace {
	int count;
	uint64_t pc[MAX_TRACE];
};

static struct lp_object objects[32];
static struct lp_unwind_space space;

static int object_add(struct dl_phdr_info *info, size_t size, void *context)
{
	struct lp_object *object = &objects[space.n_objects];

	(void)size;
	(void)context;
	assert_true(space.n_objects < sizeof(objects) / sizeof(objects[0]));
	object->lo = object->text_lo = UINT64_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uint64_t lo = info->dlpi_addr + header->p_vaddr, hi = lo + header->p_memsz;

		if (header->p_type == PT_GNU_EH_FRAME) {
			object->eh_frame_hdr = lo;
			object->eh_frame_hdr_size = header->p_memsz;
		}
		if (header->p_type != PT_LOAD)
			continue;
		object->lo = lo < object->lo ? lo : object->lo;
		object->hi = hi > object->hi ? hi : object->hi;
		if (!(header->p_flags & PF_X))
			continue;
		object->text_lo = lo < object->text_lo ? lo : object->text_lo;
		object->text_hi = hi > object->text_hi ? hi : object->text_hi;
	}
	space.n_objects++;
	return 0;
}

static int read_kernel(void *context, uint64_t addr, void *bytes, size_t size)
{
	struct iovec local = { bytes, size }, remote = { (void *)addr, size };

	(void)context;
	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
}

/* the red zones of a sanitizer are no concern of an unwinder, so not memcpy() */
static inline int read_direct(void *context, uint64_t addr, void *bytes, size_t size)
{
	(void)context;
	__asm__ volatile("rep movsb" : "+S"(addr), "+D"(bytes), "+c"(size) : : "memory");
	return 0;
}

static inline int space_setup(void **state)
{
	void *warm_up[4];

	(void)state;
	space.objects = objects;
	space.read = read_kernel;
	dl_iterate_phdr(object_add, NULL);
	/* loads libgcc_s: not in a handler */
	backtrace(warm_up, 4);
	memset(objects, 0, sizeof(objects));
	space.n_objects = 0;
	dl_iterate_phdr(object_add, NULL);
	return 0;
}

static inline bool trace_add(void *context, uint64_t pc)
{
	struct trace *trace = context;

	if (trace->count == MAX_TRACE)
		return true;
	trace->pc[trace->count++] = pc;
	return false;
}

static __attribute__((always_inline)) inline void capture(struct lp_registers *registers)
{
	uint64_t pc;

	registers->known = ALL_KNOWN;
	__asm__ volatile("mov %%rax, 0(%1)\n mov %%rdx, 8(%1)\n mov %%rcx, 16(%1)\n"
			 "mov %%rbx, 24(%1)\n mov %%rsi, 32(%1)\n mov %%rdi, 40(%1)\n"
			 "mov %%rbp, 48(%1)\n mov %%rsp, 56(%1)\n mov %%r8, 64(%1)\n"
			 "mov %%r9, 72(%1)\n mov %%r10, 80(%1)\n mov %%r11, 88(%1)\n"
			 "mov %%r12, 96(%1)\n mov %%r13, 104(%1)\n mov %%r14, 112(%1)\n"
			 "mov %%r15, 120(%1)\n lea 0(%%rip), %0\n mov %0, 128(%1)\n"
			 : "=&r"(pc)
			 : "r"(registers->value)
			 : "memory");
}

static inline void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	assert_int_equal(sigaction(signal, &action, NULL), 0);
}

static RSP_FRAME int trap_at_first_instruction(int depth)
{
	__asm__ volatile("ud2");
	return depth;
}

static RSP_FRAME int trap_deep(int depth)
{
	int result = depth == 0 ? trap_at_first_instruction(depth) : trap_deep(depth - 1);

	__asm__ volatile("" : "+r"(result));
	return result;
}

#endif
