/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The section that describes the patch to the agent (suture/lpfile.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "near.h"
#include "phase.h"

struct tables {
	struct lp_buffer strings, objects, functions, parts, moved, fixups, obsoletes, requires,
		holds, states, places;
};

static uint32_t string_add(struct tables *t, const char *string)
{
	return (uint32_t)lp_buffer_string(&t->strings, string);
}

static uint32_t symbol_out(const struct lp_pack_job *job, uint32_t symbol)
{
	return symbol ? job->obj.symbols[symbol].out : 0;
}

static void add_callbacks(const struct lp_pack_job *job, uint32_t *to, const uint32_t *from)
{
	for (int i = 0; from && i < LP_FILE_CALLBACKS; i++)
		to[i] = symbol_out(job, from[i]);
}

/* NULL: none of the author's objects is this one. */
static const uint32_t *callbacks_of(struct lp_pack_job *job, const struct lp_target *target)
{
	for (size_t i = 0; i < job->description.n_objects; i++) {
		const struct lp_described_object *object = &job->description.objects[i];
		struct lp_target *found;

		if (!lp_pack_find_target(job, object->name, &found) && found == target)
			return object->callbacks;
	}
	return NULL;
}

static void add_objects(struct tables *t, struct lp_pack_job *job)
{
	for (uint32_t i = 0; i < job->n_objects; i++) {
		const struct lp_target *target = job->objects[i];
		struct lp_file_object object = {
			.name = string_add(t, target->name),
			.build_id_size = target->elf->build_id_size,
		};

		memcpy(object.build_id, target->elf->build_id, target->elf->build_id_size);
		add_callbacks(job, object.callbacks, callbacks_of(job, target));
		lp_buffer_add(&t->objects, &object, sizeof(object));
	}
}

static void add_entry(struct tables *t, struct lp_file_function *to, const struct lp_entry *entry)
{
	to->entry_kind = (uint8_t)entry->kind;
	to->jump_offset = entry->jump_offset;
	to->undo = entry->undo;
	to->window = entry->window;
	to->boundaries = entry->boundaries;
	to->moved_size = entry->moved_size;
	to->fixup_count = entry->fixup_count;
	to->moved = (uint32_t)lp_buffer_add(&t->moved, entry->moved, entry->moved_size);
	to->fixups = (uint32_t)(t->fixups.size / sizeof(struct lp_file_fixup));
	lp_buffer_add(&t->fixups, entry->fixups, entry->fixup_count * sizeof(entry->fixups[0]));
	to->pad_addr = entry->pad_addr;
	memcpy(to->window_bytes, entry->window_bytes, sizeof(to->window_bytes));
	memcpy(to->pad_bytes, entry->pad_bytes, sizeof(to->pad_bytes));
	to->pad_size = entry->pad_size;
}

static void add_functions(struct tables *t, struct lp_pack_job *job)
{
	for (size_t i = 0; i < job->n_functions; i++) {
		const struct lp_pack_function *function = &job->functions[i];
		const struct lp_elf_symbol *old = function->old;
		struct lp_file_function to = {
			.object = function->target->object,
			.name = string_add(t, function->described->name),
			.sympos = (uint32_t)function->described->sympos,
			.new_symbol = job->obj.symbols[function->new_symbol].out,
			.old_addr = old->addr,
			.old_size = old->size,
			.old_hash = XXH64(lp_elf_bytes(function->target->elf, old->addr, old->size),
					  old->size, 0),
			.parts = (uint32_t)(t->parts.size / sizeof(struct lp_file_part)),
			.part_count = (uint32_t)function->n_parts,
		};

		lp_buffer_add(&t->parts, function->parts,
			      function->n_parts * sizeof(*function->parts));
		add_entry(t, &to, &function->entry);
		lp_buffer_add(&t->functions, &to, sizeof(to));
	}
}

static void add_rest(struct tables *t, struct lp_pack_job *job)
{
	const struct lp_description *d = &job->description;

	lp_buffer_add(&t->obsoletes, d->obsoletes, d->n_obsoletes * sizeof(*d->obsoletes));
	for (size_t i = 0; i < d->n_required; i++) {
		uint32_t name = string_add(t, d->required[i]);

		lp_buffer_add(&t->requires, &name, sizeof(name));
	}
	for (size_t i = 0; i < job->n_holds; i++) {
		struct lp_file_hold hold = {
			.object = job->holds[i].target->object,
			.name = string_add(t, job->holds[i].name),
			.addr = job->holds[i].addr,
			.size = job->holds[i].size,
		};

		lp_buffer_add(&t->holds, &hold, sizeof(hold));
	}
	for (size_t i = 0; i < d->n_states; i++) {
		struct lp_file_state state = {
			.id = d->states[i].id,
			.version = d->states[i].version,
			.flags = (d->states[i].is_shadow ? LP_FILE_STATE_SHADOW : 0) |
				 (d->states[i].block_disable ? LP_FILE_STATE_BLOCK_DISABLE : 0),
			.shadow_dtor = symbol_out(job, d->states[i].shadow_dtor),
		};

		add_callbacks(job, state.callbacks, d->states[i].callbacks);
		lp_buffer_add(&t->states, &state, sizeof(state));
	}
}

/* Sections have their numbers by now, in this order. */
static void add_places(struct tables *t, const struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_sections; i++) {
		const struct lp_section *section = &obj->sections[i];
		struct lp_file_place place = {
			.section = section->out,
			.object = section->near - 1,
		};

		if (section->keep && section->near && (section->flags & SHF_ALLOC) && section->size)
			lp_buffer_add(&t->places, &place, sizeof(place));
	}
}

static struct lp_table place(struct lp_buffer *section, struct lp_buffer *table, size_t entry)
{
	struct lp_table where;

	where.offset = (uint32_t)lp_buffer_align(section, 8);
	where.count = (uint32_t)(table->size / entry);
	lp_buffer_add(section, table->bytes, table->size);
	section->failed |= table->failed;
	return where;
}

static void assemble(struct lp_buffer *section, struct tables *t, struct lp_file *file)
{
	lp_buffer_add(section, NULL, sizeof(*file));
	file->objects = place(section, &t->objects, sizeof(struct lp_file_object));
	file->functions = place(section, &t->functions, sizeof(struct lp_file_function));
	file->parts = place(section, &t->parts, sizeof(struct lp_file_part));
	file->fixups = place(section, &t->fixups, sizeof(struct lp_file_fixup));
	file->obsoletes = place(section, &t->obsoletes, sizeof(uint64_t));
	file->requires = place(section, &t->requires, sizeof(uint32_t));
	file->holds = place(section, &t->holds, sizeof(struct lp_file_hold));
	file->states = place(section, &t->states, sizeof(struct lp_file_state));
	file->places = place(section, &t->places, sizeof(struct lp_file_place));
	file->moved = place(section, &t->moved, 1);
	file->strings = place(section, &t->strings, 1);
	lp_buffer_align(section, 8);
	file->size = (uint32_t)section->size;
	if (!section->failed)
		memcpy(section->bytes, file, sizeof(*file));
}

static void tables_free(struct tables *t)
{
	struct lp_buffer *all[] = { &t->strings, &t->objects, &t->functions, &t->parts,
				    &t->moved,	 &t->fixups,  &t->obsoletes, &t->requires,
				    &t->holds,	 &t->states,  &t->places };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		lp_buffer_free(all[i]);
}

static int append_section(struct lp_relobj *obj, struct lp_buffer *bytes)
{
	char *name = strdup(LP_FILE_SECTION);
	void *list = realloc(obj->sections, (obj->n_sections + 1u) * sizeof(*obj->sections));

	if (list)
		obj->sections = list;
	if (!list || !name) {
		free(name);
		return -ENOMEM;
	}
	obj->sections[obj->n_sections++] = (struct lp_section){
		.name = name,
		.type = SHT_PROGBITS,
		.align = 8,
		.bytes = bytes->bytes,
		.size = bytes->size,
		.keep = true,
	};
	*bytes = (struct lp_buffer){ 0 };
	return 0;
}

int lp_pack_describe(struct lp_pack_job *job)
{
	const struct lp_description *d = &job->description;
	struct lp_buffer section = { 0 };
	struct tables t = { 0 };
	struct lp_file file = {
		.magic = LP_FILE_MAGIC,
		.version = LP_FILE_VERSION,
		.provides = d->provides,
	};
	int err = lp_pack_place(job);

	if (err)
		return err;
	file.flags = (d->replace ? LP_FILE_REPLACE : 0) |
		     (d->replaceable ? LP_FILE_REPLACEABLE : 0) |
		     (d->conflicts_replace ? LP_FILE_CONFLICTS_REPLACE : 0) |
		     (job->address_taken ? LP_FILE_ADDRESS_TAKEN : 0);
	lp_relobj_number(&job->obj);
	file.name = string_add(&t, job->name);
	file.description = string_add(&t, d->description);
	add_objects(&t, job);
	add_functions(&t, job);
	add_rest(&t, job);
	add_places(&t, &job->obj);
	assemble(&section, &t, &file);
	tables_free(&t);
	err = section.failed ? -ENOMEM : append_section(&job->obj, &section);
	lp_buffer_free(&section);
	return err;
}
