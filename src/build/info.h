/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info.h - what a .lp contains, for `suture info`. The file is untrusted: every offset is checked.
 */
#ifndef LP_BUILD_INFO_H
#define LP_BUILD_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <suture/lpfile.h>

struct lp_info_function {
	const char *name;
	uint32_t sympos;
	const char *new_name; /* symbol of the replacement */
	uint64_t new_size; /* bytes */
	uint64_t old_addr; /* vaddr */
	uint64_t old_size;
	uint32_t n_parts;
	enum lp_entry_kind entry_kind;
	uint8_t jump_offset;
	uint8_t window;
};

struct lp_info_object {
	const char *name; /* NULL: the program */
	char build_id[2 * LP_BUILD_ID_MAX + 1]; /* in hex */
	struct lp_info_function *functions;
	size_t n_functions;
	const char **holds; /* names of held functions */
	size_t n_holds;
};

struct lp_info_state {
	uint64_t id;
	uint32_t version;
};

/* All strings and arrays belong to it and live until it is destroyed. */
struct lp_info {
	const char *name;
	const char *description; /* "": none */
	char **cves; /* CVE numbers in the description, each once, in their order */
	size_t n_cves;
	uint32_t flags; /* enum lp_file_flag */
	uint64_t provides;
	const uint64_t *obsoletes;
	size_t n_obsoletes;
	const char **required; /* names of patches */
	size_t n_required;
	struct lp_info_state *states;
	size_t n_states;
	struct lp_info_object *objects;
	size_t n_objects;
	uint64_t code_size; /* bytes of code that are loaded */
	uint64_t data_size; /* bytes of data that are loaded */
	/* ours */
	uint8_t *bytes;
	size_t size;
};

/*
 * Reads a file. 0; -EBADMSG with *why a sentence in static storage (not a valid .lp); or another
 * negative errno. *info is set on success only and belongs to the caller.
 */
int lp_info_create(struct lp_info **info, const char *path, const char **why);
void lp_info_destroy(struct lp_info *info);

/* Fixed words for output: "single", "pad", "multi". */
const char *lp_info_entry_word(enum lp_entry_kind kind);

#endif
