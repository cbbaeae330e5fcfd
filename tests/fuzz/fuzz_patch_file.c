// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libFuzzer target: any bytes as a .lp. What is accepted is loaded into this process too, and
 * unloaded; nothing of it is ever called. Seeds: any .lp files.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/agent/alloc.h"
#include "../../src/agent/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void load(const struct lp_patch_file *file)
{
	static const struct lp_object *targets[LP_FILE_MAX_OBJECTS];
	struct lp_refusal refusals[4];
	struct lp_report report = { .refusals = refusals, .capacity = 4 };
	struct lp_image image;
	size_t count;
	struct lp_object *objects = lp_objects_list(&count);

	if (!objects)
		return;
	for (uint32_t i = 0; i < LP_FILE_MAX_OBJECTS; i++)
		targets[i] = &objects[i % count];
	if (!lp_image_load(&image, file, targets, NULL, &report)) {
		for (uint32_t i = 0; i < file->n_symbols; i++)
			lp_image_symbol(&image, file, i);
		lp_image_unload(&image);
	}
	lp_free(objects);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct lp_patch_file file;
	const char *why;
	int fd = memfd_create("fuzz.lp", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	if (!lp_patch_file_open(&file, fd, &why)) {
		load(&file);
		lp_patch_file_close(&file);
	}
	close(fd);
	return 0;
}
