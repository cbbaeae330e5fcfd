// SPDX-License-Identifier: LGPL-2.1-or-later
/* The description of a .lp: tables, indices, strings, entries. */
#include <string.h>
#include <suture/control.h>

#include "patch_check.h"

#define ADDR_BITS 47
#define MAX_LIST 1024 /* obsoletes, requires, states */
#define JMP8_SIZE 2
#define JMP32_SIZE 5

static const char *find_info(struct lp_patch_file *file)
{
	const Elf64_Shdr *found = NULL;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		const Elf64_Shdr *section = &file->sections[i];

		if (strcmp(file->section_names + section->sh_name, LP_FILE_SECTION))
			continue;
		if (found)
			return "it has more than one description";
		found = section;
	}
	if (!found)
		return "it has no description: it was not made by suture";
	if (found->sh_type != SHT_PROGBITS || found->sh_flags & SHF_ALLOC || found->sh_offset % 8)
		return "the section of the description is of the wrong kind";
	if (found->sh_size < sizeof(struct lp_file))
		return "the description is too short";
	file->info = (const struct lp_file *)(file->bytes + found->sh_offset);
	if (file->info->magic != LP_FILE_MAGIC)
		return "the description has a wrong magic number";
	if (file->info->version != LP_FILE_VERSION)
		return "the version of the format is not supported";
	if (file->info->size != found->sh_size)
		return "the size of the description is wrong";
	return NULL;
}

/* NULL: the table is not inside the description, or not aligned. */
static const void *open_table(const struct lp_patch_file *file, const struct lp_table *table,
			      size_t entry_size)
{
	uint64_t end = table->offset + (uint64_t)table->count * entry_size;

	if (table->offset % 8 || end > file->info->size ||
	    (table->count && table->offset < sizeof(struct lp_file)))
		return NULL;
	return (const uint8_t *)file->info + table->offset;
}

static const char *open_tables(struct lp_patch_file *file)
{
	const struct lp_file *info = file->info;

	file->strings = open_table(file, &info->strings, 1);
	file->objects = open_table(file, &info->objects, sizeof(*file->objects));
	file->functions = open_table(file, &info->functions, sizeof(*file->functions));
	file->parts = open_table(file, &info->parts, sizeof(*file->parts));
	file->moved = open_table(file, &info->moved, 1);
	file->fixups = open_table(file, &info->fixups, sizeof(*file->fixups));
	file->obsoletes = open_table(file, &info->obsoletes, sizeof(*file->obsoletes));
	file->requires = open_table(file, &info->requires, sizeof(*file->requires));
	file->holds = open_table(file, &info->holds, sizeof(*file->holds));
	file->states = open_table(file, &info->states, sizeof(*file->states));
	file->places = open_table(file, &info->places, sizeof(*file->places));
	if (!file->strings || !file->objects || !file->functions || !file->parts || !file->moved ||
	    !file->fixups || !file->obsoletes || !file->requires || !file->holds || !file->states ||
	    !file->places)
		return "a table of the description is out of range or not aligned";
	if (!info->strings.count || file->strings[0] || file->strings[info->strings.count - 1])
		return "the strings of the description do not start and end with NUL";
	if (!info->objects.count || info->objects.count > LP_FILE_MAX_OBJECTS)
		return "the number of objects is not supported";
	if (!info->functions.count || info->functions.count > LP_FILE_MAX_FUNCTIONS)
		return "the number of functions is not supported";
	if (info->obsoletes.count > MAX_LIST || info->requires.count > MAX_LIST ||
	    info->states.count > MAX_LIST)
		return "a list of the description is too long";
	return NULL;
}

static bool is_string(const struct lp_patch_file *file, uint32_t string)
{
	return string < file->info->strings.count;
}

/* A string that is there, is not empty, and can be shown. */
static bool is_name(const struct lp_patch_file *file, uint32_t string, size_t max)
{
	const char *name;
	size_t size = 0;

	if (!string || !is_string(file, string))
		return false;
	for (name = file->strings + string; name[size]; size++)
		if (size >= max || (unsigned char)name[size] < 0x20 || name[size] == 0x7f)
			return false;
	return size > 0;
}

static bool is_range(uint64_t addr, uint64_t size)
{
	return size && !(addr >> ADDR_BITS) && !(size >> ADDR_BITS) &&
	       !((addr + size) >> ADDR_BITS);
}

static const char *check_head(const struct lp_patch_file *file)
{
	const struct lp_file *info = file->info;
	const uint32_t flags = LP_FILE_REPLACE | LP_FILE_REPLACEABLE | LP_FILE_CONFLICTS_REPLACE |
			       LP_FILE_ADDRESS_TAKEN;

	if (info->flags & ~flags || info->reserved)
		return "the description has flags that are not supported";
	if (!is_name(file, info->name, SUTURE_NAME_MAX))
		return "the name of the patch is missing, too long or not printable";
	if (!is_string(file, info->description))
		return "the text of the description is out of range";
	return NULL;
}

static const char *check_new_symbol(const struct lp_patch_file *file, uint32_t index)
{
	const Elf64_Sym *symbol;
	const Elf64_Shdr *section;

	if (!index || index >= file->n_symbols)
		return "the symbol of a function is out of range";
	symbol = &file->symbols[index];
	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || !symbol->st_shndx ||
	    symbol->st_shndx >= file->n_sections)
		return "the symbol of a function is not a function of this file";
	section = &file->sections[symbol->st_shndx];
	if (!lp_section_is_loaded(section) || !(section->sh_flags & SHF_EXECINSTR) ||
	    symbol->st_value >= section->sh_size)
		return "the symbol of a function is not code";
	return NULL;
}

/* 0 is none. */
static bool are_callbacks(const struct lp_patch_file *file, const uint32_t *symbols, int count)
{
	for (int i = 0; i < count; i++)
		if (symbols[i] && check_new_symbol(file, symbols[i]))
			return false;
	return true;
}

static const char *check_objects(const struct lp_patch_file *file)
{
	for (uint32_t i = 0; i < file->info->objects.count; i++) {
		const struct lp_file_object *object = &file->objects[i];
		const char *name;

		if (!is_string(file, object->name))
			return "the name of an object is out of range";
		name = file->strings + object->name;
		if (object->name && (!is_name(file, object->name, SUTURE_NAME_MAX) ||
				     strchr(name, '/') || !strcmp(name, LP_PROGRAM_NAME)))
			return "the name of an object is not valid";
		if (object->build_id_size < 4 || object->build_id_size > LP_BUILD_ID_MAX)
			return "the size of a build-id is wrong";
		if (!are_callbacks(file, object->callbacks, LP_FILE_CALLBACKS))
			return "a callback of an object is not a function of this file";
		for (uint32_t j = 0; j < i; j++)
			if (!strcmp(file->strings + file->objects[j].name, name))
				return "an object is named twice";
	}
	return NULL;
}

static const char *check_moved(const struct lp_patch_file *file,
			       const struct lp_file_function *function)
{
	const struct lp_file *info = file->info;

	if (!function->moved_size || function->moved_size > LP_MOVED_MAX ||
	    (uint64_t)function->moved + function->moved_size > info->moved.count)
		return "the moved code of a function is out of range";
	if ((uint64_t)function->fixups + function->fixup_count > info->fixups.count)
		return "the fixups of a function are out of range";
	for (uint32_t i = 0; i < function->fixup_count; i++) {
		const struct lp_file_fixup *fixup = &file->fixups[function->fixups + i];

		if (fixup->offset + 4 > fixup->end || fixup->end > function->moved_size ||
		    fixup->reserved)
			return "a fixup is not inside its moved code";
	}
	return NULL;
}

static const char *check_pad(const struct lp_file_function *function)
{
	uint64_t jump = function->old_addr + function->jump_offset;
	int64_t distance = (int64_t)(function->pad_addr - (jump + JMP8_SIZE));

	if (function->entry_kind != LP_ENTRY_PAD)
		return function->pad_addr || function->pad_size ?
			       "an entry has padding that it does not use" :
			       NULL;
	if (function->pad_size != JMP32_SIZE && function->pad_size != JMP32_SIZE + 1)
		return "the padding of an entry has an impossible size";
	if (!function->pad_addr || !is_range(function->pad_addr, function->pad_size) ||
	    distance < INT8_MIN || distance > INT8_MAX)
		return "the padding of an entry is out of reach";
	return NULL;
}

/* See struct lp_file_function. */
static const char *check_entry(const struct lp_file_function *function)
{
	unsigned int need = function->entry_kind == LP_ENTRY_PAD ? JMP8_SIZE : JMP32_SIZE;

	if (function->entry_kind < LP_ENTRY_SINGLE || function->entry_kind > LP_ENTRY_MULTI)
		return "the kind of an entry is unknown";
	if (function->jump_offset > 15 || function->jump_offset >= function->old_size)
		return "the jump of an entry is not inside its function";
	if (function->undo % 8 || function->undo > 120)
		return "the stack bytes of an entry are wrong";
	if (function->window < need || function->window > 15 ||
	    function->jump_offset + function->window > 31)
		return "the window of an entry has a wrong size";
	if (!(function->boundaries & 1) || function->boundaries >> function->window)
		return "the instruction boundaries of an entry are wrong";
	if (function->entry_kind == LP_ENTRY_SINGLE && function->boundaries & 0x1e)
		return "an entry of one instruction has several";
	if (function->entry_kind != LP_ENTRY_SINGLE && function->boundaries & 2)
		return "the first instruction of an entry is too short";
	return check_pad(function);
}

static const char *check_function(const struct lp_patch_file *file,
				  const struct lp_file_function *function)
{
	const char *why;

	if (function->object >= file->info->objects.count)
		return "the object of a function is out of range";
	if (!is_name(file, function->name, UINT32_MAX))
		return "the name of a function is missing or not printable";
	if (!is_range(function->old_addr, function->old_size))
		return "the address of a function is out of range";
	if ((uint64_t)function->parts + function->part_count > file->info->parts.count)
		return "the parts of a function are out of range";
	why = check_new_symbol(file, function->new_symbol);
	if (!why)
		why = check_entry(function);
	if (!why)
		why = check_moved(file, function);
	return why;
}

static const char *check_functions(const struct lp_patch_file *file)
{
	bool seen[LP_FILE_MAX_OBJECTS] = { false };

	for (uint32_t i = 0; i < file->info->functions.count; i++) {
		const struct lp_file_function *function = &file->functions[i];
		const char *why = check_function(file, function);

		if (why)
			return why;
		if (i && function->object == function[-1].object)
			continue;
		if (seen[function->object])
			return "the functions are not grouped by object";
		seen[function->object] = true;
	}
	for (uint32_t i = 0; i < file->info->parts.count; i++)
		if (!is_range(file->parts[i].addr, file->parts[i].size))
			return "a part of a function is out of range";
	return NULL;
}

static const char *check_lists(const struct lp_patch_file *file)
{
	const struct lp_file *info = file->info;

	for (uint32_t i = 0; i < info->requires.count; i++)
		if (!is_name(file, file->requires[i], SUTURE_NAME_MAX))
			return "the name of a required patch is not valid";
	for (uint32_t i = 0; i < info->holds.count; i++) {
		const struct lp_file_hold *hold = &file->holds[i];

		if (hold->object >= info->objects.count || !is_name(file, hold->name, UINT32_MAX) ||
		    !is_range(hold->addr, hold->size))
			return "a held function is not valid";
	}
	for (uint32_t i = 0; i < info->states.count; i++) {
		const struct lp_file_state *state = &file->states[i];

		if (!state->id || state->reserved ||
		    state->flags & ~(LP_FILE_STATE_SHADOW | LP_FILE_STATE_BLOCK_DISABLE))
			return "a state is not valid";
		if (!are_callbacks(file, state->callbacks, LP_FILE_CALLBACKS) ||
		    !are_callbacks(file, &state->shadow_dtor, 1))
			return "a callback of a state is not a function of this file";
		for (uint32_t j = 0; j < i; j++)
			if (file->states[j].id == file->states[i].id)
				return "a state is named twice";
	}
	return NULL;
}

static bool is_eh_frame(const struct lp_patch_file *file, uint32_t section)
{
	const Elf64_Shdr *header = &file->sections[section];

	return lp_section_is_loaded(header) &&
	       !strcmp(file->section_names + header->sh_name, ".eh_frame");
}

/* Each is registered with an unwinder, with the code that lies where it does. */
static const char *check_eh_frames(const struct lp_patch_file *file)
{
	bool seen[LP_FILE_MAX_OBJECTS] = { false };
	const struct lp_file_place *place = file->places;
	const struct lp_file_place *end = place + file->info->places.count;

	for (uint32_t i = 1; i < file->n_sections; i++) {
		uint32_t object = file->functions[0].object;

		if (place < end && place->section == i)
			object = place++->object;
		if (!is_eh_frame(file, i))
			continue;
		if (seen[object])
			return "it has more than one .eh_frame near one object";
		seen[object] = true;
	}
	return NULL;
}

static const char *check_places(const struct lp_patch_file *file)
{
	for (uint32_t i = 0; i < file->info->places.count; i++) {
		const struct lp_file_place *place = &file->places[i];

		if (!place->section || place->section >= file->n_sections ||
		    !lp_section_is_loaded(&file->sections[place->section]))
			return "the place of a section is that of none";
		if (i && place->section <= place[-1].section)
			return "the places of the sections are not in order";
		if (place->object >= file->info->objects.count)
			return "the object of a place is out of range";
	}
	return check_eh_frames(file);
}

const char *lp_info_check(struct lp_patch_file *file)
{
	const char *why = find_info(file);

	if (!why)
		why = open_tables(file);
	if (!why)
		why = check_head(file);
	if (!why)
		why = check_objects(file);
	if (!why)
		why = check_functions(file);
	if (!why)
		why = check_lists(file);
	if (!why)
		why = check_places(file);
	if (!why)
		why = lp_overlap_check(file);
	return why;
}
