// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "self_file.h"
#include "sys.h"

#define PAGE 4096ul
#define REACH ((2ul << 30) - (64ul << 10))
/* Above any value of vm.mmap_min_addr in use, so it need not be read. */
#define LOWEST (1ul << 20)
#define HIGHEST 0x7ffffffff000ul /* 47 bits less the last page, which cannot be mapped */

/* How much is left to what grows, first try and second. */
static const struct {
	uint64_t heap, stack;
} rooms[] = {
	{ 64ul << 20, 128ul << 20 },
	{ 4ul << 20, 16ul << 20 },
};

struct search {
	uint64_t lo, hi, size;
	uint64_t first, last; /* the range may lie in [first, last) */
	uint64_t brk; /* end of the heap, mapped or not */
	uint64_t heap_room, stack_room;
	uint64_t best_addr; /* 0: none yet */
	uint64_t best_distance;
};

/* The parser of the list: one line is "start-end perms ...  name". */
struct line {
	enum { LINE_START, LINE_END, LINE_REST } field;
	uint64_t start, end;
	char tail[7]; /* the last characters */
};

static void consider(struct search *search, uint64_t from, uint64_t to, bool below_stack)
{
	uint64_t addr, distance;

	if (search->brk >= from && search->brk <= to)
		from = search->brk + search->heap_room;
	if (below_stack)
		to = to > search->stack_room ? to - search->stack_room : 0;
	from = from < search->first ? search->first : from;
	to = to > search->last ? search->last : to;
	from = (from + PAGE - 1) & ~(PAGE - 1);
	to &= ~(PAGE - 1);
	if (from >= to || to - from < search->size)
		return;
	if (to <= search->lo) {
		addr = to - search->size;
		distance = search->lo - to;
	} else {
		addr = from;
		distance = from > search->hi ? from - search->hi : 0;
	}
	if (!search->best_addr || distance < search->best_distance) {
		search->best_addr = addr;
		search->best_distance = distance;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* true: the line is complete */
static bool line_feed(struct line *line, char c)
{
	uint64_t *number = line->field == LINE_START ? &line->start : &line->end;
	int digit = hex_digit(c);

	if (c == '\n')
		return true;
	if (line->field == LINE_REST) {
		memmove(line->tail, line->tail + 1, sizeof(line->tail) - 1);
		line->tail[sizeof(line->tail) - 1] = c;
	} else if (digit >= 0) {
		*number = *number << 4 | (unsigned int)digit;
	} else {
		line->field = line->field == LINE_START ? LINE_END : LINE_REST;
	}
	return false;
}

static int scan(struct search *search, int fd)
{
	struct line line = { 0 };
	uint64_t free_from = 0;
	char bytes[2048];
	long n;

	while ((n = lp_sys(__NR_read, fd, bytes, sizeof(bytes))) > 0) {
		for (long i = 0; i < n; i++) {
			if (!line_feed(&line, bytes[i]))
				continue;
			consider(search, free_from, line.start,
				 !memcmp(line.tail, "[stack]", sizeof(line.tail)));
			free_from = line.end > free_from ? line.end : free_from;
			memset(&line, 0, sizeof(line));
		}
	}
	if (n < 0)
		return (int)n;
	if (!free_from)
		return -ENODATA;
	consider(search, free_from, HIGHEST, false);
	return 0;
}

static int search_once(struct search *search)
{
	int fd = lp_self_file_open("maps", O_RDONLY);
	int ret;

	if (fd < 0)
		return fd;
	ret = scan(search, fd);
	lp_sys(__NR_close, fd);
	return ret;
}

int lp_gap_find(uint64_t lo, uint64_t hi, size_t size, uint64_t *addr)
{
	struct search search = { .lo = lo, .hi = hi, .size = size };
	long brk = lp_sys(__NR_brk, 0);

	if (lo >= hi || hi - lo >= REACH || size >= REACH - (hi - lo))
		return -ENOMEM;
	search.first = hi > REACH + LOWEST ? hi - REACH : LOWEST;
	search.last = lo < HIGHEST - REACH ? lo + REACH : HIGHEST;
	search.brk = brk > 0 ? (uint64_t)brk : 0;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		int ret;

		search.heap_room = rooms[i].heap;
		search.stack_room = rooms[i].stack;
		ret = search_once(&search);
		if (ret < 0)
			return ret;
		if (search.best_addr) {
			*addr = search.best_addr;
			return 0;
		}
	}
	return -ENOMEM;
}
