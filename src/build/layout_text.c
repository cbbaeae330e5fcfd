/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declaration.h"
#include "layout_text.h"

#define NOT_FOUND SIZE_MAX
#define RUN_MIN 4 /* as many that move alike are told together */

struct description {
	struct lp_buffer *text;
	size_t start; /* of ours in it */
	struct lp_layout_side *old, *new;
	struct lp_members was, is;
	bool added;
	bool between; /* added, but not behind all old ones */
	bool moved;
	bool gone;
	bool other; /* another type, name or alignment */
};

static void piece(struct description *d)
{
	if (d->text->size > d->start)
		lp_buffer_print(d->text, "; ");
}

static void print_position(struct description *d, const struct lp_member *member)
{
	if (member->bit_offset == UINT64_MAX)
		lp_buffer_print(d->text, "a varying place");
	else
		lp_buffer_print(d->text, "%llu", (unsigned long long)member->bit_offset / 8);
	if (member->bitfield)
		lp_buffer_print(d->text, ":%u", (unsigned int)(member->bit_offset % 8));
}

static void print_member(struct description *d, struct lp_member *member)
{
	if (member->base)
		lp_buffer_print(d->text, "base class %s", member->name);
	else
		lp_declare(d->text, &member->type, member->name);
	if (member->bitfield)
		lp_buffer_print(d->text, ":%llu", (unsigned long long)member->bits);
	lp_buffer_print(d->text, " at ");
	print_position(d, member);
}

/* Most are where they were in the list, or a few places on. */
static size_t find_member(const struct lp_members *members, const struct lp_member *like,
			  size_t near)
{
	for (size_t i = 0; i < members->count; i++) {
		size_t at = (near + i) % members->count;

		if (members->list[at].base == like->base &&
		    !strcmp(members->list[at].name, like->name))
			return at;
	}
	return NOT_FOUND;
}

static bool same_type(struct description *d, struct lp_member *was, struct lp_member *is)
{
	return lp_shape(d->old->shapes, &was->type) == lp_shape(d->new->shapes, &is->type) &&
	       was->bitfield == is->bitfield && (!was->bitfield || was->bits == is->bits) &&
	       was->align == is->align;
}

/* Another one, which the old definition does not have, in its place. */
static struct lp_member *renamed_to(struct description *d, struct lp_member *was, size_t near)
{
	for (size_t i = 0; i < d->is.count; i++) {
		struct lp_member *is = &d->is.list[(near + i) % d->is.count];

		if (is->bit_offset == was->bit_offset && same_type(d, was, is) &&
		    find_member(&d->was, is, near) == NOT_FOUND)
			return is;
	}
	return NULL;
}

static bool is_renamed(struct description *d, struct lp_member *is, size_t near)
{
	for (size_t i = 0; i < d->was.count; i++) {
		struct lp_member *was = &d->was.list[(near + i) % d->was.count];

		if (is->bit_offset == was->bit_offset && same_type(d, was, is) &&
		    find_member(&d->is, was, near) == NOT_FOUND)
			return true;
	}
	return false;
}

static uint64_t old_end(const struct description *d)
{
	uint64_t end = 0;

	for (size_t i = 0; i < d->was.count; i++) {
		const struct lp_member *member = &d->was.list[i];

		if (member->bit_offset != UINT64_MAX && member->bit_offset + member->bits > end)
			end = member->bit_offset + member->bits;
	}
	return end;
}

static void describe_added(struct description *d)
{
	uint64_t end = dwarf_tag(&d->old->type) == DW_TAG_union_type ? 0 : old_end(d);

	for (size_t i = 0; i < d->is.count; i++) {
		struct lp_member *is = &d->is.list[i];

		if (find_member(&d->was, is, i) != NOT_FOUND || is_renamed(d, is, i))
			continue;
		d->added = true;
		d->between |= is->bit_offset < end;
		piece(d);
		lp_buffer_print(d->text, "+ ");
		print_member(d, is);
	}
}

static void describe_gone(struct description *d, struct lp_member *was, size_t near)
{
	struct lp_member *is = renamed_to(d, was, near);

	piece(d);
	if (is) {
		d->other = true;
		print_member(d, was);
		lp_buffer_print(d->text, " is called `%s` now", is->name);
	} else {
		d->gone = true;
		lp_buffer_print(d->text, "- ");
		print_member(d, was);
	}
}

static size_t type_start(struct description *d, struct lp_member *member)
{
	size_t start = d->text->size;

	lp_declare(d->text, &member->type, "");
	return start;
}

/* "int len at 8 became size_t at 16"; "struct list at 8 changed (size 8 -> 16)" */
static void describe_type(struct description *d, struct lp_member *was, struct lp_member *is)
{
	size_t middle, start, length;
	bool same_name;

	print_member(d, was);
	middle = d->text->size;
	start = type_start(d, was);
	length = d->text->size - start;
	type_start(d, is);
	same_name = !d->text->failed && d->text->size == start + 2 * length &&
		    !memcmp(d->text->bytes + start, d->text->bytes + start + length, length);
	if (!d->text->failed)
		d->text->size = middle;
	if (same_name && !was->bitfield && !is->bitfield) {
		lp_buffer_print(d->text, ", whose type changed");
		if (was->bits != is->bits)
			lp_buffer_print(d->text, " (size %llu -> %llu)",
					(unsigned long long)was->bits / 8,
					(unsigned long long)is->bits / 8);
	} else {
		lp_buffer_print(d->text, " became ");
		lp_declare(d->text, &is->type, "");
		if (is->bitfield)
			lp_buffer_print(d->text, ":%llu", (unsigned long long)is->bits);
	}
	if (was->bit_offset == is->bit_offset)
		return;
	lp_buffer_print(d->text, same_name ? ", now at " : " at ");
	print_position(d, is);
}

static void describe_kept(struct description *d, struct lp_member *was, struct lp_member *is)
{
	bool same = same_type(d, was, is);

	if (same && was->bit_offset == is->bit_offset)
		return;
	piece(d);
	if (!same) {
		d->other = true;
		return describe_type(d, was, is);
	}
	d->moved = true;
	lp_buffer_print(d->text, "`%s` moved ", was->name);
	print_position(d, was);
	lp_buffer_print(d->text, " -> ");
	print_position(d, is);
}

/* By how many whole bytes a member moved that is the same otherwise; 0: anything else. */
static int64_t shift_of(struct description *d, size_t index)
{
	struct lp_member *was = &d->was.list[index];
	size_t at = find_member(&d->is, was, index);
	uint64_t shift;

	if (at == NOT_FOUND || was->bit_offset == UINT64_MAX ||
	    d->is.list[at].bit_offset == UINT64_MAX || !same_type(d, was, &d->is.list[at]))
		return 0;
	shift = d->is.list[at].bit_offset - was->bit_offset;
	return shift % 8 ? 0 : (int64_t)shift / 8;
}

/* One insertion moves all that is behind it: that is told once. How many were. */
static size_t describe_run(struct description *d, size_t start)
{
	int64_t shift = shift_of(d, start);
	size_t end = start + 1;

	if (!shift)
		return 0;
	while (end < d->was.count && shift_of(d, end) == shift)
		end++;
	if (end - start < RUN_MIN)
		return 0;
	d->moved = true;
	piece(d);
	lp_buffer_print(d->text, "`%s` to `%s` (%zu members) moved by %lld",
			d->was.list[start].name, d->was.list[end - 1].name, end - start,
			(long long)shift);
	return end - start;
}

static void describe_old_one(struct description *d, size_t index)
{
	struct lp_member *was = &d->was.list[index];
	size_t at = find_member(&d->is, was, index);

	if (at != NOT_FOUND)
		return describe_kept(d, was, &d->is.list[at]);
	describe_gone(d, was, index);
}

static void describe_old(struct description *d)
{
	for (size_t i = 0; i < d->was.count;) {
		size_t run = describe_run(d, i);

		if (!run)
			describe_old_one(d, i);
		i += run ? run : 1;
	}
}

/* What an attribute of the two is; whether it differs. */
static bool describe_number(struct description *d, unsigned int attribute, const char *name)
{
	uint64_t was = 0, is = 0;

	lp_die_number(&d->old->type, attribute, &was);
	lp_die_number(&d->new->type, attribute, &is);
	if (was == is)
		return false;
	piece(d);
	lp_buffer_print(d->text, "%s %llu -> %llu", name, (unsigned long long)was,
			(unsigned long long)is);
	return true;
}

static enum lp_layout_kind kind_of(const struct description *d, bool resized)
{
	if (d->other || d->added == d->gone || (d->added && d->moved))
		return LP_LAYOUT_CHANGED;
	if (d->gone)
		return LP_LAYOUT_REMOVED;
	if (!resized && dwarf_tag(&d->old->type) != DW_TAG_union_type)
		return LP_LAYOUT_FILLED;
	return d->between ? LP_LAYOUT_CHANGED : LP_LAYOUT_GROWN;
}

static int describe_aggregate(struct description *d, enum lp_layout_kind *kind)
{
	int err = lp_members_load(&d->was, &d->old->type);
	bool resized;

	err = err ? err : lp_members_load(&d->is, &d->new->type);
	if (!err) {
		resized = describe_number(d, DW_AT_byte_size, "size");
		d->other = describe_number(d, DW_AT_alignment, "alignment");
		describe_added(d);
		describe_old(d);
		*kind = kind_of(d, resized);
	}
	lp_members_free(&d->was);
	lp_members_free(&d->is);
	return err;
}

struct value {
	const char *name;
	uint64_t number;
};

struct values {
	struct value *list;
	size_t count;
};

static int values_load(struct values *values, Dwarf_Die *type)
{
	size_t capacity = 0;
	Dwarf_Die child;
	int more;

	*values = (struct values){ 0 };
	for (more = dwarf_child(type, &child); !more; more = dwarf_siblingof(&child, &child)) {
		struct value value = { .name = dwarf_diename(&child) };

		if (dwarf_tag(&child) != DW_TAG_enumerator || !value.name ||
		    !lp_die_number(&child, DW_AT_const_value, &value.number))
			continue;
		if (values->count == capacity) {
			void *list = reallocarray(values->list, 2 * capacity + 16, sizeof(value));

			if (!list)
				return -ENOMEM;
			values->list = list;
			capacity = 2 * capacity + 16;
		}
		values->list[values->count++] = value;
	}
	return more < 0 ? -EBADMSG : 0;
}

static const struct value *find_value(const struct values *values, const char *name, size_t near)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->list[(near + i) % values->count];

		if (!strcmp(value->name, name))
			return value;
	}
	return NULL;
}

static void describe_values(struct description *d, const struct values *was,
			    const struct values *is)
{
	for (size_t i = 0; i < is->count; i++) {
		if (find_value(was, is->list[i].name, i))
			continue;
		d->added = true;
		piece(d);
		lp_buffer_print(d->text, "+ %s = %lld", is->list[i].name,
				(long long)is->list[i].number);
	}
	for (size_t i = 0; i < was->count; i++) {
		const struct value *old = &was->list[i], *new = find_value(is, old->name, i);

		if (new &&new->number == old->number)
			continue;
		d->moved = true;
		piece(d);
		if (new)
			lp_buffer_print(d->text, "%s %lld -> %lld", old->name,
					(long long)old->number, (long long)new->number);
		else
			lp_buffer_print(d->text, "- %s = %lld", old->name, (long long)old->number);
	}
}

static int describe_enum(struct description *d, enum lp_layout_kind *kind)
{
	struct values was = { 0 }, is = { 0 };
	int err = values_load(&was, &d->old->type);

	err = err ? err : values_load(&is, &d->new->type);
	if (!err) {
		d->moved = describe_number(d, DW_AT_byte_size, "size");
		describe_values(d, &was, &is);
		*kind = d->moved ? LP_LAYOUT_CHANGED : LP_LAYOUT_ENUM_ADDED;
	}
	free(was.list);
	free(is.list);
	return err;
}

int lp_layout_describe(struct lp_buffer *text, struct lp_layout_side *old,
		       struct lp_layout_side *new, enum lp_layout_kind *kind)
{
	struct description d = { .text = text, .start = text->size, .old = old, .new = new };
	int err;

	if (lp_die_is_aggregate(&old->type))
		err = describe_aggregate(&d, kind);
	else
		err = describe_enum(&d, kind);
	err = err ? err : old->shapes->err;
	err = err ? err : new->shapes->err;
	return err ? err : text->failed ? -ENOMEM : 0;
}
