// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/x86_64/reloc.h"

static void known_types(void **state)
{
	static const uint32_t good[] = {
		R_X86_64_NONE,	   R_X86_64_64,	   R_X86_64_PC32,      R_X86_64_PLT32,
		R_X86_64_GOTPCREL, R_X86_64_32,	   R_X86_64_32S,       R_X86_64_DTPOFF64,
		R_X86_64_TLSGD,	   R_X86_64_TLSLD, R_X86_64_DTPOFF32,  R_X86_64_GOTTPOFF,
		R_X86_64_TPOFF32,  R_X86_64_PC64,  R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX,
	};
	unsigned int count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_non_null(lp_reloc_find(good[i]));
	for (uint32_t type = 0; type < 100000; type++)
		count += lp_reloc_find(type) != NULL;
	assert_int_equal(count, sizeof(good) / sizeof(good[0]));
	assert_null(lp_reloc_find(UINT32_MAX));
	assert_null(lp_reloc_find(R_X86_64_COPY));
	assert_null(lp_reloc_find(R_X86_64_IRELATIVE));
	assert_true(lp_reloc_is_tls(lp_reloc_find(R_X86_64_GOTTPOFF)));
	assert_false(lp_reloc_is_tls(lp_reloc_find(R_X86_64_PLT32)));
}

static bool write32(uint32_t type, uint64_t place, uint64_t target, int64_t addend, uint32_t *value)
{
	uint8_t field[8];
	bool done;

	memset(field, 0xee, sizeof(field));
	done = lp_reloc_write(lp_reloc_find(type), field, place, target, addend);
	memcpy(value, field, sizeof(*value));
	for (int i = 4; i < 8; i++)
		assert_int_equal(field[i], 0xee);
	return done;
}

static void fields_of_32_bits(void **state)
{
	uint32_t value;

	(void)state;
	assert_true(write32(R_X86_64_PC32, 0x1000, 0x2000, -4, &value));
	assert_int_equal(value, 0xffc);
	assert_true(write32(R_X86_64_PLT32, 0x2000, 0x1000, -4, &value));
	assert_int_equal(value, (uint32_t)-0x1004);
	assert_true(write32(R_X86_64_PC32, 0, 0x7fffffff, 0, &value));
	assert_false(write32(R_X86_64_PC32, 0, 0x80000000, 0, &value));
	assert_int_equal(value, 0xeeeeeeee);
	assert_true(write32(R_X86_64_PC32, 0x80000000, 0, 0, &value));
	assert_false(write32(R_X86_64_PC32, 0x80000001, 0, 0, &value));
	assert_true(write32(R_X86_64_32, 0, 0xffffffff, 0, &value));
	assert_false(write32(R_X86_64_32, 0, 0x100000000, 0, &value));
	assert_false(write32(R_X86_64_32, 0, 0, -1, &value));
	assert_true(write32(R_X86_64_32S, 0, 0, -1, &value));
	assert_false(write32(R_X86_64_32S, 0, 0x80000000, 0, &value));
	assert_true(write32(R_X86_64_TPOFF32, 77, (uint64_t)-16, 0, &value));
	assert_int_equal(value, (uint32_t)-16);
}

static void fields_of_64_bits(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(lp_reloc_write(lp_reloc_find(R_X86_64_64), (uint8_t *)&value, 5, 0x7fff12345678,
				   8));
	assert_int_equal(value, 0x7fff12345680);
	assert_true(lp_reloc_write(lp_reloc_find(R_X86_64_PC64), (uint8_t *)&value, 0x10, 0, 0));
	assert_int_equal(value, (uint64_t)-16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_types),
		cmocka_unit_test(fields_of_32_bits),
		cmocka_unit_test(fields_of_64_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
