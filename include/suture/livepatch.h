/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suture/livepatch.h - what the author of a live patch writes.
 *
 * Names and shapes are those of the kernel's <linux/livepatch.h>. A patch is one C file that
 * includes this header, defines the replacements, and describes them:
 *
 *	#include <suture/livepatch.h>
 *
 *	static const char *lp_event_get_version(void) { return "2.1.12-fixed"; }
 *
 *	static struct klp_func funcs[] = {
 *		{ .old_name = "event_get_version", .new_func = lp_event_get_version },
 *		{ }
 *	};
 *	static struct klp_object objs[] = {
 *		{ .name = "libevent-2.1.so.7", .funcs = funcs },
 *		{ }
 *	};
 *	KLP_PATCH(.name = "fix", .objs = objs);
 *
 * `suture pack fix.c --target /lib/.../libevent-2.1.so.7 -o fix.lp` compiles and packs it. The
 * structures are read when the patch is packed; they stay constant while it is loaded.
 */
#ifndef SUTURE_LIVEPATCH_H
#define SUTURE_LIVEPATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One replaced function. An array of these ends with an entry whose old_name is NULL.
 * old_sympos: 0 = the name must be unique in its object, 1..n = the n-th symbol of that name in
 * symbol-table order.
 */
struct klp_func {
	const char *old_name;
	const void *new_func;
	unsigned long old_sympos;
};

/*
 * One ELF file mapped into the target: name is its DT_SONAME or file name, NULL for the program.
 * An array of these ends with an entry whose funcs is NULL.
 */
struct klp_object {
	const char *name;
	const struct klp_func *funcs;
};

/* A named change of data. An array of these ends with id 0. At most one enabled patch has an id. */
struct klp_state {
	unsigned long id;
	unsigned int version;
};

/* What to do when an enabled patch changes the same function or has the same state id. */
enum klp_conflicts {
	KLP_REJECT, /* refuse to apply */
	KLP_REPLACE, /* replace that patch too, if it is replaceable */
};

struct klp_patch {
	const char *name; /* default: the name of the .lp file without its suffix */
	const char *description; /* free text: what it fixes, CVE numbers */
	const struct klp_object *objs;
	const struct klp_state *states; /* NULL: none */
	unsigned long provides; /* scope: at most one enabled patch per scope */
	const unsigned long *obsoletes; /* scopes replaced besides its own; ends with 0 */
	bool replace; /* replaces every enabled patch */
	bool replaceable; /* KLP_PATCH() sets true; false: no other scope may replace it */
	enum klp_conflicts conflicts;
	const char *const *requires; /* names of patches that must be enabled; ends with NULL */
	/* Functions that stay but must not be on the stack at a switch; ends with NULL. */
	const char *const *holds;
};

/* Declares the patch of this file. Arguments are designated initializers of struct klp_patch. */
#define KLP_PATCH(...)                                                                             \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Woverride-init\"")       \
		__attribute__((section(".suture.patch"), used))                                    \
		const struct klp_patch klp_this_patch = { .replaceable = true, __VA_ARGS__ };      \
	_Pragma("GCC diagnostic pop")

/*
 * Binds a symbol that this file declares `extern` to a private (static) or ambiguous symbol of an
 * object. object: a string, or NULL for the program. Symbols without such a line are looked up in
 * the targets (.symtab, .dynsym, separate debug file) when the patch is packed, and are refused
 * there if the name is ambiguous; what no target defines is resolved in the running process, by
 * the scope and symbol versions of the target.
 */
struct klp_extern {
	const char *local;
	const char *object;
	const char *name;
	unsigned long sympos;
};
#define KLP_EXTERN(symbol, object_, name_, sympos_)                                                \
	__attribute__((section(".suture.externs"),                                                 \
		       used)) static const struct klp_extern klp_extern_##symbol = {               \
		#symbol, object_, name_, sympos_                                                   \
	}

#endif
