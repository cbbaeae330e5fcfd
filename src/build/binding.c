/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "binding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

#define SEARCH_MIN 24 /* bytes: a shorter function is not looked for by its bytes alone */

struct search {
	struct lp_binding *binding;
	uint32_t *queue; /* sections of code whose address is known, to be compared */
	size_t n_queue;
	bool *tried; /* by section */
};

static const struct lp_section *section_of(const struct lp_binding *binding, uint32_t i)
{
	return &binding->half->obj.sections[i];
}

static bool is_function(const struct lp_binding *binding, uint32_t i)
{
	return lp_section_is_code(section_of(binding, i)) && section_of(binding, i)->size &&
	       lp_half_function(binding->half, i);
}

static bool is_plt(const struct lp_binding *binding, uint64_t addr)
{
	const struct lp_elf_section *section = lp_elf_section_at(binding->elf, addr);

	return section && section->kind == LP_ELF_PLT;
}

/* Which section, or undefined symbol, a reference of the target's code tells the place of. */
static uint64_t *place_of(const struct lp_binding *binding, const struct lp_match_found *found)
{
	const struct lp_reference *reference = found->reference;
	const struct lp_section *section;
	uint64_t to = found->addr + (uint64_t)reference->offset;
	const struct lp_symbol *symbol = &binding->half->obj.symbols[reference->reloc->symbol];

	/* its own address is that of the function which chooses; calls go by a PLT stub */
	if (symbol->type == STT_GNU_IFUNC)
		return is_plt(binding, to) ? &binding->symbols[reference->reloc->symbol] : NULL;
	if (!reference->section)
		return &binding->symbols[reference->reloc->symbol];
	section = section_of(binding, reference->section);
	if (lp_section_is_merged(section) || (!found->tls && is_plt(binding, to)) ||
	    found->tls != !!(section->flags & SHF_TLS))
		return NULL;
	/* inside of code distances are not those of the object: jumps have other lengths */
	if (lp_section_is_code(section) && reference->offset)
		return NULL;
	return &binding->addr[reference->section];
}

static bool agrees(const struct lp_binding *binding, const struct lp_match *match)
{
	for (size_t i = 0; i < match->n_found; i++) {
		const uint64_t *place = place_of(binding, &match->found[i]);

		/* two calls of one undefined function may go by different PLT stubs */
		if (place && *place != LP_UNBOUND && *place != match->found[i].addr &&
		    match->found[i].reference->section)
			return false;
	}
	return true;
}

/* A section may hold several functions: distances in the target may be others. */
static void note_functions(struct lp_binding *binding, uint32_t section,
			   const struct lp_match *match)
{
	const struct lp_relobj *obj = &binding->half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == section && obj->symbols[i].type == STT_FUNC &&
		    obj->symbols[i].value < obj->sections[section].size &&
		    match->map[obj->symbols[i].value])
			binding->symbols[i] = binding->addr[section] +
					      match->map[obj->symbols[i].value] - 1;
}

static bool may_go_by_name(const struct lp_symbol *symbol, uint32_t type)
{
	return symbol->binding != STB_LOCAL && symbol->visibility == STV_DEFAULT &&
	       (type == R_X86_64_PLT32 || type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX ||
		type == R_X86_64_REX_GOTPCRELX);
}

/* How the target reaches a global symbol of the unit's own. */
static void note_way(struct lp_binding *binding, const struct lp_match_found *found)
{
	const struct lp_reference *reference = found->reference;
	const struct lp_symbol *symbol = &binding->half->obj.symbols[reference->reloc->symbol];
	bool by_plt = is_plt(binding, found->addr + (uint64_t)reference->offset);

	if (!reference->section || symbol->type == STT_GNU_IFUNC ||
	    !may_go_by_name(symbol, reference->reloc->type))
		return;
	binding->direct[reference->section] |= !by_plt;
	if (symbol->type == STT_FUNC)
		++*(by_plt ? &binding->n_by_plt : &binding->n_direct);
}

bool lp_binding_is_direct(const struct lp_binding *binding, uint32_t section)
{
	return binding->direct[section] || (lp_section_is_code(section_of(binding, section)) &&
					    binding->n_direct && !binding->n_by_plt);
}

static void take_over(struct search *search, uint32_t from, const struct lp_match *match)
{
	struct lp_binding *binding = search->binding;

	note_functions(binding, from, match);
	for (size_t i = 0; i < match->n_found; i++) {
		uint64_t *place = place_of(binding, &match->found[i]);
		uint32_t section = match->found[i].reference->section;

		note_way(binding, &match->found[i]);
		if (!place || *place != LP_UNBOUND)
			continue;
		*place = match->found[i].addr;
		if (section && lp_section_is_code(section_of(binding, section)))
			search->queue[search->n_queue++] = section;
	}
}

/* 0: it is there; -ENOENT; -ENOMEM. */
static int try_at(struct search *search, uint32_t section, uint64_t addr, uint64_t room)
{
	struct lp_binding *binding = search->binding;
	struct lp_match match;
	int err = lp_match_section(&match, &binding->half->references, section, binding->elf, addr,
				   room);

	if (!err && !agrees(binding, &match))
		err = -ENOENT;
	if (!err) {
		binding->addr[section] = addr;
		binding->matched[section] = true;
		binding->size[section] = match.size;
		take_over(search, section, &match);
	}
	lp_match_free(&match);
	return err;
}

static int follow(struct search *search)
{
	int err = 0;

	while (search->n_queue && err != -ENOMEM) {
		uint32_t section = search->queue[--search->n_queue];

		if (!search->binding->matched[section] && !search->tried[section]) {
			search->tried[section] = true;
			err = try_at(search, section, search->binding->addr[section], 0);
		}
	}
	return err == -ENOMEM ? err : 0;
}

static bool is_code_symbol(const struct lp_elf_symbol *symbol)
{
	return symbol->type == STT_FUNC || symbol->type == STT_GNU_IFUNC;
}

struct candidates {
	const struct lp_naming *naming;
	const struct lp_elf *elf;
	size_t next;
	const struct lp_symbol *symbol;
	uint64_t before;
};

static struct candidates candidates_of(const struct lp_binding *binding, uint32_t section)
{
	const struct lp_half *half = binding->half;
	const struct lp_symbol *symbol = &half->obj.symbols[lp_half_function(half, section)];

	return (struct candidates){ &binding->naming, binding->elf,
				    lp_elf_name_index(binding->elf, symbol->name), symbol,
				    LP_UNBOUND };
}

static const struct lp_elf_symbol *candidate(struct candidates *c)
{
	while (c->next < c->elf->n_symbols &&
	       !strcmp(c->elf->by_name[c->next]->name, c->symbol->name)) {
		const struct lp_elf_symbol *symbol = c->elf->by_name[c->next++];

		if (is_code_symbol(symbol) && symbol->addr != c->before &&
		    lp_naming_allows(c->naming, c->symbol, symbol)) {
			c->before = symbol->addr;
			return symbol;
		}
	}
	return NULL;
}

bool lp_binding_named(const struct lp_binding *binding, uint32_t section)
{
	struct candidates list = candidates_of(binding, section);

	return candidate(&list);
}

/* The function may lie behind the start of its section: -fpatchable-function-entry=N,M. */
static uint64_t lead_of(const struct search *search, uint32_t section)
{
	const struct lp_half *half = search->binding->half;

	return half->obj.symbols[lp_half_function(half, section)].value;
}

static uint64_t room_of(const struct search *search, uint32_t section, uint64_t size)
{
	return size ? size + lead_of(search, section) : 0;
}

/* A name that only one function has. */
static int seed(struct search *search, uint32_t section)
{
	struct candidates list = candidates_of(search->binding, section);
	const struct lp_elf_symbol *first = candidate(&list);

	if (!first || candidate(&list) || search->binding->matched[section])
		return 0;
	if (search->binding->addr[section] == LP_UNBOUND || !search->tried[section])
		return try_at(search, section, first->addr - lead_of(search, section),
			      room_of(search, section, first->size));
	return 0;
}

static int fits(const struct search *search, uint32_t section, uint64_t addr, uint64_t room)
{
	const struct lp_binding *binding = search->binding;
	struct lp_match match;
	int err = lp_match_section(&match, &binding->half->references, section, binding->elf, addr,
				   room);

	if (!err && !agrees(binding, &match))
		err = -ENOENT;
	lp_match_free(&match);
	return err;
}

/* Of several of its name the only one whose bytes, and what they lead to, are right. */
static int choose(struct search *search, uint32_t section)
{
	struct candidates list = candidates_of(search->binding, section);
	const struct lp_elf_symbol *symbol, *found = NULL;
	int err = 0;

	while ((symbol = candidate(&list)) && err != -ENOMEM) {
		err = fits(search, section, symbol->addr - lead_of(search, section),
			   room_of(search, section, symbol->size));
		if (!err && found)
			return -ENOENT;
		if (!err)
			found = symbol;
	}
	if (err == -ENOMEM || !found)
		return err == -ENOMEM ? err : -ENOENT;
	return try_at(search, section, found->addr - lead_of(search, section),
		      room_of(search, section, found->size));
}

static bool may_name(const struct lp_binding *binding, uint32_t section,
		     const struct lp_elf_symbol *other)
{
	const struct lp_relobj *obj = &binding->half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++)
		if (obj->symbols[i].section == section &&
		    !strcmp(obj->symbols[i].name, other->name) &&
		    lp_naming_allows(&binding->naming, &obj->symbols[i], other))
			return true;
	return false;
}

/* What a symbol names is that, and nothing that no symbol names. */
static bool is_named_otherwise(const struct search *search, uint32_t section, uint64_t addr)
{
	size_t count;
	const struct lp_elf_symbol *const *at = lp_elf_symbols_at(search->binding->elf, addr,
								  &count);

	for (size_t i = 0; i < count; i++)
		if (is_code_symbol(at[i]) && !may_name(search->binding, section, at[i]))
			return true;
	return false;
}

/* No symbol has its name: the only code whose bytes are right, by where unwind tables say functions are. */
static int look_everywhere(struct search *search, uint32_t section)
{
	const struct lp_elf *elf = search->binding->elf;
	const struct lp_elf_frame *found = NULL;
	int err = 0;

	if (section_of(search->binding, section)->size < SEARCH_MIN)
		return -ENOENT;
	for (size_t i = 0; i < elf->n_frames && err != -ENOMEM; i++) {
		if (is_named_otherwise(search, section, elf->frames[i].addr))
			continue;
		err = fits(search, section, elf->frames[i].addr - lead_of(search, section),
			   room_of(search, section, elf->frames[i].size));
		if (!err && found)
			return -ENOENT;
		if (!err)
			found = &elf->frames[i];
	}
	if (err == -ENOMEM || !found)
		return err == -ENOMEM ? err : -ENOENT;
	return try_at(search, section, found->addr - lead_of(search, section),
		      room_of(search, section, found->size));
}

static bool has_no_name_there(const struct search *search, uint32_t section)
{
	const struct lp_half *half = search->binding->half;

	return !lp_naming_is_complete(&search->binding->naming,
				      &half->obj.symbols[lp_half_function(half, section)]) &&
	       !lp_binding_named(search->binding, section);
}

/* Which of the sources of its name is the unit's. */
static void learn(struct lp_binding *binding)
{
	const struct lp_relobj *obj = &binding->half->obj;

	for (uint32_t i = 1; i < obj->n_symbols && !binding->naming.file; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if (symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
		    binding->addr[symbol->section] != LP_UNBOUND)
			lp_naming_learn(&binding->naming, symbol,
					binding->addr[symbol->section] + symbol->value);
	}
}

/* Functions that others lead to are found on the way; *found: there is progress. */
static int search_rest(struct search *search, bool *found)
{
	struct lp_binding *binding = search->binding;
	int err = 0;

	*found = false;
	learn(binding);
	for (uint32_t i = 1; i < binding->half->obj.n_sections && err != -ENOMEM; i++) {
		if (binding->addr[i] != LP_UNBOUND || !is_function(binding, i))
			continue;
		err = has_no_name_there(search, i) ? look_everywhere(search, i) : choose(search, i);
		if (!err) {
			*found = true;
			err = follow(search);
		}
	}
	return err == -ENOMEM ? err : 0;
}

static int run(struct search *search)
{
	const struct lp_relobj *obj = &search->binding->half->obj;
	bool again = true;
	int err = 0;

	for (uint32_t i = 1; i < obj->n_sections && err != -ENOMEM; i++) {
		if (!is_function(search->binding, i))
			continue;
		err = seed(search, i);
		if (err != -ENOMEM)
			err = follow(search);
	}
	while (err != -ENOMEM && again)
		err = search_rest(search, &again);
	return err == -ENOMEM ? err : 0;
}

static void count_functions(struct lp_binding *binding)
{
	for (uint32_t i = 1; i < binding->half->obj.n_sections; i++) {
		if (!is_function(binding, i))
			continue;
		binding->n_code++;
		binding->n_matched += binding->matched[i];
	}
}

/* Variables that no function refers to in a way that tells where they are. */
static void bind_variable(struct lp_binding *binding, const struct lp_symbol *symbol)
{
	size_t i = lp_elf_name_index(binding->elf, symbol->name);
	const struct lp_elf_symbol *found = NULL;

	for (; i < binding->elf->n_symbols && !strcmp(binding->elf->by_name[i]->name, symbol->name);
	     i++) {
		const struct lp_elf_symbol *other = binding->elf->by_name[i];

		if (other->type != symbol->type || other->size != symbol->size ||
		    !lp_naming_proves(&binding->naming, symbol, other))
			continue;
		if (found && found->addr != other->addr)
			return;
		found = other;
	}
	if (found)
		binding->addr[symbol->section] = found->addr - symbol->value;
}

static void bind_variables(struct lp_binding *binding)
{
	const struct lp_relobj *obj = &binding->half->obj;

	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if ((symbol->type == STT_OBJECT || symbol->type == STT_TLS) &&
		    symbol->section != SHN_UNDEF && symbol->section < obj->n_sections &&
		    binding->addr[symbol->section] == LP_UNBOUND)
			bind_variable(binding, symbol);
	}
}

static uint64_t *unbound(size_t count)
{
	uint64_t *list = malloc((count + 1) * sizeof(*list));

	for (size_t i = 0; list && i <= count; i++)
		list[i] = LP_UNBOUND;
	return list;
}

int lp_binding_open(struct lp_binding *binding, const struct lp_half *half,
		    const struct lp_elf *elf)
{
	struct search search = { .binding = binding };
	uint32_t count = half->obj.n_sections + 1u;
	int err = -ENOMEM;

	*binding = (struct lp_binding){ .half = half, .elf = elf };
	lp_naming_init(&binding->naming, &half->obj, elf);
	binding->addr = unbound(count);
	binding->symbols = unbound(half->obj.n_symbols);
	binding->matched = calloc(count, sizeof(*binding->matched));
	binding->direct = calloc(count, sizeof(*binding->direct));
	binding->size = calloc(count, sizeof(*binding->size));
	search.queue = calloc(count, sizeof(*search.queue));
	search.tried = calloc(count, sizeof(*search.tried));
	if (binding->addr && binding->symbols && binding->matched && binding->direct &&
	    binding->size && search.queue && search.tried)
		err = run(&search);
	free(search.queue);
	free(search.tried);
	if (err)
		return err;
	count_functions(binding);
	learn(binding);
	if (binding->n_matched)
		bind_variables(binding);
	return 0;
}

void lp_binding_close(struct lp_binding *binding)
{
	free(binding->addr);
	free(binding->symbols);
	free(binding->matched);
	free(binding->direct);
	free(binding->size);
	*binding = (struct lp_binding){ 0 };
}
