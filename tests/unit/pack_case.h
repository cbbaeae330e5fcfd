/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pack_case.h - packs a patch in a test, keeps what was reported, and has the agent check the file.
 */
#ifndef LP_TEST_PACK_CASE_H
#define LP_TEST_PACK_CASE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../src/agent/patch_file.h"
#include "../../src/build/pack.h"
#include "victim_file.h"

struct pack_case {
	const struct victim_dir *dir;
	const char *cflags;
	const char *debug_file;
	char messages[8192]; /* one line each: "error reason: text" */
	struct lp_patch_file file; /* after a success */
};

static inline void pack_report(void *context, enum lp_severity severity, const char *reason,
			       const char *text)
{
	static const char *const words[] = { "note", "warning", "error" };
	struct pack_case *pack = context;
	size_t used = strlen(pack->messages);

	snprintf(pack->messages + used, sizeof(pack->messages) - used, "%s %s: %s\n",
		 words[severity], reason ? reason : "-", text);
}

/* Writes the source and packs it for the targets (names in the directory, NULL ends them). */
static inline int pack_try(struct pack_case *pack, const char *name, const char *source,
			   const char *const *targets)
{
	char paths[8][256], source_path[256], output[256], debug[256];
	const char *list[8], *debug_list[1] = { debug };
	struct lp_pack_options options = {
		.source = source_path,
		.targets = list,
		.cflags = pack->cflags,
		.include_dir = LP_SOURCE_ROOT "/include",
		.output = output,
		.report = pack_report,
		.context = pack,
	};

	snprintf(source_path, sizeof(source_path), "%s/%s.c", pack->dir->path, name);
	snprintf(output, sizeof(output), "%s/%s.lp", pack->dir->path, name);
	for (; targets[options.n_targets]; options.n_targets++) {
		victim_path(pack->dir, targets[options.n_targets], paths[options.n_targets],
			    sizeof(paths[0]));
		list[options.n_targets] = paths[options.n_targets];
	}
	if (pack->debug_file) {
		victim_path(pack->dir, pack->debug_file, debug, sizeof(debug));
		options.debug_files = debug_list;
		options.n_debug_files = 1;
	}
	if (source)
		victim_write(pack->dir, strrchr(source_path, '/') + 1, source);
	pack->messages[0] = 0;
	return lp_pack(&options);
}

/* Must work, and the agent must take the file. To be closed with pack_close(). */
static inline void pack_open(struct pack_case *pack, const char *name, const char *source,
			     const char *const *targets)
{
	const char *why = "";
	char path[256];
	int fd, err = pack_try(pack, name, source, targets);

	if (err)
		fail_msg("%d: %s", err, pack->messages);
	snprintf(path, sizeof(path), "%s/%s.lp", pack->dir->path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	err = lp_patch_file_open(&pack->file, fd, &why);
	close(fd);
	if (err)
		fail_msg("the agent refuses it: %d, %s", err, why);
}

static inline void pack_close(struct pack_case *pack)
{
	lp_patch_file_close(&pack->file);
}

/* Must be refused with this reason, and a text that says this. */
static inline void pack_refused(struct pack_case *pack, const char *name, const char *source,
				const char *const *targets, const char *reason, const char *text)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "error %s: ", reason);
	if (pack_try(pack, name, source, targets) != -ECANCELED ||
	    !strstr(pack->messages, wanted) || !strstr(pack->messages, text))
		fail_msg("not \"%s\" with \"%s\", but: %s", wanted, text, pack->messages);
}

/* The symbol of that name in the .lp, or NULL. */
static inline const Elf64_Sym *pack_symbol(const struct pack_case *pack, const char *name)
{
	for (uint32_t i = 1; i < pack->file.n_symbols; i++)
		if (!strcmp(pack->file.symbol_names + pack->file.symbols[i].st_name, name))
			return &pack->file.symbols[i];
	return NULL;
}

static inline const Elf64_Shdr *pack_section(const struct pack_case *pack, const char *name)
{
	for (uint32_t i = 1; i < pack->file.n_sections; i++)
		if (!strcmp(pack->file.section_names + pack->file.sections[i].sh_name, name))
			return &pack->file.sections[i];
	return NULL;
}

/* A patch of one function: head (code before), object, old name, new name. */
#define PACK_PATCH(head, object, old, new)                                                         \
	"#include <suture/livepatch.h>\n" head                                                     \
	"\nstatic struct klp_func funcs[] = { { .old_name = \"" old                                \
	"\", .new_func = " new " }, "                                                              \
			       "{ } };\nstatic struct klp_object objs[] = { { .name = " object     \
			       ", .funcs = funcs }, "                                              \
			       "{ } };\nKLP_PATCH(.objs = objs);\n"

#endif
