// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Shadow variables on several threads at once, each interrupted by a timer whose handler gets
 * variables, whatever it interrupted; writers hold the lock at times then. Keys that stay are found
 * by every get; what a get of another key finds was made for that key: each key has memory of
 * its own, which the host knows by the size. Tables start small and grow while they are read.
 *
 * Built alone with -fsanitize=thread it finds missing orderings too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* now and then another thread goes on between two accesses to shared memory */
static void stress_pause(void);
#define LP_SHADOW_PAUSE() stress_pause()
/* few homes, so that runs are long and variables move */
static inline uint64_t crowded(uint64_t hash);
#define LP_SHADOW_HASH(seed, obj, id) crowded(shadow_hash(seed, obj, id))
#include "../../src/core/shadow.c"

static inline uint64_t crowded(uint64_t hash)
{
	return hash & ~(uint64_t)7;
}

static __thread uint32_t pause_random;

static void stress_pause(void)
{
	pause_random = pause_random * 1664525 + 1013904223;
	if (pause_random >> 22 == 0)
		sched_yield();
}

enum {
	WRITERS = 2,
	READERS = 2,
	THREADS = WRITERS + READERS,
	STAYING = 40, /* keys that stay from the start of a round to its end */
	KEYS = 400,
	BLOCK = 16,
	BLOCKS = 4, /* of a key: more are never out */
	OPS = 20000, /* of a writer in a round */
#ifdef __SANITIZE_THREAD__
	ROUNDS = 8,
#else
	ROUNDS = 40,
#endif
	TIMER_NS = 100000,
};

struct stress {
	struct lp_shadow shadow;
	pthread_mutex_t lock;
	pthread_barrier_t start;
	void *staying[STAYING];
	int writers_left;
	char blocks[KEYS][BLOCKS][BLOCK];
	bool taken[KEYS][BLOCKS];
	long allocated;
};

static struct stress stress;
static __thread volatile sig_atomic_t holding; /* this thread has the lock */
static __thread uint32_t handler_random;
static unsigned long wrong, handled, handled_holding, gets, found;

/* --- the host --- */

static void *stress_alloc(void *host, size_t size)
{
	struct stress *s = host;
	size_t key = size - 1;

	s->allocated++;
	if (size > KEYS) {
		void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);

		return memory ? memset(memory, 0, size) : NULL;
	}
	for (unsigned int i = 0; i < BLOCKS; i++)
		if (!s->taken[key][i]) {
			s->taken[key][i] = true;
			return s->blocks[key][i];
		}
	abort();
}

static void stress_free(void *host, void *memory)
{
	struct stress *s = host;
	size_t at = (size_t)((char *)memory - &s->blocks[0][0][0]);

	s->allocated--;
	if (at < sizeof(s->blocks))
		s->taken[at / BLOCK / BLOCKS][at / BLOCK % BLOCKS] = false;
	else
		free(memory);
}

static void stress_lock(void *host)
{
	pthread_mutex_lock(&((struct stress *)host)->lock);
	holding = 1;
}

static void stress_unlock(void *host)
{
	holding = 0;
	pthread_mutex_unlock(&((struct stress *)host)->lock);
}

static const struct lp_shadow_host stress_host = {
	.alloc = stress_alloc,
	.free = stress_free,
	.lock = stress_lock,
	.unlock = stress_unlock,
};

/* --- the threads --- */

static uint32_t next(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

static void *object(size_t key)
{
	return (void *)(0x5000 + key / 2 * 64);
}

static void *make(size_t key, bool or_get)
{
	return (or_get ? lp_shadow_get_or_alloc : lp_shadow_alloc)(&stress.shadow, object(key),
								   key % 2, key + 1, NULL, NULL);
}

static void count(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void check(size_t key)
{
	char *data = lp_shadow_get(&stress.shadow, object(key), key % 2);

	count(&gets);
	if (data)
		count(&found);
	if (key < STAYING ?
		    data != stress.staying[key] :
		    data && (data < stress.blocks[key][0] || data > stress.blocks[key][BLOCKS - 1]))
		count(&wrong);
}

static void handle(int signal)
{
	(void)signal;
	count(&handled);
	if (holding)
		count(&handled_holding);
	for (int i = 0; i < 20; i++)
		check(next(&handler_random) % (i % 2 ? STAYING : KEYS));
}

static void write_some(uint32_t random)
{
	for (int i = 0; i < OPS; i++) {
		/* as many ups as downs in the long run, far up and far down */
		bool up = next(&random) % 8 < (i / 300 % 2 ? 2 : 6);
		size_t key = STAYING + next(&random) % (KEYS - STAYING);

		if (up)
			make(key, next(&random) % 2);
		else
			lp_shadow_free(&stress.shadow, object(key), key % 2, NULL);
	}
}

static void read_some(uint32_t random)
{
	while (__atomic_load_n(&stress.writers_left, __ATOMIC_ACQUIRE))
		for (int i = 0; i < 50; i++)
			check(next(&random) % (i % 2 ? STAYING : KEYS));
}

static timer_t start_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec interval = { { 0, TIMER_NS }, { 0, TIMER_NS } };
	timer_t timer;

	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &interval, NULL) < 0)
		abort();
	return timer;
}

static void *run(void *argument)
{
	uintptr_t which = (uintptr_t)argument;
	timer_t timer;

	handler_random = pause_random = (uint32_t)which;
	timer = start_timer();
	pthread_barrier_wait(&stress.start);
	if (which % THREADS < WRITERS) {
		write_some((uint32_t)which);
		__atomic_fetch_sub(&stress.writers_left, 1, __ATOMIC_RELEASE);
	} else {
		read_some((uint32_t)which);
	}
	timer_delete(timer);
	return NULL;
}

static void run_round(unsigned int round)
{
	pthread_t threads[THREADS];

	lp_shadow_init(&stress.shadow, &stress_host, &stress, round);
	stress.writers_left = WRITERS;
	for (size_t key = 0; key < STAYING; key++)
		assert_non_null(stress.staying[key] = make(key, false));
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, run, (void *)(round * THREADS + i)), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (size_t key = 0; key < KEYS; key++)
		check(key);
	lp_shadow_free_all(&stress.shadow, 1, NULL);
	for (size_t key = 0; key < KEYS; key++)
		assert_true(key % 2 == 0 || !lp_shadow_get(&stress.shadow, object(key), 1));
	lp_shadow_deinit(&stress.shadow);
	assert_int_equal(stress.allocated, 0);
	assert_int_equal(wrong, 0);
}

static void readers_writers_and_signals(void **state)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	pthread_mutex_init(&stress.lock, NULL);
	pthread_barrier_init(&stress.start, NULL, THREADS);
	for (unsigned int round = 0; round < ROUNDS; round++)
		run_round(round);
	print_message("# %lu gets found %lu; %lu signals, %lu while the thread was writing\n", gets,
		      found, handled, handled_holding);
	assert_true(found > 0 && found < gets);
	/* else it has shown nothing; thread sanitizer puts signals off */
#ifndef __SANITIZE_THREAD__
	assert_true(handled_holding > 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(readers_writers_and_signals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
