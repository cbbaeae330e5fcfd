// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Small blocks come from arenas by size class and return to the free list of their class; large
 * ones have a mapping each and are given back when freed.
 */
#include "alloc.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "sys.h"

#if defined(__SANITIZE_ADDRESS__)
#define LP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LP_ASAN 1
#endif
#endif

#ifdef LP_ASAN
/* Test builds find a read beyond the bytes that were asked for. */
void __asan_poison_memory_region(void const volatile *addr, size_t size);
void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
#define poison(addr, size) __asan_poison_memory_region(addr, size)
#define unpoison(addr, size) __asan_unpoison_memory_region(addr, size)
#else
#define poison(addr, size) ((void)(addr), (void)(size))
#define unpoison(addr, size) ((void)(addr), (void)(size))
#endif

#define PAGE 4096ul
#define ARENA_SIZE (64ul << 10)
#define N_CLASSES 17 /* 32, 48, 64, 96 ... 8192 bytes, header included */
#define CLASS_LARGE N_CLASSES

/* In front of every block; 16 bytes keep the block 16-aligned. */
struct header {
	uint64_t class;
	struct header *next_free;
};

struct arena {
	struct arena *next;
	uint64_t used; /* bytes */
};

struct large {
	struct large *prev, *next;
	uint64_t map_size;
	uint64_t unused; /* keeps the header behind it 16-aligned */
	struct header header;
};

_Static_assert(sizeof(struct header) == 16 && sizeof(struct arena) == 16, "blocks are 16-aligned");
_Static_assert(sizeof(struct large) == 48, "large blocks are 16-aligned");

static struct arena *arenas;
static struct large *larges;
static struct header *free_lists[N_CLASSES];

static size_t class_size(unsigned int class)
{
	size_t size = 32ul << (class / 2);

	return class & 1 ? size + size / 2 : size;
}

static unsigned int class_of(size_t total)
{
	unsigned int class = 0;

	while (class < N_CLASSES && class_size(class) < total)
		class ++;
	return class;
}

static void *map(size_t size)
{
	long addr = lp_sys(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	return addr < 0 && addr > -4096 ? NULL : (void *)addr;
}

static void unmap(void *memory, size_t size)
{
	unpoison(memory, size);
	lp_sys(__NR_munmap, memory, size);
}

static void *large_alloc(size_t size)
{
	size_t map_size = (size + sizeof(struct large) + PAGE - 1) & ~(PAGE - 1);
	struct large *large = map(map_size);

	if (!large)
		return NULL;
	large->map_size = map_size;
	large->header.class = CLASS_LARGE;
	large->prev = NULL;
	large->next = larges;
	if (larges)
		larges->prev = large;
	larges = large;
	poison((uint8_t *)(large + 1) + size, map_size - sizeof(*large) - size);
	return large + 1;
}

static void large_free(struct large *large)
{
	if (large->prev)
		large->prev->next = large->next;
	else
		larges = large->next;
	if (large->next)
		large->next->prev = large->prev;
	unmap(large, large->map_size);
}

static struct header *arena_carve(size_t size)
{
	struct header *header;

	if (!arenas || ARENA_SIZE - arenas->used < size) {
		struct arena *arena = map(ARENA_SIZE);

		if (!arena)
			return NULL;
		arena->next = arenas;
		arena->used = sizeof(*arena);
		arenas = arena;
	}
	header = (struct header *)((uint8_t *)arenas + arenas->used);
	arenas->used += size;
	return header;
}

void *lp_alloc(size_t size)
{
	unsigned int class;
	struct header *header;

	if (size > PTRDIFF_MAX - 2 * PAGE)
		return NULL;
	class = class_of(size + sizeof(*header));
	if (class == CLASS_LARGE)
		return large_alloc(size);
	header = free_lists[class];
	if (header)
		free_lists[class] = header->next_free;
	else
		header = arena_carve(class_size(class));
	if (!header)
		return NULL;
	header->class = class;
	unpoison(header + 1, class_size(class) - sizeof(*header));
	memset(header + 1, 0, class_size(class) - sizeof(*header));
	poison((uint8_t *)(header + 1) + size, class_size(class) - sizeof(*header) - size);
	return header + 1;
}

void lp_free(void *memory)
{
	struct header *header;

	if (!memory)
		return;
	header = (struct header *)memory - 1;
	if (header->class == CLASS_LARGE) {
		large_free((struct large *)memory - 1);
		return;
	}
	header->next_free = free_lists[header->class];
	free_lists[header->class] = header;
	poison(memory, class_size(header->class) - sizeof(*header));
}

char *lp_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = lp_alloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void lp_alloc_deinit(void)
{
	while (larges)
		large_free(larges);
	while (arenas) {
		struct arena *arena = arenas;

		arenas = arena->next;
		unmap(arena, ARENA_SIZE);
	}
	memset(free_lists, 0, sizeof(free_lists));
}
