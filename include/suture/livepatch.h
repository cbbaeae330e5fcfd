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

struct klp_object;
struct klp_patch;
struct klp_state;

/*
 * Called when the patch and the object are both in the target. pre_patch: before any call reaches
 * the patch; what it returns but 0 (a negative errno) refuses the patch, or the object that is just
 * being loaded. post_patch: when every task has switched. pre_unpatch: before the way back starts.
 * post_unpatch: when it has ended, and only if pre_patch succeeded. A patch that replaces others
 * runs its own callbacks; those of the objects of the patches that it replaces are not run. They
 * run on the agent's thread, one at a time; the target's threads go on meanwhile.
 */
struct klp_callbacks {
	int (*pre_patch)(struct klp_object *obj);
	void (*post_patch)(struct klp_object *obj);
	void (*pre_unpatch)(struct klp_object *obj);
	void (*post_unpatch)(struct klp_object *obj);
};

/*
 * One ELF file mapped into the target: name is its DT_SONAME or file name, NULL for the program.
 * An array of these ends with an entry that is empty.
 */
struct klp_object {
	const char *name;
	const struct klp_func *funcs;
	struct klp_callbacks callbacks;
};

typedef void (*klp_shadow_dtor_t)(void *obj, void *shadow_data);
typedef int (*klp_shadow_ctor_t)(void *obj, void *shadow_data, void *ctor_data);

/*
 * Called when the state is introduced (no enabled patch that is replaced has it) and when it is
 * removed (no patch that takes the place has it); a patch that takes it over is not told. Points in
 * time as in struct klp_callbacks. When a patch without the state replaces this one, the
 * pre_unpatch and post_unpatch of this one run: it knows how to undo what it did. shadow_dtor: for
 * the variables that go with an is_shadow state; may be NULL.
 */
struct klp_state_callbacks {
	int (*pre_patch)(struct klp_patch *patch, struct klp_state *state);
	void (*post_patch)(struct klp_patch *patch, struct klp_state *state);
	void (*pre_unpatch)(struct klp_patch *patch, struct klp_state *state);
	void (*post_unpatch)(struct klp_patch *patch, struct klp_state *state);
	klp_shadow_dtor_t shadow_dtor;
};

/* A named change of data. An array of these ends with id 0. At most one enabled patch has an id. */
struct klp_state {
	unsigned long id;
	unsigned int version; /* a patch that takes the state over has at least this one */
	void *data; /* the author's own; kept when a patch takes the state over */
	struct klp_state_callbacks callbacks;
	/* after post_unpatch: klp_shadow_free_all(id, callbacks.shadow_dtor) */
	bool is_shadow;
	/*
	 * It cannot be undone: the patch cannot be disabled, not turned around once pre_patch was
	 * called, and only be replaced by a patch that has the state too.
	 */
	bool block_disable;
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

/* What a patch can ask and do while it runs. */

/* The patch of this file, as the process has it: what callbacks get, and klp_get_state() wants. */
extern const struct klp_patch klp_this_patch;
#define KLP_THIS_PATCH ((struct klp_patch *)&klp_this_patch)

/* The state of this id in the patch, or NULL. */
struct klp_state *klp_get_state(struct klp_patch *patch, unsigned long id);
/*
 * During a transition only, callbacks included: the state of this id in a patch that is being
 * replaced. NULL if none has it, and without a transition. So a callback can tell whether there is
 * a predecessor.
 */
struct klp_state *klp_get_prev_state(unsigned long id);
/*
 * Is every task at this patch? Until then some may still run what it replaces, so data that older
 * code does not understand must not be made yet. Callable from any thread.
 */
bool klp_transition_complete(struct klp_patch *patch);

/* For sources that are shared with the kernel; without a meaning here. */
typedef unsigned int gfp_t;
#define GFP_KERNEL ((gfp_t)0)
#define GFP_ATOMIC ((gfp_t)1)

/*
 * Shadow variables: data attached to an existing object (any address) and a number, found again
 * by both. Callable from any thread; klp_shadow_get() from signal handlers too.
 *
 * get: the data, or NULL. alloc: a new one of `size` zeroed bytes, after ctor (NULL: none) has
 * succeeded; NULL if there is one already, without memory, or if ctor returns but 0.
 * get_or_alloc: the one there is, or a new one. free: calls dtor (NULL: none) and frees it, if it
 * is there; free_all: all of this id.
 */
void *klp_shadow_get(void *obj, unsigned long id);
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data);
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data);
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor);
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor);

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
