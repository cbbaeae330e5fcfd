// SPDX-License-Identifier: LGPL-2.1-or-later
#include "eh_frame.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "dl.h"

#define COLUMN_RA 16
#define MAX_COLUMN 128
#define ENC_ABSPTR 0x00
#define ENC_PCREL_SDATA4 0x1b
#define ENC_PCREL_SDATA8 0x1c
#define ENC_OMIT 0xff

/* What is left to read; once over the end it stays failed. */
struct reader {
	const uint8_t *at, *end;
	bool failed;
};

struct cie {
	uint8_t encoding; /* of addresses */
	uint8_t lsda_encoding;
	bool augmented;
};

static const uint8_t *take(struct reader *reader, uint64_t size)
{
	const uint8_t *at = reader->at;

	if (reader->failed || size > (uint64_t)(reader->end - at)) {
		reader->failed = true;
		return NULL;
	}
	reader->at += size;
	return at;
}

static uint64_t take_fixed(struct reader *reader, unsigned int size)
{
	const uint8_t *bytes = take(reader, size);
	uint64_t value = 0;

	if (bytes)
		memcpy(&value, bytes, size);
	return value;
}

/* Longer ones than 64 bits fail. */
static uint64_t take_leb(struct reader *reader)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		uint8_t byte = (uint8_t)take_fixed(reader, 1);

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	reader->failed = true;
	return value;
}

/* 0: not supported */
static unsigned int encoded_size(uint8_t encoding)
{
	if (encoding == ENC_ABSPTR)
		return 8;
	switch (encoding & 0x0f) {
	case 0x03: /* udata4 */
	case 0x0b: /* sdata4 */
		return 4;
	case 0x04: /* udata8 */
	case 0x0c: /* sdata8 */
		return 8;
	default:
		return 0;
	}
}

/*
 * Operands of the call frame instructions: 1, 2, 4: so many bytes; r: register; n: number (LEB);
 * b: block. NULL: unknown. DWARF 5, 7.24, and the GNU ones of the LSB.
 */
static const char *const operands[0x30] = {
	[0x00] = "",  [0x02] = "1",  [0x03] = "2",  [0x04] = "4",  [0x05] = "rn", [0x06] = "r",
	[0x07] = "r", [0x08] = "r",  [0x09] = "rr", [0x0a] = "",   [0x0b] = "",	  [0x0c] = "rn",
	[0x0d] = "r", [0x0e] = "n",  [0x0f] = "b",  [0x10] = "rb", [0x11] = "rn", [0x12] = "rn",
	[0x13] = "n", [0x14] = "rn", [0x15] = "rn", [0x16] = "rb", [0x2e] = "n",  [0x2f] = "rn",
};

static void take_operand(struct reader *program, char kind)
{
	switch (kind) {
	case 'r':
		if (take_leb(program) >= MAX_COLUMN)
			program->failed = true;
		break;
	case 'n':
		take_leb(program);
		break;
	case 'b':
		take(program, take_leb(program));
		break;
	default:
		take(program, (uint64_t)(kind - '0'));
	}
}

static bool check_program(struct reader *program)
{
	int depth = 0; /* of remember_state */

	while (!program->failed && program->at < program->end) {
		uint8_t op = (uint8_t)take_fixed(program, 1);
		const char *kinds = op >> 6 == 2 ? "n" : "";

		if (op >> 6 == 0)
			kinds = op < sizeof(operands) / sizeof(operands[0]) ? operands[op] : NULL;
		depth += op == 0x0a ? 1 : op == 0x0b ? -1 : 0;
		if (!kinds || depth < 0)
			return false;
		for (; *kinds; kinds++)
			take_operand(program, *kinds);
	}
	return !program->failed;
}

static bool check_augmentation(struct reader *data, const char *letters, struct cie *cie)
{
	for (; *letters; letters++) {
		unsigned int size;

		switch (*letters) {
		case 'R':
			cie->encoding = (uint8_t)take_fixed(data, 1);
			break;
		case 'L':
			cie->lsda_encoding = (uint8_t)take_fixed(data, 1);
			break;
		case 'P':
			size = encoded_size((uint8_t)take_fixed(data, 1));
			if (!size)
				return false;
			take(data, size);
			break;
		case 'S':
		case 'B':
			break;
		default:
			return false;
		}
	}
	return !data->failed;
}

/* record: what follows the id */
static bool check_cie(struct reader record, struct cie *cie)
{
	uint8_t version = (uint8_t)take_fixed(&record, 1);
	const char *letters = (const char *)record.at;
	const uint8_t *nul = memchr(record.at, 0, (size_t)(record.end - record.at));

	*cie = (struct cie){ .encoding = ENC_ABSPTR, .lsda_encoding = ENC_OMIT };
	if ((version != 1 && version != 3) || !nul)
		return false;
	record.at = nul + 1;
	take_leb(&record); /* code alignment */
	take_leb(&record); /* data alignment */
	if ((version == 1 ? take_fixed(&record, 1) : take_leb(&record)) != COLUMN_RA)
		return false;
	if (*letters == 'z') {
		uint64_t size = take_leb(&record);
		const uint8_t *data = take(&record, size);
		struct reader augmentation = { data, data ? data + size : NULL, !data };

		cie->augmented = true;
		if (!check_augmentation(&augmentation, letters + 1, cie))
			return false;
	} else if (*letters) {
		return false;
	}
	if (cie->lsda_encoding != ENC_OMIT && !encoded_size(cie->lsda_encoding))
		return false;
	return check_program(&record);
}

static bool check_fde(struct reader record, const struct cie *cie, uint64_t record_addr,
		      uint64_t text_lo, uint64_t text_hi)
{
	unsigned int size = encoded_size(cie->encoding);
	bool relative = cie->encoding != ENC_ABSPTR;
	uint64_t begin, length;

	if (relative && cie->encoding != ENC_PCREL_SDATA4 && cie->encoding != ENC_PCREL_SDATA8)
		return false;
	begin = take_fixed(&record, size);
	length = take_fixed(&record, size);
	if (relative)
		begin = record_addr + (size == 4 ? (uint64_t)(int64_t)(int32_t)begin : begin);
	if (begin < text_lo || begin > text_hi || length > text_hi - begin)
		return false;
	if (cie->augmented) {
		uint64_t augmentation = take_leb(&record);

		if (cie->lsda_encoding != ENC_OMIT &&
		    augmentation < encoded_size(cie->lsda_encoding))
			return false;
		take(&record, augmentation);
	}
	return check_program(&record);
}

struct walk {
	const uint8_t *bytes;
	size_t size;
	uint64_t addr, text_lo, text_hi;
	uint8_t *is_cie; /* one bit for each offset */
};

/* 1: a record, *next is behind it; 0: the end; -1: bad */
static int check_record(struct walk *walk, size_t at, size_t *next)
{
	struct reader all = { walk->bytes + at, walk->bytes + walk->size, false };
	uint64_t length = take_fixed(&all, 4);
	struct reader record = { all.at, all.at, all.failed };
	uint64_t id, cie_at;
	struct cie cie;

	if (all.failed || !length)
		return all.failed ? -1 : 0;
	if (length == 0xffffffff || length > (uint64_t)(all.end - all.at))
		return -1;
	record.end = record.at + length;
	*next = (size_t)(record.end - walk->bytes);
	id = take_fixed(&record, 4);
	if (record.failed)
		return -1;
	if (!id) {
		walk->is_cie[at / 8] |= (uint8_t)(1u << at % 8);
		return check_cie(record, &cie) ? 1 : -1;
	}
	if (id > at + 4)
		return -1;
	cie_at = at + 4 - id;
	if (!(walk->is_cie[cie_at / 8] >> cie_at % 8 & 1))
		return -1;
	/* checked before, when it was passed */
	memcpy(&length, walk->bytes + cie_at, 4);
	length &= 0xffffffff;
	check_cie((struct reader){ walk->bytes + cie_at + 8, walk->bytes + cie_at + 4 + length,
				   false },
		  &cie);
	return check_fde(record, &cie, walk->addr + at + 8, walk->text_lo, walk->text_hi) ? 1 : -1;
}

int lp_eh_frame_check(const uint8_t *bytes, size_t size, uint64_t addr, uint64_t text_lo,
		      uint64_t text_hi)
{
	struct walk walk = { bytes, size, addr, text_lo, text_hi, lp_alloc(size / 8 + 1) };
	size_t at = 0;
	int ret = 1;

	if (!walk.is_cie)
		return -ENOMEM;
	while (ret > 0 && at < size)
		ret = check_record(&walk, at, &at);
	lp_free(walk.is_cie);
	return ret < 0 ? -EBADMSG : 0;
}

struct registration {
	void *handle; /* of libgcc_s: it must not go away before it is told */
	uint64_t addr;
	void (*unregister)(const void *records);
};

void *lp_eh_frame_register(uint64_t addr)
{
	struct registration *registration = lp_alloc(sizeof(*registration));
	void (*add)(const void *records);

	if (!registration)
		return NULL;
	registration->addr = addr;
	registration->handle = lp_dl_hold("libgcc_s.so.1");
	add = registration->handle ?
		      (void (*)(const void *))lp_dl_symbol(registration->handle, "__register_frame",
							   NULL) :
		      NULL;
	if (add)
		registration->unregister = (void (*)(const void *))lp_dl_symbol(
			registration->handle, "__deregister_frame", NULL);
	if (!add || !registration->unregister) {
		lp_dl_release(registration->handle);
		lp_free(registration);
		return NULL;
	}
	add((const void *)addr);
	return registration;
}

void lp_eh_frame_unregister(void *registration)
{
	struct registration *registered = registration;

	if (!registered)
		return;
	registered->unregister((const void *)registered->addr);
	lp_dl_release(registered->handle);
	lp_free(registered);
}
