/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "includes.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "disk.h"
#include "fix.h"

struct file {
	char *name; /* relative to the tree */
	/* as they are written, their quote or < before them; up to NULL */
	struct lp_words includes;
	bool reads_change; /* or is one */
};

struct includes {
	const char *original, *patched;
	struct file *list;
	size_t count, room;
	size_t *work; /* files of which it is not yet known who includes them */
	size_t n_work;
};

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- what files say --------------------------------------------------------------------------- */

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Of a line that includes: where its quote or < is. NULL: it does not. */
static const char *included(const char *line)
{
	static const char *const words[] = { "include_next", "include", "import" };
	const char *at = skip_blanks(line);

	if (*at != '#')
		return NULL;
	at = skip_blanks(at + 1);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t size = strlen(words[i]);

		if (strncmp(at, words[i], size) != 0)
			continue;
		at = skip_blanks(at + size);
		return *at == '"' || *at == '<' ? at : NULL;
	}
	return NULL;
}

static void read_line(struct file *file, const char *line)
{
	const char *at = included(line);
	size_t size = at ? strcspn(at + 1, "\">\r\n") : 0;

	if (size)
		lp_words_take(&file->includes, strndup(at, size + 1));
}

static int read_file(struct file *file, const char *path)
{
	char *bytes;
	size_t size;

	/* what cannot be read does not get compiled either */
	if (lp_disk_read(path, &bytes, &size))
		return 0;
	for (const char *line = bytes; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		read_line(file, line);
	}
	free(bytes);
	return file->includes.failed ? -ENOMEM : 0;
}

/* --- the tree --------------------------------------------------------------------------------- */

static bool is_listed(const struct lp_words *words, const char *name)
{
	for (size_t i = 0; i < words->count; i++)
		if (!strcmp(words->list[i], name))
			return true;
	return false;
}

/* Also what is generated. Copies have the times of what they are copies of. */
static bool has_changed(const struct includes *includes, const char *name, const char *path,
			const struct stat *status)
{
	char *original = lp_disk_format("%s/%s", includes->original, name);
	struct stat before;
	bool changed = !original || stat(original, &before) < 0 ||
		       ((before.st_size != status->st_size ||
			 before.st_mtim.tv_sec != status->st_mtim.tv_sec ||
			 before.st_mtim.tv_nsec != status->st_mtim.tv_nsec) &&
			!lp_disk_same(original, path));

	free(original);
	return changed;
}

static struct file *add_file(struct includes *includes, const char *name)
{
	struct file *file;

	if (includes->count == includes->room) {
		size_t room = includes->room * 2 + 64;
		void *list = realloc(includes->list, room * sizeof(*includes->list));

		if (!list)
			return NULL;
		includes->list = list;
		includes->room = room;
	}
	file = &includes->list[includes->count];
	*file = (struct file){ .name = strdup(name) };
	if (!file->name)
		return NULL;
	includes->count++;
	return file;
}

static int visit(struct includes *includes, const char *path, const struct lp_words *touched)
{
	const char *name = lp_disk_below(path, includes->patched);
	bool is_text = name && (lp_fix_is_c(name) || lp_fix_is_assembler(name));
	struct file *file;
	struct stat status;

	if (!name || !(is_text || is_listed(touched, name)) || stat(path, &status) < 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	file = add_file(includes, name);
	if (!file)
		return -ENOMEM;
	file->reads_change = has_changed(includes, name, path, &status);
	return is_text ? read_file(file, path) : 0;
}

/* What is gone is still what others have read. */
static int add_gone(struct includes *includes, const struct lp_words *touched)
{
	int err = 0;

	for (size_t i = 0; !err && i < touched->count; i++) {
		char *path = lp_disk_format("%s/%s", includes->patched, touched->list[i]);
		struct file *file = NULL;

		if (path && !lp_disk_is_file(path))
			file = add_file(includes, touched->list[i]);
		if (file)
			file->reads_change = true;
		err = path && (file || lp_disk_is_file(path)) ? 0 : -ENOMEM;
		free(path);
	}
	return err;
}

static int load(struct includes *includes, const struct lp_words *touched)
{
	char *const paths[] = { (char *)includes->patched, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int err = 0;

	if (!tree)
		return -errno;
	while (!err && (errno = 0, entry = fts_read(tree)))
		if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP)
			err = visit(includes, entry->fts_path, touched);
	err = err ? err : -errno;
	fts_close(tree);
	return err;
}

/* --- who reads what --------------------------------------------------------------------------- */

/* What lies beside a file is what it means by a name in quotes. */
static bool is_beside(const struct includes *includes, const struct file *by, const char *name,
		      const struct file *what, bool *same)
{
	char *path = lp_disk_format("%s/%.*s%s", includes->patched,
				    (int)(last_of(by->name) - by->name), by->name, name);
	char *other = lp_disk_format("%s/%s", includes->patched, what->name);
	struct stat a, b;
	bool found = path && other && !stat(path, &a) && !stat(other, &b);

	*same = found && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	free(path);
	free(other);
	return found;
}

/* Whether a path ends in a name, as it does if some directory that is searched makes it whole. */
static bool ends_in(const char *path, const char *name)
{
	size_t length = strlen(path), size;

	for (;;) {
		if (!strncmp(name, "./", 2))
			name += 2;
		else if (!strncmp(name, "../", 3))
			name += 3;
		else
			break;
	}
	size = strlen(name);
	return size <= length && !strcmp(path + length - size, name) &&
	       (size == length || path[length - size - 1] == '/');
}

static bool may_mean(const struct includes *includes, const struct file *by, const char *include,
		     const struct file *what)
{
	const char *name = include + 1;
	bool same;

	if (strcmp(last_of(name), last_of(what->name)) != 0)
		return false;
	if (*include == '"' && is_beside(includes, by, name, what, &same))
		return same;
	/* a name with ".." in the middle ends as no path does */
	return strstr(name + strspn(name, "./"), "../") || ends_in(what->name, name);
}

static bool may_include(const struct includes *includes, const struct file *by,
			const struct file *what)
{
	for (size_t i = 0; i < by->includes.count; i++)
		if (may_mean(includes, by, by->includes.list[i], what))
			return true;
	return false;
}

static int follow(struct includes *includes)
{
	includes->work = calloc(includes->count + 1, sizeof(*includes->work));
	if (!includes->work)
		return -ENOMEM;
	for (size_t i = 0; i < includes->count; i++)
		if (includes->list[i].reads_change)
			includes->work[includes->n_work++] = i;
	while (includes->n_work) {
		const struct file *what = &includes->list[includes->work[--includes->n_work]];

		for (size_t i = 0; i < includes->count; i++) {
			struct file *by = &includes->list[i];

			if (by->reads_change || !may_include(includes, by, what))
				continue;
			by->reads_change = true;
			includes->work[includes->n_work++] = i;
		}
	}
	return 0;
}

static bool is_source(const char *name)
{
	static const char *const ends[] = { "c",   "cc", "cpp", "cxx", "C",
					    "c++", "cp", "CPP", "S",   "sx" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(lp_disk_extension(name), ends[i]))
			return true;
	return false;
}

int lp_includes_readers(struct lp_words *readers, const char *original, const char *patched,
			const struct lp_words *touched)
{
	struct includes includes = { .original = original, .patched = patched };
	int err = load(&includes, touched);

	err = err ? err : add_gone(&includes, touched);
	err = err ? err : follow(&includes);
	for (size_t i = 0; i < includes.count; i++) {
		struct file *file = &includes.list[i];

		if (!err && file->reads_change && is_source(file->name))
			lp_words_add(readers, file->name);
		lp_words_free(&file->includes);
		free(file->name);
	}
	free(includes.list);
	free(includes.work);
	return err ? err : readers->failed ? -ENOMEM : 0;
}
