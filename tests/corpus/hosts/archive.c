// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * archive.c - threads that read archives with libarchive and write their own.
 *
 *	archive COUNTS DIR
 *
 * DIR holds the archives of libarchive's own tests, in uuencode. Each must read as it did at the
 * start of the process, however it is opened, whether its data is read, skipped or sought in. A
 * further archive of each thread has no end, and stays open.
 */
#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include "count.h"

#define VOLUMES_MAX 6
#define ENTRIES_MAX 400
#define OWN_FILES 12
#define OWN_SIZE 20000
#define OWN_ARCHIVE_MAX (2 << 20)
#define BLOCK 10240

struct sample {
	const char *
		name; /* without ".uu"; of a set of volumes: the text before and after the number */
	const char *after; /* NULL: one volume */
	int volumes;
	bool seek; /* its data can be sought in */
};

enum way { BY_NAME, BY_FD, BY_STREAM, BY_MEMORY, N_WAYS };
enum use { READ, SKIP, SEEK, N_USES };

static const struct sample samples[] = {
	{ "test_read_format_rar.rar", NULL, 1, true },
	{ "test_read_format_rar_binary_data.rar", NULL, 1, false },
	{ "test_read_format_rar_compress_best.rar", NULL, 1, false },
	{ "test_read_format_rar_compress_normal.rar", NULL, 1, false },
	{ "test_read_format_rar_filter.rar", NULL, 1, false },
	{ "test_read_format_rar_multi_lzss_blocks.rar", NULL, 1, false },
	{ "test_read_format_rar_ppmd_lzss_conversion.rar", NULL, 1, false },
	{ "test_read_format_rar_unicode.rar", NULL, 1, false },
	{ "test_read_format_rar_multivolume.part", ".rar", 4, false },
	{ "test_rar_multivolume_uncompressed_files.part", ".rar", 6, true },
	{ "test_read_format_rar5_arm.rar", NULL, 1, false },
	{ "test_read_format_rar5_blake2.rar", NULL, 1, false },
	{ "test_read_format_rar5_compressed.rar", NULL, 1, false },
	{ "test_read_format_rar5_multiple_files_solid.rar", NULL, 1, false },
	{ "test_read_format_rar5_stored_manyfiles.rar", NULL, 1, false },
	{ "test_read_format_rar5_win32.rar", NULL, 1, false },
	{ "test_read_format_warc.warc", NULL, 1, false },
	{ "test_read_format_iso_zisofs.iso.Z", NULL, 1, false },
	{ "test_read_format_iso_rockridge_new.iso.Z", NULL, 1, false },
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static const char *test_dir;
static char own_dir[4096];
static uint64_t expected[N_SAMPLES][N_USES];

/* --- names --- */

static int digits(const struct sample *sample)
{
	return strstr(sample->name, "uncompressed") ? 2 : 4;
}

/* The name of a volume in our folder, or in that of the tests; numbers begin with 1. */
static void volume_path(const struct sample *sample, int number, bool own, char out[4096])
{
	char volume[512];

	if (sample->after)
		snprintf(volume, sizeof(volume), "%s%0*d%s", sample->name, digits(sample), number,
			 sample->after);
	else
		snprintf(volume, sizeof(volume), "%s", sample->name);
	if (own)
		snprintf(out, 4096, "%.3000s/%s", own_dir, volume);
	else
		snprintf(out, 4096, "%.3000s/%s.uu", test_dir, volume);
}

static struct archive *create_reader(void)
{
	struct archive *archive = archive_read_new();

	archive_read_support_format_all(archive);
	archive_read_support_filter_all(archive);
	return archive;
}

static void decode(const struct sample *sample, int number)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	char from[4096], to[4096];
	int fd;

	volume_path(sample, number, false, from);
	volume_path(sample, number, true, to);
	archive_read_support_format_raw(archive);
	archive_read_support_filter_uu(archive);
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	count_require(fd >= 0);
	count_require(archive_read_open_filename(archive, from, BLOCK) == ARCHIVE_OK);
	count_require(archive_read_next_header(archive, &entry) == ARCHIVE_OK);
	count_require(archive_read_data_into_fd(archive, fd) == ARCHIVE_OK);
	archive_read_free(archive);
	close(fd);
}

/* --- what an archive says --- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (; length >= 8; at += 8, length -= 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	while (length--)
		hash = (hash ^ *at++) * 0x100000001b3u;
	return hash;
}

static uint64_t mix_number(uint64_t hash, int64_t number)
{
	return mix(hash, &number, sizeof(number));
}

static uint64_t mix_data(struct archive *archive, uint64_t hash)
{
	char buffer[5000];
	la_ssize_t length;

	while ((length = archive_read_data(archive, buffer, sizeof(buffer))) > 0)
		hash = mix(hash, buffer, (size_t)length);
	return mix_number(hash, length);
}

static uint64_t mix_sought(struct archive *archive, int64_t size, uint64_t hash)
{
	const int64_t places[] = { size / 2, 0, size / 3, size - 1 };
	char buffer[100];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		hash = mix_number(hash, archive_seek_data(archive, places[i], SEEK_SET));
		hash = mix_number(hash, archive_read_data(archive, buffer, sizeof(buffer)));
		hash = mix(hash, buffer, 1);
	}
	hash = mix_number(hash, archive_seek_data(archive, -5, SEEK_END));
	return mix_data(archive, hash);
}

/* A number for all of it; 0: there is nothing in it. */
static uint64_t describe(struct archive *archive, const struct sample *sample, enum use use)
{
	struct archive_entry *entry;
	uint64_t hash = 1;
	int status, count;

	for (count = 0; count < ENTRIES_MAX; count++) {
		const char *name;
		int64_t size;

		status = archive_read_next_header(archive, &entry);
		hash = mix_number(hash, status);
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			break;
		name = archive_entry_pathname(entry);
		size = archive_entry_size(entry);
		hash = mix(hash, name ? name : "", name ? strlen(name) : 0);
		hash = mix_number(mix_number(hash, size), archive_entry_mode(entry));
		if (use == READ)
			hash = mix_data(archive, hash);
		else if (use == SEEK && sample->seek && size > 10)
			hash = mix_sought(archive, size, hash);
	}
	return count && status == ARCHIVE_EOF ? hash : 0;
}

static void *read_file(const char *path, size_t *length)
{
	struct stat status;
	FILE *file = fopen(path, "re");
	char *bytes;

	count_require(file && !fstat(fileno(file), &status));
	*length = (size_t)status.st_size;
	bytes = malloc(*length + 1);
	count_require(bytes && fread(bytes, 1, *length, file) == *length);
	fclose(file);
	return bytes;
}

static int open_volumes(struct archive *archive, const struct sample *sample)
{
	char paths[VOLUMES_MAX][4096];
	const char *names[VOLUMES_MAX + 1] = { NULL };

	for (int i = 0; i < sample->volumes; i++) {
		volume_path(sample, i + 1, true, paths[i]);
		names[i] = paths[i];
	}
	return archive_read_open_filenames(archive, names, BLOCK);
}

static uint64_t describe_by(const struct sample *sample, enum way way, enum use use)
{
	struct archive *archive = create_reader();
	void *bytes = NULL;
	FILE *stream = NULL;
	size_t length;
	char path[4096];
	uint64_t hash = 0;
	int fd = -1, status;

	volume_path(sample, 1, true, path);
	if (sample->after || way == BY_NAME) {
		status = open_volumes(archive, sample);
	} else if (way == BY_FD) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		status = archive_read_open_fd(archive, fd, BLOCK);
	} else if (way == BY_STREAM) {
		stream = fopen(path, "re");
		status = archive_read_open_FILE(archive, stream);
	} else {
		bytes = read_file(path, &length);
		status = archive_read_open_memory(archive, bytes, length);
	}
	if (status == ARCHIVE_OK)
		hash = describe(archive, sample, use);
	archive_read_free(archive);
	if (stream)
		fclose(stream);
	if (fd >= 0)
		close(fd);
	free(bytes);
	return hash;
}

static void prepare(void)
{
	count_require(!mkdir(own_dir, 0700) || errno == EEXIST);
	for (size_t i = 0; i < N_SAMPLES; i++) {
		for (int volume = 1; volume <= samples[i].volumes; volume++)
			decode(&samples[i], volume);
		for (enum use use = 0; use < N_USES; use++)
			expected[i][use] = describe_by(&samples[i], BY_NAME, use);
		if (!expected[i][READ]) {
			fprintf(stderr, "archive: %s cannot be read\n", samples[i].name);
			exit(2);
		}
	}
}

static void read_samples(unsigned round)
{
	for (unsigned i = 0; i < N_SAMPLES && count_running(); i++) {
		const struct sample *sample = &samples[(i + round) % N_SAMPLES];
		size_t number = (size_t)(sample - samples);
		enum way way = (round + i) % N_WAYS;

		for (enum use use = 0; use < N_USES; use++) {
			if (use == SEEK && way == BY_STREAM)
				continue; /* streams cannot be sought in */
			if (describe_by(sample, way, use) == expected[number][use])
				count_ok();
			else
				count_error("%s, way %d, use %d: it reads another way than before",
					    sample->name, way, use);
		}
	}
}

/* --- archives of our own --- */

struct format {
	int (*set)(struct archive *);
	int (*filter)(struct archive *);
	const char *options;
};

static const struct format formats[] = {
	{ archive_write_set_format_ustar, archive_write_add_filter_gzip,
	  "gzip:compression-level=1" },
	{ archive_write_set_format_pax, archive_write_add_filter_zstd, "zstd:compression-level=1" },
	{ archive_write_set_format_gnutar, archive_write_add_filter_bzip2, NULL },
	{ archive_write_set_format_zip, archive_write_add_filter_none, NULL },
	{ archive_write_set_format_7zip, archive_write_add_filter_none,
	  "7zip:compression=deflate" },
	{ archive_write_set_format_cpio, archive_write_add_filter_lz4, NULL },
	{ archive_write_set_format_iso9660, archive_write_add_filter_none,
	  "iso9660:zisofs=direct" },
	{ archive_write_set_format_warc, archive_write_add_filter_none, NULL },
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

static void fill(char *bytes, size_t length, unsigned seed)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)('a' + (i / 50 * seed + i % 7) % 26);
}

static size_t own_size(unsigned file)
{
	return file * file * OWN_SIZE / OWN_FILES / OWN_FILES + 1;
}

static size_t write_own(const struct format *format, char *out, unsigned seed)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char bytes[OWN_SIZE], name[64];
	size_t used = 0;
	bool good;

	format->set(archive);
	format->filter(archive);
	archive_write_set_options(archive, format->options);
	good = archive_write_open_memory(archive, out, OWN_ARCHIVE_MAX, &used) == ARCHIVE_OK;
	for (unsigned i = 0; i < OWN_FILES && good; i++) {
		la_ssize_t length = (la_ssize_t)own_size(i);

		archive_entry_clear(entry);
		snprintf(name, sizeof(name), "folder/file%u", i);
		archive_entry_set_pathname(entry, name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0640);
		archive_entry_set_size(entry, length);
		fill(bytes, (size_t)length, seed + i);
		good = archive_write_header(archive, entry) == ARCHIVE_OK &&
		       archive_write_data(archive, bytes, (size_t)length) == length;
	}
	good = good && archive_write_close(archive) == ARCHIVE_OK;
	if (!good)
		count_error("writing %s: %s", archive_format_name(archive),
			    archive_error_string(archive));
	archive_entry_free(entry);
	archive_write_free(archive);
	return good ? used : 0;
}

static bool same_data(struct archive *archive, unsigned file, unsigned seed)
{
	char have[OWN_SIZE + 1], want[OWN_SIZE];
	size_t size = own_size(file);

	fill(want, size, seed + file);
	return archive_read_data(archive, have, sizeof(have)) == (la_ssize_t)size &&
	       !memcmp(have, want, size);
}

/* The number of files that are right; every second one is skipped. */
static unsigned read_own(struct archive *archive, unsigned seed, unsigned skipped)
{
	struct archive_entry *entry;
	unsigned file, count = 0;

	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		name = name ? strstr(name, "folder/file") : NULL;
		if (!name || sscanf(name, "folder/file%u", &file) != 1 || file >= OWN_FILES)
			continue;
		if (archive_entry_size(entry) == (int64_t)own_size(file) &&
		    (file % 2 == skipped || same_data(archive, file, seed)))
			count++;
	}
	return count;
}

static void write_and_read(unsigned round)
{
	const struct format *format = &formats[round % N_FORMATS];
	char *bytes = malloc(OWN_ARCHIVE_MAX);
	struct archive *archive = create_reader();
	size_t length = write_own(format, bytes, round);

	if (length && archive_read_open_memory(archive, bytes, length) == ARCHIVE_OK) {
		unsigned count = read_own(archive, round, round / N_FORMATS % 2);

		if (count == OWN_FILES)
			count_ok();
		else
			count_error("%s: %u files are right", archive_format_name(archive), count);
	}
	archive_read_free(archive);
	free(bytes);
}

/* --- one that has no end --- */

struct endless {
	struct archive *archive;
	unsigned written, read;
	char block[BLOCK];
};

/* A header and a block of data for each file, in the old format. */
static la_ssize_t next_block(struct archive *archive, void *user, const void **out)
{
	struct endless *endless = user;
	unsigned sum = 0;

	(void)archive;
	memset(endless->block, 0, BLOCK);
	for (char *at = endless->block; at < endless->block + BLOCK; at += 1024, sum = 0) {
		snprintf(at, 100, "endless/%u", endless->written);
		memcpy(at + 100, "0000644", 8);
		memcpy(at + 108, "0000000", 8);
		memcpy(at + 116, "0000000", 8);
		snprintf(at + 124, 12, "%011o", 10 + endless->written % 500);
		memcpy(at + 136, "14000000000", 12);
		memset(at + 148, ' ', 8);
		at[156] = '0';
		for (int i = 0; i < 512; i++)
			sum += (unsigned char)at[i];
		snprintf(at + 148, 7, "%06o", sum);
		memset(at + 512, 'x', 10 + endless->written++ % 500);
	}
	*out = endless->block;
	return BLOCK;
}

static struct endless *create_endless(void)
{
	struct endless *endless = calloc(1, sizeof(*endless));

	endless->archive = create_reader();
	count_require(archive_read_open(endless->archive, endless, NULL, next_block, NULL) ==
		      ARCHIVE_OK);
	return endless;
}

static void read_endless(struct endless *endless)
{
	struct archive_entry *entry;
	char name[32], data[1024];

	for (int i = 0; i < 50; i++, endless->read++) {
		unsigned size = 10 + endless->read % 500;

		snprintf(name, sizeof(name), "endless/%u", endless->read);
		if (!count_check(archive_read_next_header(endless->archive, &entry) == ARCHIVE_OK))
			return;
		count_check(!strcmp(archive_entry_pathname(entry), name) &&
			    archive_entry_size(entry) == size &&
			    archive_entry_mtime(entry) == 0x60000000);
		if (endless->read % 3)
			count_check(archive_read_data(endless->archive, data, sizeof(data)) ==
				    (la_ssize_t)size);
	}
}

static void work(int number)
{
	static _Thread_local struct endless *endless;
	static _Thread_local unsigned round;

	if (!endless)
		endless = create_endless();
	read_endless(endless);
	read_samples(round + (unsigned)number * 5);
	for (size_t i = 0; i < N_FORMATS && count_running(); i++)
		write_and_read(round * N_FORMATS + (unsigned)i);
	round++;
}

int main(int argc, char **argv)
{
	count_require(argc == 3);
	test_dir = argv[2];
	snprintf(own_dir, sizeof(own_dir), "%s.samples", argv[1]);
	prepare();
	return count_run(argv[1], 3, work);
}
