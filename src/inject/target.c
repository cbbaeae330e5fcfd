/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "target.h"
#include "error.h"
#include "sys.h"
#include "task.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536
#define TEXT_MAX (64u << 20) /* far more than any libc has */

static int no_process(pid_t pid, struct lp_inject_error *error)
{
	return lp_error_set(error, -ESRCH, "no-such-process", "there is no process %d", pid);
}

static int no_permission(pid_t pid, struct lp_inject_error *error)
{
	char scope = '0';
	int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &scope, 1) != 1)
			scope = '0';
		close(fd);
	}
	return lp_error_set(
		error, -EACCES, "no-permission",
		"process %d may not be traced: be its user (and it not setuid), or have "
		"CAP_SYS_PTRACE in its user namespace%s",
		pid, scope > '0' ? "; kernel.yama.ptrace_scope restricts this further here" : "");
}

static int unsupported(pid_t pid, struct lp_inject_error *error, const char *what)
{
	return lp_error_set(error, -EOPNOTSUPP, "unsupported-target", "process %d %s", pid, what);
}

static int fail(pid_t pid, struct lp_inject_error *error, int result)
{
	if (result == -ESRCH)
		return no_process(pid, error);
	if (result == -EACCES || result == -EPERM)
		return no_permission(pid, error);
	return lp_error_set(error, result, "system", "process %d cannot be read: %s", pid,
			    strerror(-result));
}

static int check_status(pid_t pid, pid_t tid, struct lp_inject_error *error)
{
	struct lp_task_status status;
	int result = lp_task_status(tid, &status);

	if (result)
		return fail(pid, error, result);
	if (status.tgid != pid)
		return lp_error_set(error, -ESRCH, "no-such-process",
				    "%d is a thread of process %d", pid, status.tgid);
	if (status.tracer)
		return lp_error_set(error, -EBUSY, "traced",
				    "process %d is being traced by process %d (a debugger?)", pid,
				    status.tracer);
	if (status.state == 'T')
		return unsupported(pid, error, "is stopped: let it continue (SIGCONT) first");
	if (status.seccomp == 1)
		return unsupported(pid, error, "is in strict seccomp mode");
	if (status.shadow_stack)
		return unsupported(pid, error, "uses a shadow stack");
	return 0;
}

static int check_tasks(struct lp_target *target, struct lp_inject_error *error)
{
	pid_t pid = target->pid, *tids;
	int count, result = 0;

	if (lp_task_flags(pid) & LP_TASK_KTHREAD)
		return unsupported(pid, error, "is a kernel thread");
	target->live = lp_task_live(pid);
	if (target->live == -ESRCH && !kill(pid, 0))
		return lp_error_set(error, -ESRCH, "no-such-process", "process %d has exited", pid);
	if (target->live < 0)
		return fail(pid, error, target->live);
	count = lp_task_list(pid, &tids);
	if (count < 0)
		return fail(pid, error, count);
	for (int i = 0; i < count && !result; i++) {
		result = check_status(pid, tids[i], error);
		if (result == -ESRCH && tids[i] != target->live)
			result = 0; /* it has exited meanwhile */
	}
	free(tids);
	return result;
}

/* The file it runs: 64-bit x86, with an interpreter. */
static int check_program(const struct lp_target *target, struct lp_inject_error *error)
{
	Elf64_Ehdr header;
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", target->live);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(target->pid, error, -errno);
	n = read(fd, &header, sizeof(header));
	close(fd);
	if (n != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG))
		return unsupported(target->pid, error, "does not run an ELF file");
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
		return unsupported(target->pid, error, "is not a 64-bit x86 program");
	return 0;
}

static bool maps_name(const struct lp_maps *maps, const char *part)
{
	for (size_t i = 0; i < maps->count; i++)
		if (strstr(maps->maps[i].path, part))
			return true;
	return false;
}

static int find_libc(struct lp_target *target, struct lp_inject_error *error)
{
	const struct lp_maps *maps = &target->maps;

	if (lp_module_find(&target->ldso, target->live, maps, "ld-linux-x86-64.so.2"))
		return unsupported(target->pid, error,
				   maps_name(maps, "musl") ?
					   "uses musl, which is not supported yet" :
					   "is a static program, or one without glibc's ld.so");
	if (lp_module_find(&target->libc, target->live, maps, "libc.so.6"))
		return unsupported(target->pid, error,
				   "has no glibc (or is still starting: try again)");
	if (lp_module_find(&target->pthread, target->live, maps, "libpthread.so.0"))
		target->pthread.lo = 0;
	return 0;
}

static uint64_t find_symbol(const struct lp_target *target, const char *name)
{
	uint64_t addr = lp_module_symbol(&target->libc, name);

	if (!addr && target->pthread.lo)
		addr = lp_module_symbol(&target->pthread, name);
	return addr;
}

/* libc's own dlopen (glibc >= 2.34), libdl's, or what the libc of old uses itself. */
static bool find_dlopen(const struct lp_target *target, struct lp_boot_calls *calls)
{
	struct lp_module libdl;

	calls->dlopen = lp_module_symbol(&target->libc, "dlopen");
	if (calls->dlopen) {
		calls->dlsym = lp_module_symbol(&target->libc, "dlsym");
		calls->dlclose = lp_module_symbol(&target->libc, "dlclose");
		calls->dlerror = lp_module_symbol(&target->libc, "dlerror");
	} else if (!lp_module_find(&libdl, target->live, &target->maps, "libdl.so.2")) {
		calls->dlopen = lp_module_symbol(&libdl, "dlopen");
		calls->dlsym = lp_module_symbol(&libdl, "dlsym");
		calls->dlclose = lp_module_symbol(&libdl, "dlclose");
		calls->dlerror = lp_module_symbol(&libdl, "dlerror");
	} else {
		calls->dlopen = lp_module_symbol(&target->libc, "__libc_dlopen_mode");
		calls->dlsym = lp_module_symbol(&target->libc, "__libc_dlsym");
		calls->dlclose = lp_module_symbol(&target->libc, "__libc_dlclose");
	}
	return calls->dlopen && calls->dlsym && calls->dlclose;
}

static int find_calls(struct lp_target *target, struct lp_inject_error *error)
{
	struct lp_boot_calls *calls = &target->calls;

	calls->errno_location = find_symbol(target, "__errno_location");
	calls->attr_init = find_symbol(target, "pthread_attr_init");
	calls->attr_setstack = find_symbol(target, "pthread_attr_setstack");
	calls->attr_setdetachstate = find_symbol(target, "pthread_attr_setdetachstate");
	calls->attr_destroy = find_symbol(target, "pthread_attr_destroy");
	calls->create = find_symbol(target, "pthread_create");
	if (!calls->errno_location || !calls->attr_init || !calls->attr_setstack ||
	    !calls->attr_setdetachstate || !calls->attr_destroy || !calls->create)
		return lp_error_set(
			error, -EOPNOTSUPP, "no-dlopen",
			"process %d has no pthread_create: with a glibc before 2.34 the "
			"program must be linked with libpthread",
			target->pid);
	if (!find_dlopen(target, calls))
		return lp_error_set(error, -EOPNOTSUPP, "no-dlopen",
				    "process %d has no usable dlopen", target->pid);
	return 0;
}

/* The size of the text is what the target's headers say: we believe it only as far as there is memory. */
static uint64_t find_bytes(const struct lp_module *module, const void *bytes, size_t size)
{
	uint8_t piece[PIECE], *at;
	uint64_t addr = module->text_lo, left = module->text_hi - module->text_lo;
	ssize_t n;

	for (left = left < TEXT_MAX ? left : TEXT_MAX; left >= size; left -= (size_t)n) {
		n = lp_sys_read_some(module->tid, addr, piece, left < PIECE ? left : PIECE);
		if (n < (ssize_t)size)
			break;
		at = memmem(piece, (size_t)n, bytes, size);
		if (at)
			return addr + (uint64_t)(at - piece);
		/* what begins in this piece may end in the next one */
		n -= (ssize_t)size - 1;
		addr += (uint64_t)n;
	}
	return 0;
}

static int find_instructions(struct lp_target *target, struct lp_inject_error *error)
{
	static const uint8_t syscall_ret[] = { 0x0f, 0x05, 0xc3 };
	static const uint8_t sigreturn[] = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };

	target->syscall_ret = find_bytes(&target->libc, syscall_ret, sizeof(syscall_ret));
	target->sigreturn = find_bytes(&target->libc, sigreturn, sizeof(sigreturn));
	if (!target->sigreturn && target->pthread.lo)
		target->sigreturn = find_bytes(&target->pthread, sigreturn, sizeof(sigreturn));
	if (!target->syscall_ret || !target->sigreturn)
		return unsupported(target->pid, error, "has a libc of an unknown kind");
	return 0;
}

static void sum_tls(struct lp_target *target)
{
	struct lp_module module;

	for (size_t i = 0; i < target->maps.count; i++) {
		const struct lp_map *map = &target->maps.maps[i];

		if (map->read && !map->offset && map->inode &&
		    !lp_module_open(&module, target->live, map->lo))
			target->tls_size += module.tls_size + 64;
	}
}

int lp_target_init(struct lp_target *target, pid_t pid, struct lp_inject_error *error)
{
	int result;

	memset(target, 0, sizeof(*target));
	target->pid = pid;
	result = check_tasks(target, error);
	if (result)
		return result;
	result = lp_maps_read(&target->maps, target->live);
	if (result)
		return fail(pid, error, result);
	result = check_program(target, error);
	if (!result)
		result = find_libc(target, error);
	if (!result)
		result = find_calls(target, error);
	if (!result)
		result = find_instructions(target, error);
	sum_tls(target);
	if (result)
		lp_target_deinit(target);
	return result;
}

void lp_target_deinit(struct lp_target *target)
{
	lp_maps_deinit(&target->maps);
}
