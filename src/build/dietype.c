/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dietype.h"

/* An object file brings its own; there is nothing to look for elsewhere. */
static int find_nothing(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
			const char *file_name, const char *link, GElf_Word crc, char **found)
{
	(void)module, (void)userdata, (void)name, (void)base;
	(void)file_name, (void)link, (void)crc, (void)found;
	return -1;
}

/*
 * Type units are in sections of their own, many of one name, of which libdw reads one in a
 * relocatable object.
 */
static bool has_type_units(Elf *elf)
{
	unsigned int units = 0;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, &header) ?
					   elf_strptr(elf, names, header.sh_name) :
					   NULL;

		if (!name)
			continue;
		units += !strcmp(name, ".debug_info");
		if (units > 1 || !strcmp(name, ".debug_types"))
			return true;
	}
	return false;
}

static int load(struct lp_debug *debug, const char *path, int fd)
{
	Dwarf_Addr bias;
	Dwfl_Module *module = dwfl_report_offline(debug->dwfl, path, path, fd);
	Elf *elf;

	if (!module) {
		close(fd);
		return -EBADMSG;
	}
	if (dwfl_report_end(debug->dwfl, NULL, NULL))
		return -EBADMSG;
	elf = dwfl_module_getelf(module, &bias);
	if (!elf)
		return -EBADMSG;
	if (has_type_units(elf))
		return -ENOTSUP;
	/* relocated: that is what dwfl is for here */
	debug->dwarf = dwfl_module_getdwarf(module, &bias);
	return debug->dwarf ? 0 : -ENODATA;
}

int lp_debug_open(struct lp_debug *debug, const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = find_nothing,
		.section_address = dwfl_offline_section_address,
	};
	int err, fd = open(path, O_RDONLY | O_CLOEXEC);

	*debug = (struct lp_debug){ 0 };
	if (fd < 0)
		return -errno;
	debug->dwfl = dwfl_begin(&callbacks);
	if (!debug->dwfl) {
		close(fd);
		return -ENOMEM;
	}
	err = load(debug, path, fd);
	if (err)
		lp_debug_close(debug);
	return err;
}

void lp_debug_close(struct lp_debug *debug)
{
	if (debug->dwfl)
		dwfl_end(debug->dwfl);
	*debug = (struct lp_debug){ 0 };
}

int lp_debug_units(struct lp_debug *debug, int (*visit)(void *context, Dwarf_Die *unit),
		   void *context)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die, split;
	uint8_t type;
	int more, err = 0;

	while (!err &&
	       !(more = dwarf_get_units(debug->dwarf, unit, &unit, NULL, &type, &die, &split))) {
		/* of a split unit the other half is what counts */
		if (type == DW_UT_skeleton)
			err = dwarf_tag(&split) == DW_TAG_invalid ? -ENODATA :
								    visit(context, &split);
		else
			err = visit(context, &die);
	}
	return err ? err : more < 0 ? -EBADMSG : 0;
}

bool lp_die_is_aggregate(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

bool lp_die_is_cv(int tag)
{
	return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
	       tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type ||
	       tag == DW_TAG_immutable_type || tag == DW_TAG_packed_type ||
	       tag == DW_TAG_shared_type;
}

bool lp_die_type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attr), type) != NULL;
}

bool lp_die_peel(Dwarf_Die *die, const char **alias)
{
	*alias = NULL;
	for (int depth = 0; depth < LP_DIE_DEPTH_MAX; depth++) {
		int tag = dwarf_tag(die);
		Dwarf_Die inner;

		if (tag != DW_TAG_typedef && !lp_die_is_cv(tag))
			return tag != DW_TAG_invalid;
		/* typedef const struct { ... } name: it names the struct nevertheless */
		if (tag == DW_TAG_typedef)
			*alias = dwarf_diename(die);
		if (!lp_die_type(die, &inner))
			return false;
		*die = inner;
	}
	return false;
}

bool lp_die_number(Dwarf_Die *die, unsigned int attribute, uint64_t *number)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, attribute, &attr) || dwarf_formudata(&attr, &word))
		return false;
	*number = word;
	return true;
}

bool lp_die_dimension(Dwarf_Die *range, uint64_t *count)
{
	uint64_t last;

	if (lp_die_number(range, DW_AT_count, count))
		return true;
	if (!lp_die_number(range, DW_AT_upper_bound, &last))
		return false;
	*count = last + 1;
	return true;
}

static uint64_t byte_offset(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;
	uint64_t offset;

	if (!dwarf_attr(die, DW_AT_data_member_location, &attr))
		return 0;
	if (lp_die_number(die, DW_AT_data_member_location, &offset))
		return offset;
	if (!dwarf_getlocation(&attr, &ops, &count) && count == 1 &&
	    ops[0].atom == DW_OP_plus_uconst)
		return ops[0].number;
	return UINT64_MAX; /* of a virtual base class */
}

static uint64_t size_of(Dwarf_Die *type)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(type, &size) ? 0 : size;
}

/* DWARF 4 counts bits from the other end of the integer that they lie in. */
static void place_bitfield(struct lp_member *member, Dwarf_Die *die)
{
	uint64_t from_end, storage = 0, offset;

	if (lp_die_number(die, DW_AT_data_bit_offset, &offset)) {
		member->bit_offset = offset;
		return;
	}
	if (!lp_die_number(die, DW_AT_bit_offset, &from_end))
		return;
	if (!lp_die_number(die, DW_AT_byte_size, &storage))
		storage = size_of(&member->type);
	member->bit_offset += 8 * storage - from_end - member->bits;
}

static void member_read(struct lp_member *member, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	uint64_t offset = byte_offset(die);

	member->base = dwarf_tag(die) == DW_TAG_inheritance;
	member->name = name ? name : member->base ? dwarf_diename(&member->type) : NULL;
	member->name = member->name ? member->name : "";
	member->bit_offset = offset == UINT64_MAX ? offset : 8 * offset;
	member->bitfield = lp_die_number(die, DW_AT_bit_size, &member->bits);
	if (member->bitfield)
		place_bitfield(member, die);
	else
		member->bits = 8 * size_of(&member->type);
	lp_die_number(die, DW_AT_alignment, &member->align);
}

static int member_add(struct lp_members *members, const struct lp_member *member)
{
	if (members->count == members->capacity) {
		size_t capacity = members->capacity ? 2 * members->capacity : 16;
		void *list = reallocarray(members->list, capacity, sizeof(*members->list));

		if (!list)
			return -ENOMEM;
		members->list = list;
		members->capacity = capacity;
	}
	members->list[members->count++] = *member;
	return 0;
}

/* Static members are declared, but lie elsewhere. */
static bool is_member(Dwarf_Die *die)
{
	if (dwarf_tag(die) == DW_TAG_inheritance)
		return true;
	return dwarf_tag(die) == DW_TAG_member && !dwarf_hasattr(die, DW_AT_external) &&
	       !dwarf_hasattr(die, DW_AT_declaration);
}

static int members_add(struct lp_members *members, Dwarf_Die *aggregate, uint64_t base, int depth)
{
	Dwarf_Die child;
	int more, err = depth < LP_DIE_DEPTH_MAX ? 0 : -EBADMSG;

	for (more = err ? 1 : dwarf_child(aggregate, &child); !more && !err;
	     more = dwarf_siblingof(&child, &child)) {
		struct lp_member member = { 0 };

		if (!is_member(&child))
			continue;
		if (!lp_die_type(&child, &member.type))
			return -EBADMSG;
		member_read(&member, &child);
		if (member.bit_offset != UINT64_MAX)
			member.bit_offset += base;
		if (!*member.name && lp_die_is_aggregate(&member.type))
			err = members_add(members, &member.type, member.bit_offset, depth + 1);
		else
			err = member_add(members, &member);
	}
	return err ? err : more < 0 ? -EBADMSG : 0;
}

int lp_members_load(struct lp_members *members, Dwarf_Die *aggregate)
{
	*members = (struct lp_members){ 0 };
	return members_add(members, aggregate, 0, 0);
}

void lp_members_free(struct lp_members *members)
{
	free(members->list);
	*members = (struct lp_members){ 0 };
}
