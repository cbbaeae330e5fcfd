/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#include <string.h>
#define XXH_INLINE_ALL
#define XXH_NO_STDLIB
#include <xxhash.h>

#include "alloc.h"
#include "gate.h"

enum lp_reason lp_verify_object(const struct lp_file_object *wanted, const struct lp_object *object)
{
	if (!object)
		return LP_REASON_NO_SUCH_OBJECT;
	if (wanted->build_id_size != object->build_id_size ||
	    memcmp(wanted->build_id, object->build_id, object->build_id_size) != 0)
		return LP_REASON_BUILD_ID_MISMATCH;
	return LP_REASON_NONE;
}

static bool inside(const struct lp_object *object, uint64_t vaddr, uint64_t size)
{
	uint64_t addr = object->base + vaddr;

	return addr >= object->text_lo && addr < object->text_hi && size <= object->text_hi - addr;
}

/* The function's bytes as the file has them: without our own jump, where there is one. */
static bool has_hash(const struct lp_file_function *function, const struct lp_object *object)
{
	uint64_t size = function->old_size;
	uint8_t *bytes = lp_alloc(size);
	bool same = false;

	if (bytes && lp_peek(object->base + function->old_addr, bytes, size) == 0) {
		lp_gate_overlay(object->base, function->old_addr, bytes, size);
		same = XXH64(bytes, size, 0) == function->old_hash;
	}
	lp_free(bytes);
	return same;
}

static bool has_bytes(const struct lp_object *object, uint64_t vaddr, const uint8_t *expected,
		      size_t size)
{
	uint8_t bytes[16];

	if (lp_peek(object->base + vaddr, bytes, size) < 0)
		return false;
	lp_gate_overlay(object->base, vaddr, bytes, size);
	return memcmp(bytes, expected, size) == 0;
}

/* What the redirect needs of the target. */
static bool has_entry(const struct lp_file_function *function, const struct lp_object *object)
{
	uint64_t head = function->old_addr + function->jump_offset;
	size_t size = function->window > 5 ? function->window : 5;

	if (size > sizeof(function->window_bytes))
		size = sizeof(function->window_bytes);
	if (function->entry_kind == LP_ENTRY_PAD) {
		size = function->window < 2 ? 2 : function->window;
		if (!inside(object, function->pad_addr, function->pad_size) ||
		    !has_bytes(object, function->pad_addr, function->pad_bytes, function->pad_size))
			return false;
	}
	return inside(object, head, size) && has_bytes(object, head, function->window_bytes, size);
}

enum lp_reason lp_verify_function(const struct lp_file_function *function,
				  const struct lp_object *object)
{
	if (!inside(object, function->old_addr, function->old_size) ||
	    !has_hash(function, object) || !has_entry(function, object))
		return LP_REASON_BYTES_DIFFER;
	return LP_REASON_NONE;
}
