// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * young.c - threads that come and go all the time; each makes a few requests of two calls.
 *
 *	breed N		N threads that start one thread after the other
 *	born		waits for twice as many new threads as there are breeders; the least and the
 *			greatest answer of all that were born meanwhile
 *	mixed		threads that got different answers from one call to the next and back
 *	call		answer() of the main thread
 *	hold, release	a thread enters held() and leaves it
 */
#include "holder.h"

static volatile int one = 1;
static long births, mixed, breeders, least, greatest;

ENTRY int answer(void)
{
	return one;
}

ENTRY int held(void)
{
	holder_stay();
	return one;
}

static void note(int got)
{
	if (got < __atomic_load_n(&least, __ATOMIC_SEQ_CST))
		__atomic_store_n(&least, got, __ATOMIC_SEQ_CST);
	if (got > __atomic_load_n(&greatest, __ATOMIC_SEQ_CST))
		__atomic_store_n(&greatest, got, __ATOMIC_SEQ_CST);
}

/* One change of version is possible in a life this short, two are not. */
static void *live(void *unused)
{
	int first = answer(), changes = 0, now = first;

	note(first);
	for (int i = 0; i < 50; i++) {
		int next = answer();

		changes += next != now;
		now = next;
	}
	note(now);
	if (changes > 1)
		victim_count(&mixed);
	victim_count(&births);
	return unused;
}

static void *breed(void *unused)
{
	for (;;)
		pthread_join(victim_thread(live, NULL), NULL);
	return unused;
}

static void do_breed(const char *argument)
{
	for (breeders = 0; breeders < atoi(argument); breeders++)
		victim_thread(breed, NULL);
	say("breeding");
}

/* Those alive at the beginning are waited for before the answers count. */
static void do_born(const char *argument)
{
	(void)argument;
	victim_await(&births, __atomic_load_n(&births, __ATOMIC_SEQ_CST) + 2 * breeders);
	__atomic_store_n(&least, 99, __ATOMIC_SEQ_CST);
	__atomic_store_n(&greatest, 0, __ATOMIC_SEQ_CST);
	victim_await(&births, __atomic_load_n(&births, __ATOMIC_SEQ_CST) + 20 * breeders);
	say("%ld %ld", least, greatest);
}

static void do_mixed(const char *argument)
{
	(void)argument;
	say("%ld", __atomic_load_n(&mixed, __ATOMIC_SEQ_CST));
}

static void do_call(const char *argument)
{
	(void)argument;
	say("%d", answer());
}

int main(void)
{
	static const struct victim_command commands[] = {
		{ "breed", do_breed },
		{ "born", do_born },
		{ "mixed", do_mixed },
		{ "call", do_call },
		{ "hold", do_hold },
		{ "release", do_release },
		{},
	};

	return victim_run(commands);
}
