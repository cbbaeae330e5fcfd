/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "label.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LITERAL ".compoundliteral" /* of clang, outside of functions; GCC: __compound_literal */

static bool starts_with(const char *name, const char *start)
{
	return !strncmp(name, start, strlen(start));
}

bool lp_section_is_data(const struct lp_section *section)
{
	return lp_section_is_program(section) && !lp_section_is_code(section) &&
	       !lp_section_is_merged(section);
}

bool lp_half_is_variable(const struct lp_half *half, const struct lp_symbol *symbol)
{
	return (symbol->type == STT_OBJECT || symbol->type == STT_TLS) &&
	       symbol->section != SHN_UNDEF && symbol->section < half->obj.n_sections &&
	       lp_section_is_data(&half->obj.sections[symbol->section]);
}

/* Variables of C++ that belong to a function, and what guards that they are made once. */
static bool is_local_of_cxx(const char *name)
{
	return starts_with(name, "_ZZ") || starts_with(name, "_ZGVZ");
}

/* Whether the first bytes of a mangled name end with a name in it: E5count. */
static bool ends_with_source_name(const char *name, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++) {
		char *end;
		unsigned long size;

		if (name[i] != 'E' || !isdigit((unsigned char)name[i + 1]))
			continue;
		size = strtoul(name + i + 1, &end, 10);
		if ((size_t)(end - name) < length && size == length - (size_t)(end - name))
			return true;
	}
	return false;
}

/* Without _0 or __10_; a name that ends so itself says how long it is. */
static size_t base_length_of_cxx(const char *name, size_t length)
{
	size_t end = length;

	if (ends_with_source_name(name, length))
		return length;
	if (end && name[end - 1] == '_')
		end--;
	while (end && isdigit((unsigned char)name[end - 1]))
		end--;
	while (end && name[end - 1] == '_')
		end--;
	return end;
}

/* Length of a name without the numbers that the compiler has put at its end. */
static size_t base_length(const char *name)
{
	size_t length = strlen(name), end = length;

	if (starts_with(name, LITERAL))
		return strlen(LITERAL);
	if (is_local_of_cxx(name))
		return base_length_of_cxx(name, strcspn(name, "."));
	while (end && isdigit((unsigned char)name[end - 1]))
		end--;
	return end > 1 && end < length && name[end - 1] == '.' ? end - 1 : length;
}

bool lp_label_same_base(const char *a, const char *b)
{
	size_t length = base_length(a);

	return length == base_length(b) && !strncmp(a, b, length);
}

bool lp_label_is_numbered(const char *name)
{
	if (starts_with(name, LITERAL) || is_local_of_cxx(name))
		return true;
	return *name != '.' && strchr(name, '.') && !starts_with(name, "DW.ref.");
}

bool lp_half_is_numbered(const struct lp_half *half, uint32_t section)
{
	return lp_section_is_data(&half->obj.sections[section]) &&
	       *half->obj.sections[section].name == '.' &&
	       half->label[section] != half->obj.sections[section].name &&
	       lp_label_is_numbered(half->label[section]);
}

/*
 * Data is known by its variable, since another initial value may put it into another kind of
 * section (.bss.x, .data.x).
 */
int lp_half_label(struct lp_half *half)
{
	const struct lp_relobj *obj = &half->obj;

	half->label = calloc(obj->n_sections + 1u, sizeof(*half->label));
	if (!half->label)
		return -ENOMEM;
	for (uint32_t i = 1; i < obj->n_sections; i++)
		half->label[i] = obj->sections[i].name;
	for (uint32_t i = 1; i < obj->n_symbols; i++) {
		const struct lp_symbol *symbol = &obj->symbols[i];

		if (lp_half_is_variable(half, symbol) && !symbol->value &&
		    *obj->sections[symbol->section].name == '.')
			half->label[symbol->section] = symbol->name;
	}
	return 0;
}
