/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layout.h - types whose layout a patch changes, from the DWARF of a relocatable object as it was
 * and as it is patched. What lies in a running process has the old layout, and code that is not
 * replaced goes on to use it.
 *
 * DWARF 4 and 5, of C and C++, also in split files. A type is compared by its size, members, and
 * what they are; behind a pointer only the name of a type counts. Virtual functions are not
 * compared. Of C++ classes, compilers leave out what they think to be described elsewhere, save
 * with -femit-class-debug-always (gcc) or -fstandalone-debug (clang).
 */
#ifndef LP_BUILD_LAYOUT_H
#define LP_BUILD_LAYOUT_H

#include <stdint.h>

enum lp_layout_kind {
	/* Members were added behind all others, nothing else; or to a union. */
	LP_LAYOUT_GROWN,
	LP_LAYOUT_FILLED, /* members were added where there was padding, nothing else */
	LP_LAYOUT_REMOVED, /* members are gone, and others have moved for that; nothing else */
	LP_LAYOUT_CHANGED,
	LP_LAYOUT_ENUM_ADDED, /* an enum has more values, and the size that it had */
	LP_LAYOUT_SIGNATURE, /* functions that it points to take or return something else, no more */
	LP_LAYOUT_VARIABLE, /* no type, but a variable: it has another type */
	LP_LAYOUT_CONSTANT, /* no type, but a constant of an unnamed enum: another number */
};

/* All of it is valid during the callback only. */
struct lp_layout_change {
	/* "struct conn", "enum state", of an unnamed one its typedef; name of a variable or constant */
	const char *type;
	enum lp_layout_kind kind;
	const char *text; /* "struct conn: size 72 -> 80; + int limit at 72" */
	uint64_t old_size; /* of a type */
	uint64_t new_size;
	const char *declared_at; /* "conn.h:12", of the original; "": unknown */
};

/*
 * Reports each type (struct, union, class, enum, typedef of an unnamed one, in any scope) that
 * both objects define and that differs, each once, in the order of the original; then static
 * variables that got another type, and constants of unnamed enums that got other numbers. 0; -ENODATA: one
 * of them has no debug information; -ENOTSUP: it was compiled with -fdebug-types-section (and not
 * with -fno-debug-types-section behind it); -EBADMSG: it cannot be read; or another negative errno.
 */
int lp_layout_compare(const char *original, const char *patched,
		      void (*report)(void *context, const struct lp_layout_change *change),
		      void *context);

/*
 * Reports the functions, by the names of their symbols, that an object has code of and that have
 * to do with a type (named as in lp_layout_change): a parameter, result or local variable of their
 * own, of a function that was inlined into them, or the result of one that they call, is of that
 * type, contains it, or points to one that does. Not seen: who comes to it through a global
 * variable or through another structure's pointers only. Errors as above.
 */
int lp_layout_users(const char *object, const char *type,
		    void (*report)(void *context, const char *function), void *context);

#endif
