/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sections that go into the .lp: all code with its unwind tables, and the data that code leads to.
 * What only describes the patch is reached by nothing and stays out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "phase.h"

#ifndef SHT_X86_64_UNWIND
#define SHT_X86_64_UNWIND 0x70000001
#endif

#define ALIGN_MAX 4096 /* a page */

static bool starts_with(const char *name, const char *start)
{
	return !strncmp(name, start, strlen(start));
}

static bool is_loadable(const struct lp_section *section)
{
	return (section->flags & SHF_ALLOC) && section->size &&
	       (section->type == SHT_PROGBITS || section->type == SHT_NOBITS ||
		section->type == SHT_X86_64_UNWIND) &&
	       !starts_with(section->name, ".note") && !starts_with(section->name, ".suture.");
}

static bool is_constructor(const struct lp_section *section)
{
	return section->size &&
	       (section->type == SHT_INIT_ARRAY || section->type == SHT_FINI_ARRAY ||
		section->type == SHT_PREINIT_ARRAY || starts_with(section->name, ".ctors") ||
		starts_with(section->name, ".dtors") || starts_with(section->name, ".init_array") ||
		starts_with(section->name, ".fini_array") || !strcmp(section->name, ".init") ||
		!strcmp(section->name, ".fini"));
}

static int check_section(struct lp_pack_job *job, const struct lp_section *section)
{
	if (is_constructor(section))
		return lp_pack_refuse(job, "bad-patch",
				      "the patch has a constructor or destructor (section %s); "
				      "they are not supported",
				      section->name);
	if ((section->flags & SHF_TLS) && section->size)
		return lp_pack_refuse(job, "bad-patch",
				      "the patch defines a thread-local variable (section %s); "
				      "only those of its targets can be used",
				      section->name);
	if (is_loadable(section) && section->align > ALIGN_MAX)
		return lp_pack_refuse(job, "bad-patch",
				      "section %s wants an alignment of more than %d bytes",
				      section->name, ALIGN_MAX);
	if (starts_with(section->name, ".gnu.lto_"))
		return lp_pack_refuse(job, "bad-patch",
				      "the object holds LTO code only; compile it with -fno-lto");
	if (!strcmp(section->name, ".note.GNU-stack") && (section->flags & SHF_EXECINSTR))
		return lp_pack_refuse(job, "bad-patch",
				      "the patch needs an executable stack (the address of a "
				      "nested function is taken)");
	if ((section->flags & SHF_WRITE) && (section->flags & SHF_EXECINSTR))
		return lp_pack_refuse(job, "bad-patch", "section %s is writable and executable",
				      section->name);
	return 0;
}

/* Follows relocations from what is kept. `work` has room for all sections. */
static void reach(struct lp_relobj *obj, uint32_t *work, size_t count)
{
	while (count) {
		struct lp_section *section = &obj->sections[work[--count]];

		for (size_t i = 0; i < section->n_relocs; i++) {
			uint32_t to = obj->symbols[section->relocs[i].symbol].section;

			if (to == SHN_UNDEF || to >= obj->n_sections || obj->sections[to].keep ||
			    !is_loadable(&obj->sections[to]))
				continue;
			obj->sections[to].keep = true;
			work[count++] = to;
		}
	}
}

static void normalise(struct lp_section *section)
{
	/* groups and their tie-breaking are done with: there is one object */
	section->flags &= ~(uint64_t)(SHF_GROUP | SHF_LINK_ORDER);
	if (section->type == SHT_X86_64_UNWIND)
		section->type = SHT_PROGBITS;
}

/* The patch that the code speaks of is the agent's, which knows what has become of it. */
static void leave_to_agent(struct lp_relobj *obj)
{
	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].type == STT_OBJECT &&
		    !strcmp(obj->symbols[i].name, "klp_this_patch")) {
			obj->symbols[i].section = SHN_UNDEF;
			obj->symbols[i].binding = STB_GLOBAL;
			obj->symbols[i].type = STT_NOTYPE;
			obj->symbols[i].value = obj->symbols[i].size = 0;
		}
}

int lp_pack_select(struct lp_pack_job *job)
{
	struct lp_relobj *obj = &job->obj;
	uint32_t *work = calloc(obj->n_sections + 1, sizeof(*work));
	size_t count = 0;
	int err = 0;

	if (!work)
		return -ENOMEM;
	leave_to_agent(obj);
	for (uint32_t i = 1; i < obj->n_sections; i++) {
		struct lp_section *section = &obj->sections[i];

		err = check_section(job, section) ?: err;
		if (!is_loadable(section) ||
		    (!(section->flags & SHF_EXECINSTR) && strcmp(section->name, ".eh_frame") != 0))
			continue;
		section->keep = true;
		work[count++] = i;
	}
	reach(obj, work, count);
	free(work);
	for (uint32_t i = 1; i < obj->n_sections; i++)
		normalise(&obj->sections[i]);
	return err;
}
