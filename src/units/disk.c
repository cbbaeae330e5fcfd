/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

char *lp_disk_format(const char *format, ...)
{
	char *text;
	va_list args;
	int size;

	va_start(args, format);
	size = vasprintf(&text, format, args);
	va_end(args);
	return size < 0 ? NULL : text;
}

/* In place: "/a/./b/../c" -> "/a/c". */
static void normalise(char *path)
{
	char *out = path, *in = path;

	while (*in) {
		size_t length;

		while (*in == '/')
			in++;
		length = strcspn(in, "/");
		if (length == 2 && !memcmp(in, "..", 2)) {
			while (out > path && *--out != '/')
				;
		} else if (length && !(length == 1 && *in == '.')) {
			*out++ = '/';
			memmove(out, in, length);
			out += length;
		}
		in += length;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* With the links of its directory resolved; NULL: not there. */
static char *resolve(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	char real[PATH_MAX], *directory, *found;

	if (!slash || !*last || !strcmp(last, ".") || !strcmp(last, ".."))
		return NULL;
	directory = strndup(path, (size_t)(last - path));
	found = directory ? realpath(directory, real) : NULL;
	free(directory);
	if (!found)
		return NULL;
	return lp_disk_format("%s/%s", strcmp(real, "/") ? real : "", last);
}

char *lp_disk_absolute(const char *cwd, const char *name)
{
	char *path = *name == '/' ? strdup(name) : lp_disk_format("%s/%s", cwd, name);
	char *real;

	if (!path)
		return NULL;
	real = resolve(path);
	if (real) {
		free(path);
		return real;
	}
	normalise(path);
	return path;
}

const char *lp_disk_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	if (strncmp(path, directory, length))
		return NULL;
	if (path[length] == '/')
		return path + length + 1;
	return path[length] ? NULL : path + length;
}

const char *lp_disk_extension(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	return dot ? dot + 1 : "";
}

int lp_disk_make_parents(const char *path)
{
	char *copy = strdup(path);
	int err = copy ? 0 : -ENOMEM;

	for (char *at = copy; !err && (at = strchr(at + 1, '/'));) {
		*at = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			err = -errno;
		*at = '/';
	}
	free(copy);
	return err;
}

static int read_from(int fd, char **bytes, size_t *size)
{
	struct stat status;
	size_t room, used = 0;
	char *text, *grown;

	if (fstat(fd, &status) < 0)
		return -errno;
	room = (size_t)status.st_size + 1;
	text = malloc(room);
	while (text) {
		ssize_t got = read(fd, text + used, room - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(text);
			return -errno;
		}
		if (!got)
			break;
		used += (size_t)got;
		if (used < room)
			continue;
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			free(text);
		text = grown;
	}
	if (!text)
		return -ENOMEM;
	text[used] = '\0';
	*bytes = text;
	*size = used;
	return 0;
}

int lp_disk_read(const char *path, char **bytes, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = read_from(fd, bytes, size);
	close(fd);
	return err;
}

int lp_disk_write(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), err = 0;
	const char *at = bytes;

	if (fd < 0)
		return -errno;
	while (size && !err) {
		ssize_t written = write(fd, at, size);

		if (written >= 0) {
			at += written;
			size -= (size_t)written;
		} else if (errno != EINTR) {
			err = -errno;
		}
	}
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

int lp_disk_move(const char *from, const char *to)
{
	char *bytes;
	size_t size;
	int err;

	if (!rename(from, to))
		return 0;
	if (errno != EXDEV)
		return -errno;
	err = lp_disk_read(from, &bytes, &size);
	if (err)
		return err;
	err = lp_disk_write(to, bytes, size);
	free(bytes);
	return err;
}

bool lp_disk_is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

bool lp_disk_same(const char *a, const char *b)
{
	char *a_bytes = NULL, *b_bytes = NULL;
	size_t a_size, b_size;
	bool same = !lp_disk_read(a, &a_bytes, &a_size) && !lp_disk_read(b, &b_bytes, &b_size) &&
		    a_size == b_size && !memcmp(a_bytes, b_bytes, a_size);

	free(a_bytes);
	free(b_bytes);
	return same;
}
