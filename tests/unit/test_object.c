// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/object.h"

static __thread volatile int thread_word = 1; /* gives the program a TLS segment */

static void the_program(void **state)
{
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);
	const struct lp_object *program = lp_objects_find(objects, count, NULL);

	(void)state;
	assert_non_null(program);
	assert_ptr_equal(lp_objects_find(objects, count, ""), program);
	assert_true((uint64_t)the_program >= program->text_lo);
	assert_true((uint64_t)the_program < program->text_hi);
	assert_true(program->lo <= program->text_lo && program->text_hi <= program->hi);
	assert_true(program->tls_module == 1 && thread_word);
	assert_true(program->eh_frame_hdr > program->lo && program->eh_frame_hdr_size >= 12);
	lp_free(objects);
}

static void a_shared_object(void **state)
{
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);
	const struct lp_object *libc = lp_objects_find(objects, count, "libc.so.6");

	(void)state;
	assert_non_null(libc);
	assert_string_equal(libc->soname, "libc.so.6");
	assert_true(*libc->path == '/');
	assert_true((uint64_t)getenv >= libc->text_lo && (uint64_t)getenv < libc->text_hi);
	assert_int_equal(libc->build_id_size, 20);
	assert_null(lp_objects_find(objects, count, "libc.so"));
	lp_free(objects);
}

static void the_vdso(void **state)
{
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);
	const struct lp_object *vdso = lp_objects_find(objects, count, "linux-vdso.so.1");

	(void)state;
	assert_non_null(vdso);
	assert_string_equal(vdso->soname, "linux-vdso.so.1");
	assert_int_equal(vdso->lo, getauxval(AT_SYSINFO_EHDR));
	assert_true(vdso->eh_frame_hdr != 0);
	lp_free(objects);
}

static void check_peek(void)
{
	char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	static char bytes[3 * 4096];

	memset(pages, 5, 3 * 4096);
	munmap(pages + 2 * 4096, 4096);
	assert_int_equal(lp_peek((uint64_t)pages, bytes, 2 * 4096), 0);
	assert_memory_equal(bytes, pages, 2 * 4096);
	assert_int_equal(lp_peek((uint64_t)pages + 4096 - 3, bytes, 6), 0);
	assert_int_equal(lp_peek((uint64_t)pages, bytes, 2 * 4096 + 1), -EFAULT);
	assert_int_equal(lp_peek((uint64_t)pages + 2 * 4096, bytes, 1), -EFAULT);
	assert_int_equal(lp_peek(0, bytes, 1), -EFAULT);
	assert_int_equal(lp_peek(UINT64_MAX, bytes, 2), -EFAULT);
	assert_int_equal(lp_peek(1ul << 63, bytes, 8), -EFAULT);
	assert_int_equal(lp_peek(0, bytes, 0), 0);
	munmap(pages, 2 * 4096);
}

static void peek_never_faults(void **state)
{
	(void)state;
	check_peek();
}

/* A filter that kills for process_vm_readv, as a hardened service may have. */
static void forbid_vm_readv(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(99);
}

static void peek_under_a_filter(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		size_t count;

		forbid_vm_readv();
		if (!lp_objects_list(&count))
			_exit(1);
		check_peek();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program),
		cmocka_unit_test(a_shared_object),
		cmocka_unit_test(the_vdso),
		cmocka_unit_test(peek_never_faults),
		cmocka_unit_test(peek_under_a_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
