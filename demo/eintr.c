// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * eintr.c - counts from outside how often a call in a process came back with -1.
 *
 *	eintr PID FILE OFFSET
 *
 * OFFSET is where, in FILE, the instruction after `call epoll_wait` lies. The kernel takes a sample
 * of the result there (a uprobe, for this process alone) in each of its threads, until SIGTERM. Then
 * one line is printed: returns=N failed=N lost=N. epoll_wait() with good arguments fails in one
 * way only: EINTR. Exit status 1: the kernel does not let us.
 */
#include <asm/perf_regs.h>
#include <dirent.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TASKS_MAX 256
#define RING_PAGES 64
#define PAGE 4096ul

struct counts {
	unsigned long long returns, failed, lost;
};

struct ring {
	int fd;
	struct perf_event_mmap_page *head;
};

/* With PERF_SAMPLE_REGS_USER and one register asked for. */
struct sample {
	struct perf_event_header header;
	uint64_t abi;
	uint64_t rax;
};

struct lost {
	struct perf_event_header header;
	uint64_t id;
	uint64_t count;
};

static int uprobe_type(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/uprobe/type", "re");
	int type = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &type) != 1)
		type = -1;
	fclose(file);
	return type;
}

static int ring_open(struct ring *ring, int type, pid_t tid, const char *file, uint64_t offset)
{
	struct perf_event_attr attr = {
		.type = (uint32_t)type,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_REGS_USER,
		.sample_regs_user = 1ull << PERF_REG_X86_AX,
		.uprobe_path = (uint64_t)(uintptr_t)file,
		.probe_offset = offset,
		.watermark = 1,
		.wakeup_watermark = RING_PAGES * PAGE / 4,
	};
	void *map;

	ring->fd = (int)syscall(__NR_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring->fd < 0)
		return -errno;
	map = mmap(NULL, (RING_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	ring->head = map;
	return 0;
}

static void copy_out(const struct ring *ring, uint64_t at, void *to, size_t size)
{
	const uint8_t *data = (const uint8_t *)ring->head + PAGE;

	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = data[(at + i) % (RING_PAGES * PAGE)];
}

static void ring_drain(const struct ring *ring, struct counts *counts)
{
	uint64_t end = __atomic_load_n(&ring->head->data_head, __ATOMIC_ACQUIRE);
	uint64_t at = ring->head->data_tail;

	while (at < end) {
		struct perf_event_header header;
		struct sample sample;
		struct lost lost;

		copy_out(ring, at, &header, sizeof(header));
		if (!header.size)
			break;
		if (header.type == PERF_RECORD_SAMPLE && header.size >= sizeof(sample)) {
			copy_out(ring, at, &sample, sizeof(sample));
			counts->returns++;
			counts->failed += (int32_t)sample.rax == -1;
		} else if (header.type == PERF_RECORD_LOST) {
			copy_out(ring, at, &lost, sizeof(lost));
			counts->lost += lost.count;
		} else if (header.type == PERF_RECORD_SAMPLE) {
			counts->lost++;
		}
		at += header.size;
	}
	__atomic_store_n(&ring->head->data_tail, at, __ATOMIC_RELEASE);
}

/* One ring for each task; returns their number or a negative errno. */
static int rings_open(struct ring *rings, pid_t pid, const char *file, uint64_t offset)
{
	char path[64];
	struct dirent *entry;
	int count = 0, r = 0, type = uprobe_type();
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks || type < 0)
		return tasks ? -EOPNOTSUPP : -errno;
	while ((entry = readdir(tasks)) && r == 0 && count < TASKS_MAX)
		if (entry->d_name[0] != '.')
			r = ring_open(&rings[count++], type, atoi(entry->d_name), file, offset);
	closedir(tasks);
	return r < 0 ? r : count;
}

static int count_until(int stop, const struct ring *rings, int n, struct counts *counts)
{
	struct pollfd polls[TASKS_MAX + 1] = { { .fd = stop, .events = POLLIN } };

	for (int i = 0; i < n; i++)
		polls[i + 1] = (struct pollfd){ .fd = rings[i].fd, .events = POLLIN };
	for (;;) {
		if (poll(polls, (nfds_t)n + 1, 100) < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			ring_drain(&rings[i], counts);
			if (polls[i + 1].revents & POLLHUP) /* the thread ended */
				polls[i + 1].fd = -1;
		}
		if (polls[0].revents)
			return 0;
	}
}

int main(int argc, char **argv)
{
	static struct ring rings[TASKS_MAX];
	struct counts counts = { 0 };
	sigset_t signals;
	int n, stop;

	if (argc != 4)
		return 2;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	stop = signalfd(-1, &signals, SFD_CLOEXEC);
	n = rings_open(rings, atoi(argv[1]), argv[2], strtoull(argv[3], NULL, 0));
	if (n < 0) {
		printf("unavailable: %s\n", strerror(-n));
		return 1;
	}
	printf("counting\n");
	fflush(stdout);
	if (count_until(stop, rings, n, &counts) < 0)
		return 1;
	printf("returns=%llu failed=%llu lost=%llu\n", counts.returns, counts.failed, counts.lost);
	return 0;
}
