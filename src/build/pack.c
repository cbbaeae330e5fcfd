/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phase.h"
#include "units/report.h"

static struct lp_report_to report_of(const struct lp_pack_job *job)
{
	return (struct lp_report_to){ job->options->report, job->options->context };
}

int lp_pack_report_refusal(struct lp_pack_job *job)
{
	struct lp_report_to to = report_of(job);

	return lp_report_refusal(&to, job->refusal.reason, "%s", job->refusal.text);
}

int lp_pack_refuse(struct lp_pack_job *job, const char *reason, const char *format, ...)
{
	struct lp_report_to to = report_of(job);
	va_list args;

	va_start(args, format);
	lp_report_message(&to, LP_ERROR, reason, format, args);
	va_end(args);
	return -ECANCELED;
}

void lp_pack_say(struct lp_pack_job *job, enum lp_severity severity, const char *format, ...)
{
	struct lp_report_to to = report_of(job);
	va_list args;

	va_start(args, format);
	lp_report_message(&to, severity, NULL, format, args);
	va_end(args);
}

/* The name in KLP_PATCH(), else that of the output file without its suffix. */
static int choose_name(struct lp_pack_job *job)
{
	const char *slash = strrchr(job->options->output, '/');
	const char *base = slash ? slash + 1 : job->options->output;
	const char *given = job->description.name;
	size_t length = strlen(base);

	if (given && *given) {
		job->name = strdup(given);
	} else {
		if (length > 3 && !strcmp(base + length - 3, ".lp"))
			length -= 3;
		job->name = strndup(base, length);
	}
	if (!job->name)
		return -ENOMEM;
	length = strlen(job->name);
	if (!length || length > NAME_MAX)
		return lp_pack_refuse(job, "bad-patch",
				      "the patch has no name, or a longer one than %d bytes",
				      NAME_MAX);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)job->name[i] < 0x20 || job->name[i] == 0x7f)
			return lp_pack_refuse(job, "bad-patch",
					      "the patch's name has control characters");
	return 0;
}

static void close_object(struct lp_pack_job *job)
{
	for (size_t i = 0; i < job->n_functions; i++)
		free(job->functions[i].parts);
	free(job->functions);
	free(job->holds);
	lp_description_close(&job->description);
	lp_relobj_close(&job->obj);
}

static int open_object(struct lp_pack_job *job)
{
	int err = lp_relobj_open(&job->obj, job->object_path, &job->refusal);

	err = err ? err :
		    lp_description_open(&job->description, &job->obj, job->object_path, false,
					&job->refusal);
	if (err == -ECANCELED)
		return lp_pack_report_refusal(job);
	return err;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		size -= (size_t)done;
	}
	return 0;
}

/* Beside the output, then renamed: the output is the old file or the new one, whole. */
static int replace_file(const char *path, const struct lp_buffer *file)
{
	mode_t mask = umask(0);
	char *temporary;
	int fd, err;

	umask(mask);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temporary);
		return err;
	}
	err = write_all(fd, file->bytes, file->size);
	if (!err && fchmod(fd, 0666 & ~mask) < 0)
		err = -errno;
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && rename(temporary, path) < 0)
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}

static int replace_linked(const char *path, const struct lp_buffer *file)
{
	char *real = realpath(path, NULL);
	int err = real ? replace_file(real, file) : -errno;

	free(real);
	return err;
}

/*
 * A device, a pipe or a link: opened, so that the system says whether it may be followed, and what
 * is not a file is written to as it is.
 */
static int write_through(const char *path, const struct lp_buffer *file)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISREG(st.st_mode))
		err = replace_linked(path, file);
	else
		err = write_all(fd, file->bytes, file->size);
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

static int write_file(const char *path, const struct lp_buffer *file)
{
	struct stat st;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return write_through(path, file);
	return replace_file(path, file);
}

static int write_output(struct lp_pack_job *job)
{
	const char **names = calloc(job->n_objects + 1u, sizeof(*names));
	struct lp_buffer file = { 0 };
	int err;

	if (!names)
		return -ENOMEM;
	for (uint32_t i = 0; i < job->n_objects; i++)
		names[i] = job->objects[i]->name ? job->objects[i]->name : LP_PROGRAM_NAME;
	err = lp_relobj_write(&job->obj, names, &file);
	err = err ? err : write_file(job->options->output, &file);
	lp_buffer_free(&file);
	free(names);
	return err;
}

int lp_pack_finish(struct lp_pack_job *job)
{
	int err = lp_pack_find_functions(job);

	err = err ? err : choose_name(job);
	err = err ? err : lp_pack_plan_entries(job);
	err = err ? err : lp_pack_preserve(job);
	err = err ? err : lp_pack_select(job);
	err = err ? err : lp_pack_resolve(job);
	err = err ? err : lp_pack_check(job);
	err = err ? err : lp_pack_describe(job);
	return err ? err : write_output(job);
}

static int make_object(struct lp_pack_job *job)
{
	const char *source = job->options->source;
	int err;

	if (lp_pack_is_object(source)) {
		job->object_path = strdup(source);
		return job->object_path ? 0 : -ENOMEM;
	}
	err = lp_pack_path(job, "patch.o", &job->object_path);
	return err ? err : lp_pack_compile(job, source, job->object_path);
}

static int pack(struct lp_pack_job *job)
{
	int err = make_object(job);

	err = err ? err : lp_pack_open_targets(job);
	err = err ? err : open_object(job);
	return err ? err : lp_pack_finish(job);
}

static void remove_directory(const char *directory)
{
	char *path;

	if (asprintf(&path, "%s/patch.o", directory) >= 0) {
		unlink(path);
		free(path);
	}
	rmdir(directory);
}

void lp_pack_close(struct lp_pack_job *job)
{
	close_object(job);
	for (size_t i = 0; i < job->n_targets; i++) {
		lp_claims_free(&job->targets[i].claims);
		lp_origins_free(&job->targets[i].origins);
		lp_code_destroy(job->targets[i].code);
		lp_elf_close(job->targets[i].elf);
	}
	free(job->targets);
	free(job->objects);
	free(job->name);
	free(job->object_path);
	if (job->directory)
		remove_directory(job->directory);
	free(job->directory);
}

static void report_failure(struct lp_pack_job *job, int err)
{
	const char *parent = getenv("TMPDIR");

	if (job->object_path)
		lp_pack_refuse(job, "system", "%s: %s", job->options->output, strerror(-err));
	else /* not even that: there was no place for it */
		lp_pack_refuse(job, "system", "no directory can be made in %s: %s",
			       parent && *parent ? parent : "/tmp", strerror(-err));
}

int lp_pack(const struct lp_pack_options *options)
{
	struct lp_pack_job job = { .options = options };
	int err = pack(&job);

	if (err && err != -ECANCELED)
		report_failure(&job, err);
	lp_pack_close(&job);
	return err;
}
