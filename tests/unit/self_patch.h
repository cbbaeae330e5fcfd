/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * self_patch.h - patches that are loaded into the test program itself: what they reach in it, their
 * source, and the steps. Needs _GNU_SOURCE.
 */
#ifndef LP_TESTS_SELF_PATCH_H
#define LP_TESTS_SELF_PATCH_H

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unwind.h>

#include <cmocka.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/image.h"
#include "../../src/agent/sys.h"
#include "lpfile_builder.h"

/* What the patches reach by livepatch symbols. */
static int private_counter = 1000;
static __thread int private_thread_word = 5;
static __attribute__((noinline)) int private_add(int a, int b)
{
	return a + b + private_counter;
}

static int frames_seen;

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context, void *argument)
{
	(void)context;
	(void)argument;
	frames_seen++;
	return _URC_NO_REASON;
}

static __attribute__((noinline)) int private_backtrace(void)
{
	frames_seen = 0;
	_Unwind_Backtrace(count_frame, NULL);
	return frames_seen;
}

static const char source[] =
	"#include <stdlib.h>\n#include <string.h>\n"
	"extern int private_add(int, int), private_counter, private_backtrace(void);\n"
	"extern __thread int private_thread_word;\n"
	"extern int not_there(void) __attribute__((weak));\n"
	"static int own = 40; static int zero[3000];\n"
	"static const char *const names[] = { \"zero\", \"one\", \"two\" };\n"
	"static int twice(int x) { return 2 * x; }\n"
	"static int thrice(int x) { return 3 * x; }\n"
	"static int (*table[])(int) = { twice, thrice };\n"
	"int call_private(int a) { return private_add(a, 1); }\n"
	"int set_private(int a) { private_counter = a; return private_add(0, 0); }\n"
	"int next_own(void) { return ++own + ++zero[2999]; }\n"
	"const char *name_of(int i) { return names[i]; }\n"
	"int by_table(int i, int x) { return table[i](x); }\n"
	"int length(const char *s) { return (int)strlen(s); }\n"
	"long parse(const char *s) { return strtol(s, 0, 10); }\n"
	"int thread_word(int add) { return private_thread_word += add; }\n"
	"int weak(void) { return not_there ? not_there() : -1; }\n"
	"int walk(void) { return private_backtrace() + 0 * own; }\n"
	"int pick(int i) { switch (i) { case 0: return own; case 1: return 7; case 2: return 9;\n"
	"case 3: return zero[0]; case 4: return 77; case 5: return 3;\n"
	"case 6: return twice(own); }\n"
	" return -1; }\n";

struct loaded {
	struct built built;
	struct lp_patch_file file;
	struct lp_image image;
	struct lp_object *objects;
	const struct lp_object *target[1];
	struct lp_refusal refusals[8];
	struct lp_report report;
};

static uint64_t tls_start;

static inline int find_tls(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	(void)context;
	tls_start = (uint64_t)info->dlpi_tls_data;
	return 1; /* the program is the first */
}

static inline void find_objects(struct loaded *loaded)
{
	size_t count;

	loaded->objects = lp_objects_list(&count);
	assert_non_null(loaded->objects);
	loaded->target[0] = lp_objects_find(loaded->objects, count, NULL);
	assert_non_null(loaded->target[0]);
	loaded->report = (struct lp_report){ .refusals = loaded->refusals, .capacity = 8 };
}

static inline void make(struct loaded *loaded, const char *text, const char *flags,
			const char *function, bool bind)
{
	uint64_t base;

	memset(loaded, 0, sizeof(*loaded));
	builder_compile(&loaded->built, text, flags);
	find_objects(loaded);
	base = loaded->target[0]->base;
	dl_iterate_phdr(find_tls, NULL);
	if (bind) {
		const struct bound bounds[] = {
			{ "private_add", (uint64_t)private_add - base, STT_FUNC },
			{ "private_backtrace", (uint64_t)private_backtrace - base, STT_FUNC },
			{ "private_counter", (uint64_t)&private_counter - base, STT_OBJECT },
			{ "private_thread_word", (uint64_t)&private_thread_word - tls_start,
			  STT_TLS },
		};
		for (size_t i = 0; i < 4; i++)
			builder_bind(&loaded->built, &bounds[i]);
	}
	builder_describe(&loaded->built, function);
}

static inline int open_file(struct loaded *loaded, const char **why)
{
	int fd = builder_file(loaded->built.bytes, loaded->built.size);
	int ret = lp_patch_file_open(&loaded->file, fd, why);

	close(fd);
	return ret;
}

static inline int load(struct loaded *loaded)
{
	const char *why = "";
	int ret = open_file(loaded, &why);

	if (ret)
		fprintf(stderr, "%d: %s\n", ret, why);
	assert_int_equal(ret, 0);
	return lp_image_load(&loaded->image, &loaded->file, loaded->target, NULL, &loaded->report);
}

static inline void unload(struct loaded *loaded)
{
	lp_image_unload(&loaded->image);
	lp_patch_file_close(&loaded->file);
	lp_free(loaded->objects);
}

static inline void *function(struct loaded *loaded, const char *name)
{
	uint32_t index = 0;

	assert_non_null(builder_symbol(&loaded->built, name, &index));
	return (void *)lp_image_symbol(&loaded->image, &loaded->file, index);
}

#endif
