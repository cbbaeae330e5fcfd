/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the psABI (3.2.3, Parameter Passing) classifies C types.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <string.h>

#include "signature.h"

#define DEPTH_MAX 32

static int classify_at(Dwarf_Die *die, uint64_t offset, struct lp_elf_type *type, int depth);

static void merge(struct lp_elf_type *type, uint64_t offset, enum lp_elf_class class)
{
	enum lp_elf_class *slot = &type->classes[offset / 8];

	if (*slot == LP_ELF_CLASS_NONE || class == LP_ELF_CLASS_INTEGER)
		*slot = class;
}

/* A scalar of one or two eightbytes. */
static int add_scalar(struct lp_elf_type *type, uint64_t offset, uint64_t size,
		      enum lp_elf_class low, enum lp_elf_class high)
{
	uint64_t align = size < 16 ? size : 16;

	if (!size || (size & (size - 1)) || offset % align)
		return -ENOTSUP; /* packed */
	if (align > type->align)
		type->align = align;
	if (offset + size > 16 || type->memory)
		return 0; /* of an aggregate that is in memory anyway */
	merge(type, offset, low);
	if (size > 8)
		merge(type, offset + 8, high);
	return 0;
}

static int add_float(struct lp_elf_type *type, uint64_t offset, Dwarf_Die *die, uint64_t size)
{
	const char *name = dwarf_diename(die);

	if (size <= 8)
		return add_scalar(type, offset, size, LP_ELF_CLASS_SSE, LP_ELF_CLASS_NONE);
	if (name && (!strcmp(name, "_Float128") || !strcmp(name, "__float128")))
		return add_scalar(type, offset, size, LP_ELF_CLASS_SSE, LP_ELF_CLASS_SSEUP);
	type->memory = true;
	type->x87 = true;
	type->align = 16;
	return offset % 16 ? -ENOTSUP : 0;
}

static int add_complex(struct lp_elf_type *type, uint64_t offset, uint64_t size)
{
	int err;

	if (size == 8)
		err = offset % 4 ? -ENOTSUP : 0;
	else if (size == 16)
		err = offset % 8 ? -ENOTSUP : 0;
	else
		return -ENOTSUP;
	for (uint64_t at = 0; !err && at < size; at += size / 2)
		err = add_scalar(type, offset + at, size / 2, LP_ELF_CLASS_SSE, LP_ELF_CLASS_NONE);
	return err;
}

static int add_base(Dwarf_Die *die, uint64_t offset, struct lp_elf_type *type, uint64_t size)
{
	Dwarf_Attribute attr;
	Dwarf_Word encoding;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_encoding, &attr), &encoding))
		return -ENOTSUP;
	switch (encoding) {
	case DW_ATE_float:
		return add_float(type, offset, die, size);
	case DW_ATE_complex_float:
		return add_complex(type, offset, size);
	case DW_ATE_boolean:
	case DW_ATE_signed:
	case DW_ATE_signed_char:
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		return add_scalar(type, offset, size, LP_ELF_CLASS_INTEGER, LP_ELF_CLASS_INTEGER);
	default:
		return -ENOTSUP;
	}
}

static int member_offset(Dwarf_Die *member, uint64_t *offset, bool *bits)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	*offset = 0;
	*bits = dwarf_hasattr(member, DW_AT_bit_size);
	if (dwarf_attr(member, DW_AT_data_bit_offset, &attr)) {
		if (dwarf_formudata(&attr, &value))
			return -ENOTSUP;
		*offset = value / 8;
		*bits = true;
		return 0;
	}
	if (!dwarf_attr(member, DW_AT_data_member_location, &attr))
		return 0;
	if (dwarf_formudata(&attr, &value))
		return -ENOTSUP;
	*offset = value;
	return 0;
}

static int add_member(Dwarf_Die *member, uint64_t base, struct lp_elf_type *type, int depth)
{
	Dwarf_Attribute attr;
	Dwarf_Die die;
	uint64_t offset;
	bool bits;

	if (member_offset(member, &offset, &bits))
		return -ENOTSUP;
	offset += base;
	if (bits) {
		if (offset < 16)
			merge(type, offset, LP_ELF_CLASS_INTEGER);
		return 0;
	}
	if (!dwarf_formref_die(dwarf_attr(member, DW_AT_type, &attr), &die))
		return -ENOTSUP;
	return classify_at(&die, offset, type, depth + 1);
}

static int add_members(Dwarf_Die *die, uint64_t offset, struct lp_elf_type *type, int depth)
{
	Dwarf_Die child;
	int more, err = 0;

	if (dwarf_hasattr(die, DW_AT_declaration))
		return -ENOTSUP;
	for (more = dwarf_child(die, &child); !more && !err; more = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_member)
			err = add_member(&child, offset, type, depth);
	return more < 0 ? -ENOTSUP : err;
}

static int add_array(Dwarf_Die *die, uint64_t offset, struct lp_elf_type *type, uint64_t size,
		     int depth)
{
	Dwarf_Attribute attr;
	Dwarf_Die element;
	Dwarf_Word step;
	int err = 0;

	if (dwarf_hasattr(die, DW_AT_GNU_vector)) {
		if (size > 16)
			return -ENOTSUP;
		return add_scalar(type, offset, size, LP_ELF_CLASS_SSE, LP_ELF_CLASS_SSEUP);
	}
	if (!dwarf_formref_die(dwarf_attr(die, DW_AT_type, &attr), &element) ||
	    dwarf_aggregate_size(&element, &step) || !step)
		return -ENOTSUP;
	/* one is enough to know the alignment of what is in memory anyway */
	if (type->memory && size > step)
		size = step;
	for (uint64_t at = 0; at < size && !err; at += step)
		err = classify_at(&element, offset + at, type, depth + 1);
	return err;
}

static int classify_at(Dwarf_Die *die, uint64_t offset, struct lp_elf_type *type, int depth)
{
	Dwarf_Die peeled;
	Dwarf_Word size;

	if (depth > DEPTH_MAX || dwarf_peel_type(die, &peeled))
		return -ENOTSUP;
	if (dwarf_hasattr(&peeled, DW_AT_alignment))
		return -ENOTSUP;
	switch (dwarf_tag(&peeled)) {
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return add_scalar(type, offset, 8, LP_ELF_CLASS_INTEGER, LP_ELF_CLASS_NONE);
	case DW_TAG_enumeration_type:
		if (dwarf_aggregate_size(&peeled, &size))
			return -ENOTSUP;
		return add_scalar(type, offset, size, LP_ELF_CLASS_INTEGER, LP_ELF_CLASS_NONE);
	case DW_TAG_base_type:
		if (dwarf_aggregate_size(&peeled, &size))
			return -ENOTSUP;
		return add_base(&peeled, offset, type, size);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return add_members(&peeled, offset, type, depth);
	case DW_TAG_array_type:
		if (dwarf_aggregate_size(&peeled, &size))
			return offset ? 0 : -ENOTSUP; /* a flexible array member */
		return add_array(&peeled, offset, type, size, depth);
	default:
		return -ENOTSUP;
	}
}

int lp_elf_classify(void *die, struct lp_elf_type *type)
{
	Dwarf_Word size;
	int err;

	*type = (struct lp_elf_type){ .align = 1 };
	if (dwarf_aggregate_size(die, &size))
		return -ENOTSUP;
	type->size = size;
	type->memory = size > 16;
	err = classify_at(die, 0, type, 0);
	return err;
}
