/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seccomp.h"
#include "error.h"
#include "sys.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define MAX_FILTERS 256

struct machine {
	uint32_t a, x, scratch[BPF_MEMWORDS];
};

static bool alu(struct machine *m, const struct sock_filter *i)
{
	uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		m->a += with;
		break;
	case BPF_SUB:
		m->a -= with;
		break;
	case BPF_MUL:
		m->a *= with;
		break;
	case BPF_DIV:
		if (!with)
			return false;
		m->a /= with;
		break;
	case BPF_OR:
		m->a |= with;
		break;
	case BPF_AND:
		m->a &= with;
		break;
	case BPF_XOR:
		m->a ^= with;
		break;
	case BPF_LSH:
		m->a = with < 32 ? m->a << with : 0;
		break;
	case BPF_RSH:
		m->a = with < 32 ? m->a >> with : 0;
		break;
	case BPF_NEG:
		m->a = -m->a;
		break;
	default:
		return false;
	}
	return true;
}

static bool load(struct machine *m, const struct sock_filter *i, const struct seccomp_data *data)
{
	uint32_t *to = BPF_CLASS(i->code) == BPF_LD ? &m->a : &m->x;

	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		*to = i->k;
		return true;
	case BPF_LEN:
		*to = sizeof(*data);
		return true;
	case BPF_MEM:
		if (i->k >= BPF_MEMWORDS)
			return false;
		*to = m->scratch[i->k];
		return true;
	case BPF_ABS:
		if (to != &m->a || i->k > sizeof(*data) - 4 || i->k % 4)
			return false;
		memcpy(to, (const char *)data + i->k, 4);
		return true;
	default:
		return false;
	}
}

static bool store(struct machine *m, const struct sock_filter *i)
{
	if (i->k >= BPF_MEMWORDS)
		return false;
	m->scratch[i->k] = BPF_CLASS(i->code) == BPF_ST ? m->a : m->x;
	return true;
}

/* How many instructions a jump skips. */
static size_t skip(const struct machine *m, const struct sock_filter *i)
{
	uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
	bool taken;

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		taken = m->a == with;
		break;
	case BPF_JGT:
		taken = m->a > with;
		break;
	case BPF_JGE:
		taken = m->a >= with;
		break;
	default:
		taken = m->a & with;
		break;
	}
	return taken ? i->jt : i->jf;
}

uint32_t lp_seccomp_run(const struct sock_filter *filter, size_t count,
			const struct seccomp_data *data)
{
	struct machine m = { 0 };
	bool valid = true;

	/* jumps only lead forward, so this ends */
	for (size_t pc = 0; pc < count && valid; pc++) {
		const struct sock_filter *i = &filter[pc];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
		case BPF_LDX:
			valid = load(&m, i, data);
			break;
		case BPF_ST:
		case BPF_STX:
			valid = store(&m, i);
			break;
		case BPF_ALU:
			valid = alu(&m, i);
			break;
		case BPF_JMP:
			pc += skip(&m, i);
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
		default:
			if (BPF_MISCOP(i->code) == BPF_TXA)
				m.a = m.x;
			else
				m.x = m.a;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

/* needed: must be allowed. harmless: an error is taken, a kill is not. optional: left out then. */
enum need { NEEDED, HARMLESS, OPTIONAL };

#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |        \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* What boot.c, pthread_create, dlopen and the agent call, with arguments that filters look at. */
static const struct wanted {
	const char *name;
	int number;
	enum need need;
	uint64_t args[6];
} wanted[] = {
#define CALL(need, name, ...)                                                                      \
	{                                                                                          \
#name, __NR_##name, need,                                                          \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
	CALL(NEEDED, mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS),
	CALL(NEEDED, mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 3),
	CALL(NEEDED, mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
	CALL(NEEDED, munmap),
	CALL(NEEDED, mprotect, 0, 4096, PROT_READ),
	CALL(NEEDED, memfd_create),
	CALL(NEEDED, ftruncate),
	CALL(NEEDED, pread64),
	CALL(NEEDED, pwrite64),
	CALL(NEEDED, openat, (uint64_t)-100),
	CALL(NEEDED, close),
	CALL(NEEDED, read),
	CALL(NEEDED, getdents64),
	CALL(NEEDED, lseek, 3, 0, 0),
	CALL(NEEDED, fstat),
	CALL(NEEDED, newfstatat, (uint64_t)-100),
	CALL(NEEDED, socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC),
	CALL(NEEDED, sendto, 3),
	CALL(NEEDED, sendmsg, 3),
	CALL(NEEDED, recvmsg, 3),
	CALL(NEEDED, poll),
	CALL(NEEDED, ppoll),
	CALL(NEEDED, futex),
	CALL(NEEDED, membarrier),
	CALL(NEEDED, get_robust_list),
	CALL(NEEDED, tgkill),
	CALL(NEEDED, rt_tgsigqueueinfo),
	CALL(NEEDED, rt_sigaction),
	CALL(NEEDED, rt_sigprocmask),
	CALL(NEEDED, rt_sigreturn),
	CALL(NEEDED, gettid),
	CALL(NEEDED, getpid),
	CALL(NEEDED, clock_gettime),
	CALL(HARMLESS, process_vm_readv), /* a pipe is used then */
	CALL(NEEDED, pipe2),
	CALL(NEEDED, write),
	CALL(NEEDED, fallocate),
	CALL(NEEDED, clock_nanosleep),
	CALL(HARMLESS, mremap), /* only for pages that may not be made writable */
	CALL(HARMLESS, prctl, 15 /* PR_SET_NAME */),
	CALL(HARMLESS, rt_sigpending),
	CALL(HARMLESS, timer_create, (uint64_t)-6), /* without: signals that may interrupt a call */
	CALL(HARMLESS, timer_settime),
	CALL(HARMLESS, timer_delete),
	CALL(NEEDED, fcntl, 3, 3 /* F_GETFL */),
	CALL(NEEDED, exit),
	CALL(NEEDED, set_tid_address),
	CALL(HARMLESS, set_robust_list, 0, 24),
	CALL(HARMLESS, rseq, 0, 32),
	CALL(HARMLESS, madvise),
	CALL(HARMLESS, brk),
	CALL(OPTIONAL, unshare, CLONE_FS),
	CALL(OPTIONAL, fchdir),
#undef CALL
};

struct filters {
	size_t count;
	struct {
		struct sock_filter *code;
		size_t count;
	} list[MAX_FILTERS];
};

static void release(struct filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		free(filters->list[i].code);
	free(filters);
}

static int fetch(struct filters *filters, pid_t tid)
{
	struct sock_filter *code;
	long count;

	for (;;) {
		count = lp_sys_ptrace(PTRACE_SECCOMP_GET_FILTER, tid, filters->count, 0);
		if (count == -ENOENT)
			return 0;
		if (count < 0 || filters->count == MAX_FILTERS)
			return count < 0 ? (int)count : -E2BIG;
		code = calloc((size_t)count + 1, sizeof(*code));
		if (!code)
			return -ENOMEM;
		filters->list[filters->count].code = code;
		filters->list[filters->count].count = (size_t)count;
		count = lp_sys_ptrace(PTRACE_SECCOMP_GET_FILTER, tid, filters->count++,
				      (uint64_t)code);
		if (count < 0)
			return (int)count;
	}
}

/* The strictest answer of all filters counts; the kernel compares them as signed numbers. */
static uint32_t ask(const struct filters *filters, int number, const uint64_t *args)
{
	struct seccomp_data data = { .nr = number, .arch = AUDIT_ARCH_X86_64 };
	uint32_t strictest = SECCOMP_RET_ALLOW, answer;

	memcpy(data.args, args, sizeof(data.args));
	for (size_t i = 0; i < filters->count; i++) {
		answer = lp_seccomp_run(filters->list[i].code, filters->list[i].count, &data);
		if ((int32_t)(answer & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(strictest & SECCOMP_RET_ACTION_FULL))
			strictest = answer;
	}
	return strictest;
}

static bool is_allowed(uint32_t answer)
{
	return (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW ||
	       (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG;
}

static bool is_error(uint32_t answer)
{
	return (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

/* glibc makes threads with clone3, and with clone where that is unknown. */
static const char *forbidden_clone(const struct filters *filters)
{
	const uint64_t any[6] = { 0 }, thread[6] = { THREAD_FLAGS };
	uint32_t answer = ask(filters, __NR_clone3, any);

	if (!is_allowed(answer) && !(is_error(answer) && (answer & SECCOMP_RET_DATA) == ENOSYS))
		return "clone3";
	return is_allowed(ask(filters, __NR_clone, thread)) || is_allowed(answer) ? NULL : "clone";
}

static const char *forbidden(const struct filters *filters, bool *no_unshare)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		uint32_t answer = ask(filters, wanted[i].number, wanted[i].args);

		if (is_allowed(answer) || (wanted[i].need == HARMLESS && is_error(answer)))
			continue;
		if (wanted[i].need != OPTIONAL)
			return wanted[i].name;
		*no_unshare = true;
	}
	return forbidden_clone(filters);
}

int lp_seccomp_check(pid_t tid, bool *no_unshare, struct lp_inject_error *error)
{
	struct filters *filters = calloc(1, sizeof(*filters));
	const char *name;
	int result;

	if (!filters)
		return lp_error_set(error, -ENOMEM, "no-memory", "out of memory");
	result = fetch(filters, tid);
	if (result)
		result = lp_error_set(
			error, -EOPNOTSUPP, "unsupported-target",
			"the target has a seccomp filter that cannot be read (%s): "
			"CAP_SYS_ADMIN is needed to see whether it lets an agent work",
			strerror(-result));
	else if ((name = forbidden(filters, no_unshare)))
		result = lp_error_set(
			error, -EOPNOTSUPP, "unsupported-target",
			"the target's seccomp filter forbids %s, which the agent needs", name);
	release(filters);
	return result;
}
