/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process is looked at before anything is done to it: what its own headers say is not believed. */
#include <inject/error.h>
#include <inject/target.h>

#include <dlfcn.h>
#include <elf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HUGE_TEXT (1ull << 45) /* more than any machine could give us for a copy */

/* In the child: libc's headers, in memory, give its code this size. */
static bool claim_text(uint64_t size)
{
	Elf64_Ehdr *header;
	Elf64_Phdr *phdrs;
	Dl_info info;

	if (!dladdr(dlsym(RTLD_DEFAULT, "pthread_create"), &info) ||
	    mprotect(info.dli_fbase, 4096, PROT_READ | PROT_WRITE))
		return false;
	header = info.dli_fbase;
	phdrs = (Elf64_Phdr *)((char *)info.dli_fbase + header->e_phoff);
	for (unsigned int i = 0; i < header->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD && (phdrs[i].p_flags & PF_X))
			phdrs[i].p_memsz = size;
	return !mprotect(info.dli_fbase, 4096, PROT_READ);
}

/* size 0: as it is */
static pid_t start(uint64_t size)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (size && !claim_text(size))
			_exit(1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void look(uint64_t size, struct lp_target *target)
{
	struct lp_inject_error error = { .reason = "" };
	pid_t pid = start(size);
	int result = lp_target_init(target, pid, &error);

	if (!result)
		lp_target_deinit(target);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (result)
		fail_msg("%s: %s", error.reason, error.message);
}

static void test_claimed_size(void **state)
{
	struct lp_target plain, huge;

	(void)state;
	look(0, &plain);
	look(HUGE_TEXT, &huge);
	assert_true(huge.libc.text_hi - huge.libc.text_lo >= HUGE_TEXT);
	assert_int_equal(huge.syscall_ret, plain.syscall_ret);
	assert_int_equal(huge.sigreturn, plain.sigreturn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claimed_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
