// SPDX-License-Identifier: LGPL-2.1-or-later
/* package.c - see package.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/info.h"
#include "command.h"
#include "core/reason.h"
#include "maps.h"
#include "output.h"
#include "package.h"

struct lp_seen_file {
	unsigned int major, minor;
	uint64_t inode;
	bool fits;
};

struct look {
	struct lp_package *package;
	pid_t pid;
};

static int refuse(bool json, const char *path, const char *why)
{
	char message[4096 + 256];

	snprintf(message, sizeof(message), "%s: %s", path, why);
	lp_output_error(json, 0, lp_reason_word(LP_REASON_BAD_FILE), message);
	return LP_EXIT_REFUSED;
}

int lp_package_open(struct lp_package *package, const char *path, bool json)
{
	const char *slash = strrchr(path, '/'), *why = NULL;
	struct stat status;
	int result;

	*package = (struct lp_package){ .name = slash ? slash + 1 : path, .fd = -1 };
	if (strlen(package->name) > SUTURE_NAME_MAX)
		return refuse(json, path, strerror(ENAMETOOLONG));
	/* A fifo would have us wait, and an agent for ever. */
	package->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (package->fd < 0 || fstat(package->fd, &status))
		result = -errno;
	else if (!S_ISREG(status.st_mode))
		result = -EBADF, why = "not a regular file";
	else
		result = lp_info_create(&package->info, path, &why);
	if (!result)
		return LP_EXIT_DONE;
	lp_package_close(package);
	return refuse(json, path, why ? why : strerror(-result));
}

void lp_package_close(struct lp_package *package)
{
	if (package->fd >= 0)
		close(package->fd);
	if (package->info)
		lp_info_destroy(package->info);
	free(package->seen);
	*package = (struct lp_package){ .fd = -1 };
}

static void format_hex(char *text, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	text[2 * size] = '\0';
}

static bool is_wanted(const struct lp_info *info, pid_t pid, const struct lp_mapping *mapping)
{
	uint8_t id[LP_ELF_BUILD_ID_MAX];
	char hex[2 * LP_ELF_BUILD_ID_MAX + 1];
	int size = lp_mapping_build_id(pid, mapping, id);

	if (size <= 0)
		return false;
	format_hex(hex, id, (size_t)size);
	for (size_t i = 0; i < info->n_objects; i++)
		if (!strcmp(info->objects[i].build_id, hex))
			return true;
	return false;
}

static void remember(struct lp_package *package, const struct lp_mapping *mapping, bool fits)
{
	struct lp_seen_file *grown = reallocarray(package->seen, package->n_seen + 1,
						  sizeof(*grown));

	if (!grown)
		return; /* it is looked at again */
	package->seen = grown;
	grown[package->n_seen++] = (struct lp_seen_file){ mapping->major, mapping->minor,
							  mapping->inode, fits };
}

/* A machine has hundreds of processes that map the same files: each is opened once. */
static bool looks_right(void *context, const struct lp_mapping *mapping)
{
	struct look *look = context;
	struct lp_package *package = look->package;
	bool fits;

	if (!mapping->executable || !mapping->inode)
		return false;
	for (size_t i = 0; i < package->n_seen; i++)
		if (package->seen[i].inode == mapping->inode &&
		    package->seen[i].major == mapping->major &&
		    package->seen[i].minor == mapping->minor)
			return package->seen[i].fits;
	fits = is_wanted(package->info, look->pid, mapping);
	remember(package, mapping, fits);
	return fits;
}

bool lp_package_fits(pid_t pid, void *package)
{
	struct look look = { package, pid };

	return lp_maps_walk(pid, looks_right, &look) == 1;
}

void lp_package_request(const struct lp_package *package, const struct lp_options *options,
			uint32_t flags, struct suture_apply *payload, struct lp_request *request)
{
	*payload = (struct suture_apply){
		.flags = flags |
			 (options->replace_conflicting ? SUTURE_APPLY_REPLACE_CONFLICTING : 0) |
			 (options->override ? SUTURE_APPLY_OVERRIDE : 0) |
			 (options->no_undo ? SUTURE_APPLY_NO_UNDO : 0),
		.timeout_ms = options->timeout_ms,
		.on_timeout = options->on_timeout,
	};
	*request = (struct lp_request){
		.type = SUTURE_APPLY,
		.payload = payload,
		.payload_size = sizeof(*payload),
		.string = package->name,
		.fd = package->fd,
		.has_fd = true,
	};
}
