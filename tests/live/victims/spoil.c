// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * spoil.c - spoils a file: standard input to standard output.
 *
 *	cut N		its first N bytes
 *	flip N		all bits of byte N are others
 *	info N		the same in the description that a .lp has: N bytes behind its magic
 *	random N	as many bytes by chance (N seeds it); every second file begins as an ELF file does
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char bytes[1 << 20];

static void randomise(size_t size, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
	unsigned char header[16];

	memcpy(header, bytes, sizeof(header));
	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (unsigned char)(state >> 32);
	}
	if (seed % 2)
		memcpy(bytes, header, sizeof(header));
}

int main(int argc, char **argv)
{
	size_t size = fread(bytes, 1, sizeof(bytes), stdin), n;
	unsigned char *info = memmem(bytes, size, "SUSULTP1", 8);

	if (argc != 3 || !info)
		return 2;
	n = strtoul(argv[2], NULL, 10);
	if (!strcmp(argv[1], "cut"))
		size = n < size ? n : size;
	else if (!strcmp(argv[1], "flip") && n < size)
		bytes[n] ^= 0xff;
	else if (!strcmp(argv[1], "info") && n < size - (size_t)(info - bytes))
		info[n] ^= 0xff;
	else if (!strcmp(argv[1], "random"))
		randomise(size, n);
	else
		return 2;
	return fwrite(bytes, 1, size, stdout) != size;
}
