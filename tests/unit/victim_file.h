/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * victim_file.h - compiles small programs and libraries for tests, in a directory of their own.
 */
#ifndef LP_TEST_VICTIM_FILE_H
#define LP_TEST_VICTIM_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct victim_dir {
	char path[64];
};

static inline const char *victim_path(const struct victim_dir *dir, const char *name, char *path,
				      size_t room)
{
	if (snprintf(path, room, "%s/%s", dir->path, name) >= (int)room)
		abort();
	return path;
}

static inline void victim_dir_init(struct victim_dir *dir)
{
	strcpy(dir->path, "/tmp/suture-test-XXXXXX");
	if (!mkdtemp(dir->path))
		abort();
}

static inline void victim_dir_deinit(struct victim_dir *dir)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir->path);
	if (system(command))
		fprintf(stderr, "cannot remove %s\n", dir->path);
}

static inline void victim_write(const struct victim_dir *dir, const char *name, const char *text)
{
	char path[256];
	FILE *file = fopen(victim_path(dir, name, path, sizeof(path)), "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
}

/* Runs a shell command in the directory; its status. */
static inline int victim_run(const struct victim_dir *dir, const char *command)
{
	char whole[2048];

	if (snprintf(whole, sizeof(whole), "cd '%s' && %s", dir->path, command) >=
	    (int)sizeof(whole))
		abort();
	return system(whole);
}

#endif
