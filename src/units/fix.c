/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fix.h"
#include "spawn.h"

/* -f: asks nothing, and takes nothing for reversed. What is rejected is in the log. */
static int run_patch(const struct lp_fix *fix, const char *tree, bool dry)
{
	char strip[] = { '-', 'p', (char)('0' + fix->strip), '\0' };
	const char *arguments[] = { "env",
				    "LC_ALL=C",
				    "patch",
				    strip,
				    "-f",
				    "-r",
				    "-",
				    "--no-backup-if-mismatch",
				    "--quoting-style=literal",
				    "-i",
				    fix->path,
				    dry ? "--dry-run" : NULL,
				    NULL };
	int status = lp_spawn_run(
		&(struct lp_spawn){ .arguments = arguments, .cwd = tree, .output = fix->log });

	if (status < 0)
		return status;
	return status == 127 ? -ENOENT : status ? -EBADMSG : 0;
}

static void add_file(struct lp_words *files, const char *name, size_t length)
{
	while (length > 2 && !strncmp(name, "./", 2)) {
		name += 2;
		length -= 2;
	}
	lp_words_take(files, strndup(name, length));
}

/* "NAME", or "NEW (renamed from OLD)" */
static void add_files(struct lp_words *files, const char *text)
{
	static const char *const froms[] = { " (renamed from ", " (copied from ", " (read from " };
	size_t length = strlen(text);

	for (size_t i = 0; i < sizeof(froms) / sizeof(*froms); i++) {
		const char *from = strstr(text, froms[i]);

		if (!from || text[length - 1] != ')')
			continue;
		add_file(files, text, (size_t)(from - text));
		from += strlen(froms[i]);
		add_file(files, from, (size_t)(text + length - 1 - from));
		return;
	}
	add_file(files, text, length);
}

static int read_files(struct lp_fix *fix)
{
	static const char start[] = "checking file ";
	char *text, *save = NULL;
	size_t size;
	int err = lp_disk_read(fix->log, &text, &size);

	if (err)
		return err;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, start, sizeof(start) - 1))
			add_files(&fix->files, line + sizeof(start) - 1);
	free(text);
	return fix->files.failed ? -ENOMEM : 0;
}

/* The reason why it does not apply is the one of -p1, which diffs have nearly always. */
int lp_fix_try(struct lp_fix *fix, const char *tree)
{
	static const unsigned int strips[] = { 1, 0, 1 };
	int err = -EBADMSG;

	fix->files = (struct lp_words){ 0 };
	for (size_t i = 0; err == -EBADMSG && i < sizeof(strips) / sizeof(*strips); i++) {
		fix->strip = strips[i];
		err = run_patch(fix, tree, true);
	}
	return err ? err : read_files(fix);
}

int lp_fix_apply(struct lp_fix *fix, const char *tree)
{
	return run_patch(fix, tree, false);
}

void lp_fix_deinit(struct lp_fix *fix)
{
	lp_words_free(&fix->files);
}

#define HAS_END(path, ...) has_end(path, (const char *const[]){ __VA_ARGS__, NULL })

static bool has_end(const char *path, const char *const *ends)
{
	const char *end = lp_disk_extension(path);

	for (; *ends; ends++)
		if (!strcmp(end, *ends))
			return true;
	return false;
}

bool lp_fix_is_documentation(const char *path)
{
	return HAS_END(path, "1", "2", "3", "4", "5", "6", "7", "8", "9", "texi", "texinfo", "pod",
		       "md", "rst", "sgml", "html", "po");
}

bool lp_fix_is_beside(const char *path)
{
	return lp_fix_is_documentation(path) || strstr(path, "test") || strstr(path, "CHANGE");
}

bool lp_fix_is_c(const char *path)
{
	return HAS_END(path, "c", "h", "cc", "cpp", "cxx", "C", "c++", "hh", "hpp", "hxx", "H",
		       "inc", "def", "ipp", "tcc", "i", "ii", "cp", "CPP", "h++");
}

bool lp_fix_is_assembler(const char *path)
{
	return HAS_END(path, "s", "S", "sx", "asm");
}

bool lp_fix_is_of_autotools(const char *path)
{
	return HAS_END(path, "ac", "am", "m4");
}
