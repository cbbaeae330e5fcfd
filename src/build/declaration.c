/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A C declaration is written from the name outwards: each pointer, array and function wraps what
 * there is already, and the name of the innermost type goes before it all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "declaration.h"

#define DEPTH_MAX 16
#define ROOM 512 /* for a declarator */

static void declare(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth);

static void add(struct lp_buffer *text, const char *string)
{
	lp_buffer_add(text, string, strlen(string));
}

static void declare_leaf(struct lp_buffer *text, const char *keyword, const char *name,
			 const char *inner)
{
	add(text, keyword);
	add(text, name);
	if (*inner)
		add(text, " ");
	add(text, inner);
}

static const char *keyword_of(int tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return "struct ";
	case DW_TAG_class_type:
		return "class ";
	case DW_TAG_union_type:
		return "union ";
	case DW_TAG_enumeration_type:
		return "enum ";
	default:
		return "";
	}
}

static void declare_type(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	Dwarf_Die of;

	if (lp_die_type(type, &of))
		declare(text, &of, inner, depth + 1);
	else
		declare_leaf(text, "", "void", inner);
}

/* Whether what a pointer leads to is written behind the name. */
static bool wraps(Dwarf_Die *pointer)
{
	Dwarf_Die of;

	if (!lp_die_type(pointer, &of))
		return false;
	return dwarf_tag(&of) == DW_TAG_array_type || dwarf_tag(&of) == DW_TAG_subroutine_type;
}

static void declare_pointer(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	int tag = dwarf_tag(type);
	const char *mark = tag == DW_TAG_reference_type	       ? "&" :
			   tag == DW_TAG_rvalue_reference_type ? "&&" :
								 "*";
	char wrapped[ROOM];

	snprintf(wrapped, sizeof(wrapped), wraps(type) ? "(%s%s)" : "%s%s", mark, inner);
	declare_type(text, type, wrapped, depth);
}

static size_t put(char *to, size_t used, const char *string)
{
	int size = used < ROOM ? snprintf(to + used, ROOM - used, "%s", string) : 0;

	return used + (size_t)size;
}

static size_t put_dimension(char *to, size_t used, Dwarf_Die *range)
{
	uint64_t count;
	char number[32] = "[]";

	if (lp_die_dimension(range, &count))
		snprintf(number, sizeof(number), "[%llu]", (unsigned long long)count);
	return put(to, used, number);
}

static void declare_array(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	char wrapped[ROOM] = "";
	size_t used = put(wrapped, 0, inner);
	Dwarf_Die child;
	int more;

	for (more = dwarf_child(type, &child); !more; more = dwarf_siblingof(&child, &child))
		if (dwarf_tag(&child) == DW_TAG_subrange_type)
			used = put_dimension(wrapped, used, &child);
	declare_type(text, type, wrapped, depth);
}

static size_t put_parameter(char *to, size_t used, Dwarf_Die *parameter, int depth)
{
	struct lp_buffer text = { 0 };

	declare_type(&text, parameter, "", depth);
	lp_buffer_add(&text, "", 1);
	if (!text.failed)
		used = put(to, used, (const char *)text.bytes);
	lp_buffer_free(&text);
	return used;
}

static void declare_function(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	char wrapped[ROOM] = "";
	size_t used = put(wrapped, put(wrapped, 0, inner), "("), start = used;
	Dwarf_Die child;
	int more;

	for (more = dwarf_child(type, &child); !more; more = dwarf_siblingof(&child, &child)) {
		int tag = dwarf_tag(&child);

		if (tag != DW_TAG_formal_parameter && tag != DW_TAG_unspecified_parameters)
			continue;
		used = put(wrapped, used, used > start ? ", " : "");
		if (tag == DW_TAG_formal_parameter)
			used = put_parameter(wrapped, used, &child, depth);
		else
			used = put(wrapped, used, "...");
	}
	put(wrapped, used, used > start ? ")" : "void)");
	declare_type(text, type, wrapped, depth);
}

/* `const char` and `char *const`: behind a pointer it belongs to the declarator. */
static void declare_cv(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	int tag = dwarf_tag(type);
	const char *word = tag == DW_TAG_const_type    ? "const" :
			   tag == DW_TAG_volatile_type ? "volatile" :
			   tag == DW_TAG_restrict_type ? "restrict" :
			   tag == DW_TAG_atomic_type   ? "_Atomic" :
							 "";
	char wrapped[ROOM];
	Dwarf_Die of;

	if (!*word) {
		declare_type(text, type, inner, depth);
	} else if (lp_die_type(type, &of) && dwarf_tag(&of) == DW_TAG_pointer_type) {
		snprintf(wrapped, sizeof(wrapped), "%s%s%s", word, *inner ? " " : "", inner);
		declare(text, &of, wrapped, depth + 1);
	} else {
		add(text, word);
		add(text, " ");
		declare_type(text, type, inner, depth);
	}
}

static void declare(struct lp_buffer *text, Dwarf_Die *type, const char *inner, int depth)
{
	int tag = dwarf_tag(type);
	const char *name;

	if (depth > DEPTH_MAX)
		return add(text, "...");
	switch (tag) {
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
	case DW_TAG_ptr_to_member_type:
		return declare_pointer(text, type, inner, depth);
	case DW_TAG_array_type:
		return declare_array(text, type, inner, depth);
	case DW_TAG_subroutine_type:
		return declare_function(text, type, inner, depth);
	default:
		if (lp_die_is_cv(tag))
			return declare_cv(text, type, inner, depth);
		name = dwarf_diename(type);
		declare_leaf(text, keyword_of(tag), name ? name : "{...}", inner);
	}
}

void lp_declare(struct lp_buffer *text, Dwarf_Die *type, const char *name)
{
	declare(text, type, name, 0);
}

/* The namespaces and classes around a type, outermost first. */
static void add_scopes(struct lp_buffer *text, Dwarf_Die *type)
{
	Dwarf_Die *scopes = NULL;
	int count = dwarf_getscopes_die(type, &scopes);

	while (count-- > 1) {
		const char *name = dwarf_diename(&scopes[count]);
		bool named = dwarf_tag(&scopes[count]) == DW_TAG_namespace ||
			     lp_die_is_aggregate(&scopes[count]);

		if (!named)
			continue;
		add(text, name ? name : "(unnamed)");
		add(text, "::");
	}
	free(scopes);
}

void lp_declare_type_name(struct lp_buffer *text, Dwarf_Die *type, const char *alias)
{
	const char *name = dwarf_diename(type);

	if (name)
		add(text, keyword_of(dwarf_tag(type)));
	add_scopes(text, type);
	add(text, name ? name : alias ? alias : "{...}");
}
