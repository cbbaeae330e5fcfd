/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "object.h"
#include "proc.h"
#include "slow.h"
#include "stack.h"
#include "sys.h"

/* flags of /proc/TID/stat, include/linux/sched.h of the kernel */
#define PF_EXITING 0x4u
#define PF_IO_WORKER 0x10u
#define PF_USER_WORKER 0x4000u

static int64_t robust_offset; /* of struct pthread's robust list head from the fs base */
static int64_t tid_offset; /* of its tid, likewise */
static int32_t word_offset;

struct dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static int add_tid(struct lp_tids *tids, int64_t tid)
{
	if (tids->count == tids->capacity) {
		size_t capacity = tids->capacity ? tids->capacity * 2 : 64;
		int64_t *items = lp_alloc(capacity * sizeof(*items));

		if (!items)
			return -ENOMEM;
		if (tids->count)
			memcpy(items, tids->items, tids->count * sizeof(*items));
		lp_free(tids->items);
		tids->items = items;
		tids->capacity = capacity;
	}
	tids->items[tids->count++] = tid;
	return 0;
}

static int add_entries(struct lp_tids *tids, const char *buffer, long size, size_t *seen)
{
	int64_t self = lp_sys(__NR_gettid);

	for (long at = 0; at < size;) {
		const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
		const char *name = entry->name;
		int64_t tid = (int64_t)lp_parse_number(&name, 10);

		at += entry->reclen;
		if (!tid)
			continue;
		++*seen;
		if (tid != self && add_tid(tids, tid) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The kernel counts a process's threads as links of their directory; 2 are of every directory. */
static long count_links(int fd)
{
	struct stat stat;
	long r = lp_sys(__NR_fstat, fd, &stat);

	if (r < 0)
		return r;
	return stat.st_nlink > 2 ? (long)stat.st_nlink - 2 : lp_proc_thread_count();
}

/*
 * One read of the directory, which the kernel ends or cuts when a thread it stands at exits. A list
 * that is not shorter than the number of threads before and after has skipped none of them, but
 * for threads born and ended meanwhile. It must be of one piece: where the kernel has cut it, the
 * next piece may begin a thread too late. -EAGAIN: it is shorter, or cut.
 */
static int list_once(struct lp_tids *tids, int fd, char *buffer, size_t size)
{
	long before = count_links(fd), n = 1, after;
	size_t seen = 0; /* with the agent's thread */
	unsigned int parts = 0;
	int r = 0;

	tids->count = 0;
	r = (int)lp_sys(__NR_lseek, fd, 0, 0);
	while (r == 0 && n > 0) {
		n = lp_sys(__NR_getdents64, fd, buffer, size);
		r = n < 0 ? (int)n : add_entries(tids, buffer, n, &seen);
		parts += n > 0;
	}
	after = count_links(fd);
	if (r < 0 || before < 0 || after < 0)
		return r < 0 ? r : before < 0 ? (int)before : (int)after;
	return parts == 1 && (long)seen >= after && (long)seen >= before ? 0 : -EAGAIN;
}

/* More than one system call needs for the list of all threads, and of some that are born. */
static size_t list_room(int fd)
{
	long count = fd < 0 ? 0 : count_links(fd);

	return (64ul << 10) + 40 * (size_t)(count > 0 ? count : 0);
}

int lp_tids_list(struct lp_tids *tids)
{
	int fd = lp_proc_open(0, "task", O_RDONLY | O_DIRECTORY);
	size_t size = list_room(fd);
	char *buffer = lp_alloc(size);
	int r = fd < 0 ? fd : buffer ? -EAGAIN : -ENOMEM;

	for (int tries = 0; tries < 16 && r == -EAGAIN; tries++)
		r = list_once(tids, fd, buffer, size);
	if (fd >= 0)
		lp_sys_raw(__NR_close, fd, 0, 0, 0, 0, 0);
	lp_free(buffer);
	return r;
}

void lp_tids_deinit(struct lp_tids *tids)
{
	lp_free(tids->items);
	memset(tids, 0, sizeof(*tids));
}

static uint64_t own_fs_base(void)
{
	uint64_t base;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(base));
	return base;
}

/* struct pthread has the thread's id a little in front of the robust list; nptl/descr.h */
static int find_tid_field(uint64_t base)
{
	int32_t self = (int32_t)lp_sys(__NR_gettid);

	for (tid_offset = robust_offset - 8; tid_offset > robust_offset - 64; tid_offset -= 4)
		if (*(const int32_t *)(base + (uint64_t)tid_offset) == self)
			return 0;
	return -ENOTSUP;
}

int lp_task_init(void)
{
	uint64_t head = 0, size = 0, base = own_fs_base();

	if (lp_sys(__NR_get_robust_list, 0, &head, &size) < 0 || !head)
		return -ENOTSUP;
	robust_offset = (int64_t)(head - base);
	word_offset = (int32_t)((uint64_t)lp_word_of_this_thread() - base);
	if (robust_offset < 0 || robust_offset > 1 << 16)
		return -ENOTSUP;
	return find_tid_field(base) < 0 ? -ENOTSUP : lp_stacks_init(base);
}

int32_t lp_task_word_offset(void)
{
	return word_offset;
}

bool lp_task_is_gone(int64_t tid)
{
	struct lp_task_stat stat;

	/* not what /proc says: it may be unmounted, or out of reach after a chroot */
	if (lp_sys(__NR_tgkill, lp_sys(__NR_getpid), tid, 0) == -ESRCH)
		return true;
	return lp_proc_task_stat(tid, &stat) == 0 && (stat.state == 'Z' || stat.state == 'X');
}

/* A task without a robust list: not started yet, ended, or one of the kernel's own. */
static int without_list(int64_t tid)
{
	struct lp_task_stat stat;
	int r = lp_proc_task_stat(tid, &stat);

	if (lp_task_is_gone(tid))
		return -ESRCH;
	if (r == 0 && (stat.state == 'Z' || stat.state == 'X' ||
		       (stat.flags & (PF_EXITING | PF_IO_WORKER | PF_USER_WORKER))))
		return -ESRCH;
	return -EAGAIN;
}

int lp_task_find(struct lp_task *task, int64_t tid)
{
	uint64_t head = 0, size = 0, self;
	int32_t owner;
	long r = lp_sys(__NR_get_robust_list, tid, &head, &size);

	if (r == -ESRCH)
		return -ESRCH;
	if (r < 0)
		return -EAGAIN;
	if (!head)
		return without_list(tid);
	task->tid = tid;
	task->fs_base = head - (uint64_t)robust_offset;
	if (lp_peek(task->fs_base, &self, sizeof(self)) < 0 ||
	    lp_peek(task->fs_base + (uint64_t)tid_offset, &owner, sizeof(owner)) < 0)
		return without_list(tid);
	if (self != task->fs_base)
		return -EAGAIN;
	return owner == tid ? 0 : -EXDEV;
}

static uint64_t word_addr(const struct lp_task *task)
{
	return task->fs_base + (uint64_t)(int64_t)word_offset;
}

int lp_task_read_word(const struct lp_task *task, struct lp_word *word)
{
	return lp_peek(word_addr(task), word, sizeof(*word));
}

/*
 * An atomic operation of the kernel's, on memory that may have vanished: FUTEX_WAKE_OP on words
 * nobody waits at. The argument has 11 bits, or is the number of one bit.
 */
static int remote_op(uint64_t addr, unsigned int op, unsigned int argument)
{
	static uint32_t nobody_waits_here;
	unsigned int code = op << 28 | (unsigned int)FUTEX_OP_CMP_EQ << 24 | argument << 12 | 0xfff;
	long r = lp_sys(__NR_futex, &nobody_waits_here, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0,
			addr, code);

	return r < 0 ? (int)r : 0;
}

#define REMOTE_BITS 11

static uint64_t mark_addr(const struct lp_task *task, uint32_t era)
{
	return word_addr(task) + offsetof(struct lp_word, mark) + 4 * (era & 1);
}

/* In steps of which only the last makes a mark of it: in between it says nothing. */
static int set_mark(const struct lp_task *task, uint32_t era, unsigned int bits)
{
	uint64_t addr = mark_addr(task, era);
	uint32_t value = era << LP_MARK_ERA_SHIFT;
	int r = remote_op(addr, FUTEX_OP_SET, value & ((1u << REMOTE_BITS) - 1));

	for (unsigned int bit = REMOTE_BITS; r == 0 && bit < 32; bit++)
		if (value & 1u << bit)
			r = remote_op(addr, FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, bit);
	return r < 0 ? r : remote_op(addr, FUTEX_OP_OR, bits);
}

int lp_task_mark(const struct lp_task *task, uint32_t era)
{
	return set_mark(task, era, LP_MARK_MARKED);
}

int lp_task_approve(const struct lp_task *task, uint32_t era)
{
	return remote_op(mark_addr(task, era), FUTEX_OP_OR, LP_MARK_APPROVED);
}

/*
 * The count first: a task that read the word before the bump must not decide any more when the bump
 * can be seen. A count, because bits that come round again would not be noticed.
 */
int lp_task_bump(const struct lp_task *task)
{
	int r = remote_op(word_addr(task) + offsetof(struct lp_word, count), FUTEX_OP_ADD, 1);

	return r < 0 ? r : remote_op(word_addr(task), FUTEX_OP_OR, LP_WORD_BUMP);
}

/* In one step, so that the task cannot take the mark away before it is approved. */
int lp_task_force(const struct lp_task *task, uint32_t era)
{
	int r = set_mark(task, era, LP_MARK_MARKED | LP_MARK_APPROVED);

	return r < 0 ? r : lp_task_bump(task);
}
