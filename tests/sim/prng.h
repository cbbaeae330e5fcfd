/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prng.h - the only source of chance: splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
#ifndef SIM_PRNG_H
#define SIM_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
	uint64_t state;
};

static inline uint64_t prng_next(struct prng *prng)
{
	uint64_t z = prng->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline struct prng prng_make(uint64_t seed, uint64_t stream)
{
	struct prng prng = { seed * 0xd1342543de82ef95ull + stream };

	prng_next(&prng);
	return prng;
}

/* 0 .. n-1; 0 if n is 0 */
static inline uint32_t prng_below(struct prng *prng, uint32_t n)
{
	return (uint32_t)(((prng_next(prng) >> 32) * n) >> 32);
}

/* true once in n times; never if n is 0 */
static inline bool prng_once_in(struct prng *prng, uint32_t n)
{
	return n && prng_below(prng, n) == 0;
}

#endif
