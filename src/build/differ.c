/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between the two objects of a unit. The whole unit is compared, so whatever the compiler
 * has made of a change - inlining, clones, what callers know of registers or effects of callees - is a
 * difference in the bytes of the functions concerned, or makes none (docs/design/build.md).
 */
#include <stdlib.h>
#include <string.h>

#include "pair.h"

/* Functions that share a section move in it. */
static bool same_function_name(const struct lp_pair *pair, const struct lp_reference *old,
			       const struct lp_reference *new)
{
	uint32_t a, b;

	if (old->offset < 0 || new->offset < 0)
		return false;
	a = lp_relobj_function_at(&pair->old.obj, old->section, (uint64_t)old->offset);
	b = lp_relobj_function_at(&pair->new.obj, new->section, (uint64_t) new->offset);
	return a && b && !strcmp(pair->old.obj.symbols[a].name, pair->new.obj.symbols[b].name);
}

/* A place in what the linker merges, or beside it: a constant, and how far from its start. */
static bool same_constant(const struct lp_section *a, const struct lp_reference *in_a,
			  const struct lp_section *b, const struct lp_reference *in_b)
{
	return lp_section_is_merged(b) &&
	       in_a->offset - in_a->piece == in_b->offset - in_b->piece &&
	       lp_merged_equal(a, in_a->piece, b, in_b->piece);
}

/* Whether two references mean the same thing. */
static bool same_reference(const struct lp_pair *pair, const struct lp_reference *old,
			   const struct lp_reference *new)
{
	const struct lp_relobj *a = &pair->old.obj, *b = &pair->new.obj;

	if (old->reloc->type != new->reloc->type)
		return false;
	if (!old->section != !new->section)
		return false;
	if (!old->section)
		return old->offset == new->offset && !strcmp(a->symbols[old->reloc->symbol].name,
							     b->symbols[new->reloc->symbol].name);
	if (lp_section_is_merged(&a->sections[old->section]))
		return same_constant(&a->sections[old->section], old, &b->sections[new->section],
				     new);
	return pair->new.twin[new->section] == old->section &&
	       (old->offset == new->offset || same_function_name(pair, old, new));
}

static bool same_bytes(const struct lp_section *old, const struct lp_section *new)
{
	const uint64_t kind = SHF_WRITE | SHF_EXECINSTR | SHF_TLS;

	/* a constant that is written to now is not the one in the program */
	if (old->size != new->size || old->n_relocs != new->n_relocs ||
	    (old->flags & kind) != (new->flags &kind))
		return false;
	if (!old->bytes || !new->bytes)
		return !old->bytes == !new->bytes;
	return !memcmp(old->bytes, new->bytes, old->size);
}

/* The first relocation of a section at an offset or behind. */
static size_t first_reloc(const struct lp_section *section, uint64_t offset)
{
	size_t i = 0;

	while (i < section->n_relocs && section->relocs[i].offset < offset)
		i++;
	return i;
}

/* --- exception tables ------------------------------------------------------------------------- */

/* What lies at a place of pointers without a name, NULL: it is none. */
static const struct lp_reference *pointer_at(const struct lp_half *half,
					     const struct lp_reference *to)
{
	const struct lp_section *section = &half->obj.sections[to->section];

	if (!to->section || !lp_half_is_nameless(half, to->section))
		return NULL;
	for (size_t i = 0; i < section->n_relocs; i++)
		if ((int64_t)section->relocs[i].offset == to->offset)
			return &half->references.of[to->section][i];
	return NULL;
}

/* Where clang has such pointers to the types that are caught, they have other places in each object. */
static bool same_type(const struct lp_pair *pair, const struct lp_reference *old,
		      const struct lp_reference *new)
{
	const struct lp_reference *a = pointer_at(&pair->old, old);
	const struct lp_reference *b = pointer_at(&pair->new, new);

	if (!a || !b)
		return a == b && same_reference(pair, old, new);
	return same_reference(pair, a, b) && old->reloc->type == new->reloc->type;
}

static bool same_lsda(const struct lp_pair *pair, const struct lp_lsda *old,
		      const struct lp_lsda *new)
{
	const struct lp_section *a, *b;
	size_t i, k, n;

	if (!old || !new)
		return !old && !new;
	a = &pair->old.obj.sections[old->table];
	b = &pair->new.obj.sections[new->table];
	i = first_reloc(a, old->offset);
	k = first_reloc(b, new->offset);
	n = first_reloc(a, old->offset + old->size) - i;
	if (old->size != new->size || !a->bytes || !b->bytes ||
	    n != first_reloc(b, new->offset + new->size) - k ||
	    memcmp(a->bytes + old->offset, b->bytes + new->offset, old->size) != 0)
		return false;
	for (; n; n--, i++, k++)
		if (a->relocs[i].offset - old->offset != b->relocs[k].offset - new->offset ||
		    !same_type(pair, &pair->old.references.of[old->table][i],
			       &pair->new.references.of[new->table][k]))
			return false;
	return true;
}

/* Those of all functions of two sections of code. */
static bool same_lsdas(const struct lp_pair *pair, uint32_t old, uint32_t new)
{
	size_t n_old, n_new;
	const struct lp_lsda *a = lp_lsdas_of(&pair->old.lsdas, old, &n_old);
	const struct lp_lsda *b = lp_lsdas_of(&pair->new.lsdas, new, &n_new);

	if (n_old != n_new)
		return false;
	for (size_t i = 0; i < n_new; i++)
		if (a[i].start != b[i].start || !same_lsda(pair, &a[i], &b[i]))
			return false;
	return true;
}

/* --- sections and functions -------------------------------------------------------------------- */

static bool same_section(const struct lp_pair *pair, uint32_t old, uint32_t new)
{
	const struct lp_section *a = &pair->old.obj.sections[old];

	if (!same_bytes(a, &pair->new.obj.sections[new]) || !same_lsdas(pair, old, new))
		return false;
	for (size_t i = 0; i < a->n_relocs; i++)
		if (a->relocs[i].offset != pair->new.obj.sections[new].relocs[i].offset ||
		    !same_reference(pair, &pair->old.references.of[old][i],
				    &pair->new.references.of[new][i]))
			return false;
	return true;
}

bool lp_pair_same_function(const struct lp_pair *pair, uint32_t old, uint32_t new)
{
	const struct lp_symbol *a = &pair->old.obj.symbols[old], *b = &pair->new.obj.symbols[new];
	const struct lp_section *as = &pair->old.obj.sections[a->section];
	const struct lp_section *bs = &pair->new.obj.sections[b->section];
	size_t i = first_reloc(as, a->value), k = first_reloc(bs, b->value);
	size_t n = first_reloc(as, a->value + a->size) - i;

	if (a->size != b->size || !as->bytes || !bs->bytes ||
	    n != first_reloc(bs, b->value + b->size) - k ||
	    memcmp(as->bytes + a->value, bs->bytes + b->value, a->size) != 0)
		return false;
	for (; n; n--, i++, k++)
		if (as->relocs[i].offset - a->value != bs->relocs[k].offset - b->value ||
		    !same_reference(pair, &pair->old.references.of[a->section][i],
				    &pair->new.references.of[b->section][k]))
			return false;
	return same_lsda(pair, lp_lsdas_at(&pair->old.lsdas, a->section, a->value),
			 lp_lsdas_at(&pair->new.lsdas, b->section, b->value));
}

static void compare_sections(struct lp_pair *pair)
{
	for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
		const struct lp_section *section = &pair->new.obj.sections[i];

		if (!lp_section_is_program(section) || lp_section_is_merged(section))
			continue;
		pair->changed[i] = !pair->new.twin[i] || pair->rearranged[i] ||
				   !same_section(pair, pair->new.twin[i], i);
		pair->source_changed[i] = pair->changed[i];
	}
}

/* The section that a piece (FOO.cold) belongs to, or the piece of a function: 0 if there is none. */
static uint32_t other_piece(const struct lp_half *half, uint32_t section)
{
	const struct lp_relobj *obj = &half->obj;

	for (size_t i = 0; i < obj->sections[section].n_relocs; i++) {
		const struct lp_reference *to = &half->references.of[section][i];
		uint32_t function = to->section ? lp_half_function(half, to->section) : 0;

		if (to->branch && to->section != section && function &&
		    lp_name_is_cold(obj->symbols[function].name))
			return to->section;
	}
	return 0;
}

/* A place inside of a function: tables of labels belong to the code that jumps through them. */
static bool is_inside(const struct lp_relobj *obj, const struct lp_reference *reference)
{
	return lp_section_is_code(&obj->sections[reference->section]) &&
	       (reference->reloc->type == R_X86_64_PC32 || reference->offset < 0 ||
		!lp_relobj_function_at(obj, reference->section, (uint64_t)reference->offset));
}

/* Whether a section that is the same must be replaced for what it refers to. */
static bool is_affected(const struct lp_pair *pair, uint32_t section)
{
	const struct lp_relobj *obj = &pair->new.obj;
	bool code = lp_section_is_code(&obj->sections[section]);
	uint32_t piece = code ? other_piece(&pair->new, section) : 0;

	if (piece && pair->changed[piece])
		return true;
	for (size_t i = 0; i < obj->sections[section].n_relocs; i++) {
		const struct lp_reference *reference = &pair->new.references.of[section][i];
		uint32_t to = reference->section;

		if (!to || !pair->changed[to])
			continue;
		if (!lp_section_is_code(&obj->sections[to]) ?
			    lp_section_is_const(&obj->sections[to]) :
			    !code && is_inside(obj, reference))
			return true;
	}
	return false;
}

/* A function changes with its pieces, and code and constants with the constants that they use. */
static void propagate(struct lp_pair *pair)
{
	bool again = true;

	while (again) {
		again = false;
		for (uint32_t i = 1; i < pair->new.obj.n_sections; i++) {
			const struct lp_section *section = &pair->new.obj.sections[i];
			uint32_t piece;

			if (!lp_section_is_program(section) || lp_section_is_merged(section))
				continue;
			if (!pair->changed[i] && is_affected(pair, i))
				again = pair->changed[i] = true;
			piece = pair->changed[i] && lp_section_is_code(section) ?
					other_piece(&pair->new, i) :
					0;
			if (piece && !pair->changed[piece])
				again = pair->changed[piece] = true;
		}
	}
}

void lp_pair_differ(struct lp_pair *pair)
{
	compare_sections(pair);
	propagate(pair);
}
