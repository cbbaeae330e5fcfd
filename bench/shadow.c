// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shadow.c - what it costs to get one of 1,000,000 shadow variables, beside a plain hash table:
 * open addressing with linear probing, a power of two of slots of 24 bytes, at most two thirds
 * full, nothing in it that threads would need. Both are asked for the same keys in the same random
 * order, in chunks by turns. Each get waits for the one before, as the key comes out of its answer,
 * so that the processor does not hide what one costs by doing several at once; "in a row" lets it.
 */
#include "bench.h"
#include "../src/core/shadow.c"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLES 1000000
#define FULL 1398000 /* the most there can be in a table of 2 Mi slots, near enough */
#define CHUNK 5000
#define MAX_THREADS 2
#define MAX_ROUNDS 400

struct key {
	void *obj;
	unsigned long id;
};

/* --- the peer --- */

struct plain_slot {
	struct key key;
	void *data;
};

static struct plain_slot *plain;
static size_t plain_mask;

static inline size_t plain_home(struct key key)
{
	uint64_t x = ((uintptr_t)key.obj ^ (key.id << 32 | key.id >> 32)) * 0x9e3779b97f4a7c15u;

	return (size_t)(x ^ x >> 32);
}

static __attribute__((noinline)) void *plain_get(void *obj, unsigned long id)
{
	for (size_t i = plain_home((struct key){ obj, id });; i++) {
		const struct plain_slot *slot = &plain[i & plain_mask];

		if (!slot->data || (slot->key.obj == obj && slot->key.id == id))
			return slot->data;
	}
}

static void plain_add(struct key key, void *data)
{
	size_t i = plain_home(key) & plain_mask;

	while (plain[i].data)
		i = (i + 1) & plain_mask;
	plain[i] = (struct plain_slot){ key, data };
}

/* --- ours --- */

static struct lp_shadow shadow;

static __attribute__((noinline)) void *shadow_get(void *obj, unsigned long id)
{
	return lp_shadow_get(&shadow, obj, id);
}

static void *host_alloc(void *host, size_t size)
{
	(void)host;
	return calloc(1, size);
}

static void host_free(void *host, void *memory)
{
	(void)host;
	free(memory);
}

static void host_lock(void *host)
{
	pthread_mutex_lock(host);
}

static void host_unlock(void *host)
{
	pthread_mutex_unlock(host);
}

static const struct lp_shadow_host host = { host_alloc, host_free, host_lock, host_unlock };

/* --- keys and tables --- */

static struct key *keys;
static size_t n_keys;

static uint64_t random_number(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

static void shuffle(void)
{
	for (size_t i = n_keys - 1; i > 0; i--) {
		size_t j = random_number() % (i + 1);
		struct key key = keys[i];

		keys[i] = keys[j];
		keys[j] = key;
	}
}

/* Objects as malloc places them: of some sizes, one after the other. */
static void fill(pthread_mutex_t *lock, size_t count, size_t slots)
{
	char *obj = (char *)0x7f0000001000;

	n_keys = count;
	keys = malloc(count * sizeof(*keys));
	plain = calloc(slots, sizeof(*plain));
	if (!keys || !plain)
		bench_die("no memory");
	plain_mask = slots - 1;
	lp_shadow_init(&shadow, &host, lock, 0x123456789abcdef);
	for (size_t i = 0; i < count; i++) {
		obj += 32 + random_number() % 16 * 16;
		keys[i] = (struct key){ obj, 1 + i % 3 };
	}
	shuffle();
	for (size_t i = 0; i < count; i++) {
		void *data = lp_shadow_alloc(&shadow, keys[i].obj, keys[i].id, 16, NULL, NULL);

		if (!data)
			bench_die("no memory");
		plain_add(keys[i], data);
	}
	shuffle();
}

static void empty(void)
{
	lp_shadow_deinit(&shadow);
	free(plain);
	free(keys);
}

/* --- the measurement --- */

/* The loops differ in the function they call, and in whether it waits for the answer before. */
#define LOOP(name, function, waits)                                                                \
	static __attribute__((noinline)) double name(const struct key *key,                        \
						     unsigned long other_id)                       \
	{                                                                                          \
		uint64_t start = bench_now_ns();                                                   \
		uintptr_t last = 0, none = 0;                                                      \
                                                                                                   \
		for (size_t i = 0; i < CHUNK; i++, key++) {                                        \
			/* 0 always, which neither the compiler nor the processor knows */         \
			uintptr_t zero = waits ? last >> 48 : 0;                                   \
                                                                                                   \
			last = (uintptr_t)function((char *)key->obj + zero, key->id + other_id);   \
			none += !last;                                                             \
		}                                                                                  \
		if (none != (other_id ? CHUNK : 0))                                                \
			bench_die(#function " gives a wrong answer");                              \
		return (double)(bench_now_ns() - start) / CHUNK;                                   \
	}
LOOP(plain_waits, plain_get, true)
LOOP(shadow_waits, shadow_get, true)
LOOP(plain_in_a_row, plain_get, false)
LOOP(shadow_in_a_row, shadow_get, false)

typedef double loop(const struct key *key, unsigned long other_id);

static const struct kind {
	loop *ours, *peer;
	unsigned long other_id; /* added to the id: then it is not there */
} waiting = { shadow_waits, plain_waits, 0 }, in_a_row = { shadow_in_a_row, plain_in_a_row, 0 },
  absent = { shadow_in_a_row, plain_in_a_row, 7 };

struct thread {
	unsigned int which;
	const struct kind *kind;
	int rounds;
	pthread_barrier_t *start;
	double ns, peer_ns;
};

static void *measure(void *argument)
{
	struct thread *thread = argument;
	const struct kind *kind = thread->kind;
	double *ours = calloc(MAX_ROUNDS, sizeof(*ours)), *peer = calloc(MAX_ROUNDS, sizeof(*peer));
	size_t from = thread->which * n_keys / MAX_THREADS;

	if (!ours || !peer)
		bench_die("no memory");
	bench_pin(thread->which ? 0 : -1);
	pthread_barrier_wait(thread->start);
	for (int i = 0; i < thread->rounds; i++) {
		/* other keys, lest the second finds in the cache what the first has read */
		peer[i] = kind->peer(&keys[from % (n_keys - CHUNK)], kind->other_id);
		from += n_keys / 4;
		ours[i] = kind->ours(&keys[from % (n_keys - CHUNK)], kind->other_id);
		from += CHUNK;
	}
	thread->ns = bench_median(ours, (size_t)thread->rounds);
	thread->peer_ns = bench_median(peer, (size_t)thread->rounds);
	free(ours);
	free(peer);
	return NULL;
}

static void print(const char *name, const char *what, unsigned int threads, const struct kind *kind,
		  enum bench_goal goal)
{
	struct thread all[MAX_THREADS];
	pthread_t ids[MAX_THREADS];
	pthread_barrier_t start;
	double ns = 0, peer_ns = 0;

	pthread_barrier_init(&start, NULL, threads);
	for (unsigned int i = 0; i < threads; i++) {
		all[i] = (struct thread){ i, kind, bench_rounds(MAX_ROUNDS, 100), &start, 0, 0 };
		if (pthread_create(&ids[i], NULL, measure, &all[i]) != 0)
			bench_die("cannot start a thread");
	}
	for (unsigned int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		ns += all[i].ns / threads;
		peer_ns += all[i].peer_ns / threads;
	}
	pthread_barrier_destroy(&start);
	bench_print(&(struct bench_figure){ .name = name,
					    .what = what,
					    .unit = "ns",
					    .value = ns,
					    .peer_what = "plain hash table",
					    .peer = peer_ns,
					    .goal = goal,
					    .limit = 2 });
}

int main(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	fill(&lock, VARIABLES, 2 << 20);
	print("shadow-get", "get 1 of 1,000,000, 1 thread", 1, &waiting, BENCH_RATIO);
	print("shadow-get-2", "get 1 of 1,000,000, 2 threads", 2, &waiting, BENCH_RATIO);
	print("shadow-get-row", "get in a row, 1 thread", 1, &in_a_row, BENCH_RATIO);
	print("shadow-get-row-2", "get in a row, 2 threads", 2, &in_a_row, BENCH_RATIO);
	print("shadow-absent", "get what is not there", 1, &absent, BENCH_RATIO);
	empty();
	fill(&lock, FULL, 2 << 20);
	print("shadow-get-full", "get, table full", 1, &waiting, BENCH_RATIO);
	print("shadow-absent-full", "get what is not there, table full", 1, &absent, BENCH_NONE);
	empty();
	return 0;
}
