/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * declaration.h - types as they are written in C: "int limit", "char *(*find)(int)", "size_t".
 */
#ifndef LP_BUILD_DECLARATION_H
#define LP_BUILD_DECLARATION_H

#include "units/buffer.h"
#include "dietype.h"

/* Appends the declaration of a name ("": the type alone), without a NUL. Long ones are cut. */
void lp_declare(struct lp_buffer *text, Dwarf_Die *type, const char *name);

/*
 * Appends "struct conn" for the definition of a type: with the namespaces and classes that it is
 * in, and with the name of its typedef if it has none of its own.
 */
void lp_declare_type_name(struct lp_buffer *text, Dwarf_Die *type, const char *alias);

#endif
