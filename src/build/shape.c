/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "shape.h"

#define VOID 1

static uint64_t shape_at(struct lp_shapes *shapes, Dwarf_Die type, int depth);

uint64_t lp_shape_mix(uint64_t hash, uint64_t number)
{
	return XXH64(&number, sizeof(number), hash);
}

uint64_t lp_shape_mix_text(uint64_t hash, const char *text)
{
	return text ? XXH64(text, strlen(text), hash) : lp_shape_mix(hash, 0);
}

static uint64_t mix_number(uint64_t hash, Dwarf_Die *die, unsigned int attribute)
{
	uint64_t number;

	return lp_die_number(die, attribute, &number) ? lp_shape_mix(hash, number) :
							lp_shape_mix(hash, UINT64_MAX);
}

static uint64_t fail(struct lp_shapes *shapes, int err)
{
	shapes->err = shapes->err ? shapes->err : err;
	return 0;
}

/* A class is a struct. */
static uint64_t kind_of(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_class_type ? DW_TAG_structure_type : (uint64_t)tag;
}

static uint64_t base_shape(Dwarf_Die *type)
{
	uint64_t hash = lp_shape_mix(DW_TAG_base_type, 0);

	hash = mix_number(hash, type, DW_AT_encoding);
	return mix_number(hash, type, DW_AT_byte_size);
}

/* The dimensions of an array: constant or open. */
static uint64_t mix_dimensions(uint64_t hash, Dwarf_Die *array)
{
	uint64_t count;
	Dwarf_Die child;
	int more;

	for (more = dwarf_child(array, &child); !more; more = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_subrange_type)
			hash = lp_shape_mix(hash,
					    lp_die_dimension(&child, &count) ? count : UINT64_MAX);
	return hash;
}

static uint64_t behind_pointer(struct lp_shapes *shapes, Dwarf_Die type, int depth);

static uint64_t type_behind(struct lp_shapes *shapes, Dwarf_Die *die, int depth)
{
	Dwarf_Die type;

	return lp_die_type(die, &type) ? behind_pointer(shapes, type, depth + 1) : VOID;
}

static uint64_t function_shape(struct lp_shapes *shapes, Dwarf_Die *function, int depth)
{
	uint64_t hash = lp_shape_mix(DW_TAG_subroutine_type, type_behind(shapes, function, depth));
	Dwarf_Die child;
	int more;

	for (more = dwarf_child(function, &child); !more; more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_formal_parameter)
			hash = lp_shape_mix(hash, type_behind(shapes, &child, depth));
		else if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
			hash = lp_shape_mix(hash, DW_TAG_unspecified_parameters);
	}
	return hash;
}

/* By name: what a pointer leads to does not change the pointer. */
static uint64_t behind_pointer(struct lp_shapes *shapes, Dwarf_Die type, int depth)
{
	const char *alias, *name;
	uint64_t hash;

	if (depth > LP_DIE_DEPTH_MAX)
		return fail(shapes, -EBADMSG);
	if (!lp_die_peel(&type, &alias))
		return VOID;
	switch (dwarf_tag(&type)) {
	case DW_TAG_base_type:
		return base_shape(&type);
	case DW_TAG_subroutine_type:
		return shapes->coarse ? DW_TAG_subroutine_type :
					function_shape(shapes, &type, depth);
	case DW_TAG_array_type:
		hash = lp_shape_mix(DW_TAG_array_type, type_behind(shapes, &type, depth));
		return mix_dimensions(hash, &type);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
	case DW_TAG_ptr_to_member_type:
		return lp_shape_mix(kind_of(&type), type_behind(shapes, &type, depth));
	default:
		name = dwarf_diename(&type);
		return lp_shape_mix_text(kind_of(&type), name ? name : alias);
	}
}

static uint64_t mix_member(struct lp_shapes *shapes, uint64_t hash, struct lp_member *member,
			   int depth)
{
	hash = lp_shape_mix_text(hash, member->name);
	hash = lp_shape_mix(hash, member->bit_offset);
	hash = lp_shape_mix(hash, member->bitfield ? member->bits : 0);
	hash = lp_shape_mix(hash, member->align);
	return lp_shape_mix(hash, shape_at(shapes, member->type, depth + 1));
}

static uint64_t aggregate_shape(struct lp_shapes *shapes, Dwarf_Die *type, int depth)
{
	struct lp_members members;
	uint64_t hash;
	int err;

	if (lp_diemap_get(&shapes->map, type->addr, &hash))
		return hash;
	hash = lp_shape_mix_text(kind_of(type), dwarf_diename(type));
	hash = mix_number(hash, type, DW_AT_byte_size);
	hash = mix_number(hash, type, DW_AT_alignment);
	err = lp_members_load(&members, type);
	for (size_t i = 0; !err && i < members.count && !shapes->err; i++)
		hash = mix_member(shapes, hash, &members.list[i], depth);
	lp_members_free(&members);
	if (!err && !shapes->err)
		err = lp_diemap_put(&shapes->map, type->addr, hash);
	return err ? fail(shapes, err) : hash;
}

static uint64_t enum_shape(Dwarf_Die *type)
{
	return mix_number(lp_shape_mix_text(DW_TAG_enumeration_type, dwarf_diename(type)), type,
			  DW_AT_byte_size);
}

static uint64_t array_shape(struct lp_shapes *shapes, Dwarf_Die *type, int depth)
{
	uint64_t hash = lp_shape_mix(DW_TAG_array_type, 0);
	Dwarf_Die element;

	if (lp_die_type(type, &element))
		hash = lp_shape_mix(hash, shape_at(shapes, element, depth + 1));
	return mix_dimensions(hash, type);
}

static uint64_t shape_at(struct lp_shapes *shapes, Dwarf_Die type, int depth)
{
	const char *alias;

	if (depth > LP_DIE_DEPTH_MAX)
		return fail(shapes, -EBADMSG);
	if (!lp_die_peel(&type, &alias))
		return VOID;
	if (lp_die_is_aggregate(&type))
		return aggregate_shape(shapes, &type, depth);
	if (dwarf_tag(&type) == DW_TAG_enumeration_type)
		return enum_shape(&type);
	if (dwarf_tag(&type) == DW_TAG_array_type)
		return array_shape(shapes, &type, depth);
	return behind_pointer(shapes, type, depth);
}

uint64_t lp_shape(struct lp_shapes *shapes, Dwarf_Die *type)
{
	return shape_at(shapes, *type, 0);
}

uint64_t lp_shape_enum(struct lp_shapes *shapes, Dwarf_Die *type)
{
	uint64_t hash = enum_shape(type);
	Dwarf_Die child;
	int more;

	for (more = dwarf_child(type, &child); !more; more = dwarf_siblingof(&child, &child)) {
		hash = lp_shape_mix_text(hash, dwarf_diename(&child));
		hash = mix_number(hash, &child, DW_AT_const_value);
	}
	return more < 0 ? fail(shapes, -EBADMSG) : hash;
}

void lp_shapes_free(struct lp_shapes *shapes)
{
	lp_diemap_free(&shapes->map);
	*shapes = (struct lp_shapes){ 0 };
}
