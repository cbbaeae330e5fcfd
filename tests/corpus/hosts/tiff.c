// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tiff.c - threads that write images with libtiff in memory and read them back, in strips and tiles,
 * compressed in several ways, with names of inks, tags of their own and more than one directory.
 *
 *	tiff COUNTS
 *	tiff make FILE PAGES	writes a file of so many pages that compress well, for tools
 */
#include <tiffio.h>

#include "count.h"

#define SIZE 64
#define FILE_MAX (1 << 20)
#define OWN_TAG 65000
#define PAGE_SIZE 600

struct file {
	unsigned char *bytes;
	toff_t length, at;
};

static const uint16_t compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS,
					 COMPRESSION_ADOBE_DEFLATE };

/* --- a file in memory --- */

static tmsize_t file_read(thandle_t handle, void *data, tmsize_t size)
{
	struct file *file = handle;
	toff_t left = file->at < file->length ? file->length - file->at : 0;

	if ((toff_t)size > left)
		size = (tmsize_t)left;
	memcpy(data, file->bytes + file->at, (size_t)size);
	file->at += (toff_t)size;
	return size;
}

static tmsize_t file_write(thandle_t handle, void *data, tmsize_t size)
{
	struct file *file = handle;

	if (file->at + (toff_t)size > FILE_MAX)
		return -1;
	memcpy(file->bytes + file->at, data, (size_t)size);
	file->at += (toff_t)size;
	if (file->at > file->length)
		file->length = file->at;
	return size;
}

static toff_t file_seek(thandle_t handle, toff_t to, int from)
{
	struct file *file = handle;

	file->at = from == SEEK_SET ? to : from == SEEK_CUR ? file->at + to : file->length + to;
	return file->at;
}

static int file_close(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t file_size(thandle_t handle)
{
	return ((struct file *)handle)->length;
}

static TIFF *file_open(struct file *file, const char *mode)
{
	file->at = 0;
	if (*mode == 'w')
		file->length = 0;
	return TIFFClientOpen("memory", mode, file, file_read, file_write, file_seek, file_close,
			      file_size, NULL, NULL);
}

/* --- images --- */

static unsigned char sample(unsigned x, unsigned y, unsigned channel, unsigned round)
{
	return (unsigned char)(x * 3 + y * 5 + channel * 70 + round);
}

static void set_fields(TIFF *tiff, uint16_t photometric, uint16_t channels, uint16_t compression)
{
	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, SIZE);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, SIZE);
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric);
	TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
	TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
}

static bool write_strips(TIFF *tiff, uint16_t channels, unsigned round)
{
	unsigned char row[SIZE * 4];

	TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 10);
	for (unsigned y = 0; y < SIZE; y++) {
		for (unsigned i = 0; i < SIZE * channels; i++)
			row[i] = sample(i / channels, y, i % channels, round);
		if (TIFFWriteScanline(tiff, row, y, 0) != 1)
			return false;
	}
	return true;
}

static bool write_tiles(TIFF *tiff, uint16_t channels, unsigned round)
{
	unsigned char tile[32 * 32 * 4];

	TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
	TIFFSetField(tiff, TIFFTAG_TILELENGTH, 32);
	for (unsigned y = 0; y < SIZE; y += 32) {
		for (unsigned x = 0; x < SIZE; x += 32) {
			for (unsigned i = 0; i < 32u * 32 * channels; i++)
				tile[i] = sample(x + i / channels % 32, y + i / channels / 32,
						 i % channels, round);
			if (TIFFWriteTile(tiff, tile, x, y, 0, 0) < 0)
				return false;
		}
	}
	return true;
}

/* Two directories: RGB in strips or tiles, and four inks with names and a tag nobody knows. */
static bool write_file(struct file *file, unsigned round)
{
	static const char inks[] = "cyan\0magenta\0yellow\0black";
	static const TIFFFieldInfo own[] = { { OWN_TAG, -1, -1, TIFF_ASCII, FIELD_CUSTOM, 1, 0,
					       "Own" } };
	TIFF *tiff = file_open(file, round % 3 ? "w" : "w8");
	uint16_t compression = compressions[round % 4];
	bool good;

	set_fields(tiff, PHOTOMETRIC_RGB, 3, compression);
	TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, "an image");
	good = round % 2 ? write_tiles(tiff, 3, round) : write_strips(tiff, 3, round);
	good = good && TIFFWriteDirectory(tiff) == 1;
	TIFFMergeFieldInfo(tiff, own, 1);
	set_fields(tiff, PHOTOMETRIC_SEPARATED, 4, compression);
	TIFFSetField(tiff, TIFFTAG_INKSET, INKSET_CMYK);
	TIFFSetField(tiff, TIFFTAG_INKNAMES, sizeof(inks), inks);
	TIFFSetField(tiff, OWN_TAG, "of our own");
	good = good && write_strips(tiff, 4, round) && TIFFWriteDirectory(tiff) == 1;
	TIFFClose(tiff);
	return good;
}

static bool is_pixel(uint32_t pixel, unsigned x, unsigned y, unsigned round)
{
	return TIFFGetR(pixel) == sample(x, y, 0, round) &&
	       TIFFGetG(pixel) == sample(x, y, 1, round) &&
	       TIFFGetB(pixel) == sample(x, y, 2, round);
}

static bool read_rgb(TIFF *tiff, unsigned round)
{
	uint32_t *raster = calloc(SIZE * SIZE, sizeof(*raster));
	char *text = NULL;
	bool good;

	good = TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) == 1 &&
	       !strcmp(text, "an image") &&
	       TIFFReadRGBAImageOriented(tiff, SIZE, SIZE, raster, ORIENTATION_TOPLEFT, 1) == 1;
	for (unsigned i = 0; good && i < SIZE * SIZE; i += 17)
		good = is_pixel(raster[i], i % SIZE, i / SIZE, round);
	if (good && TIFFIsTiled(tiff)) /* tiles and strips come upside down */
		good = TIFFReadRGBATile(tiff, 32, 32, raster) == 1 &&
		       is_pixel(raster[31 * 32], 32, 32, round);
	else
		good = good && TIFFReadRGBAStrip(tiff, 10, raster) == 1 &&
		       is_pixel(raster[9 * SIZE + 3], 3, 10, round);
	free(raster);
	return good;
}

static bool read_inks(TIFF *tiff, unsigned round)
{
	unsigned char row[SIZE * 4];
	char *names = NULL, *own = NULL;
	uint16_t count = 0, length;

	return TIFFGetField(tiff, TIFFTAG_INKNAMES, &names) == 1 && !strcmp(names, "cyan") &&
	       TIFFGetField(tiff, TIFFTAG_NUMBEROFINKS, &count) == 1 && count == 4 &&
	       (TIFFGetField(tiff, OWN_TAG, &length, &own) == 1 ||
		TIFFGetField(tiff, OWN_TAG, &own)) &&
	       TIFFReadScanline(tiff, row, 20, 0) == 1 && row[4 * 9 + 3] == sample(9, 20, 3, round);
}

static bool read_file(struct file *file, unsigned round)
{
	TIFF *tiff = file_open(file, "r");
	bool good = tiff && TIFFNumberOfDirectories(tiff) == 2 && read_rgb(tiff, round) &&
		    TIFFReadDirectory(tiff) == 1 && read_inks(tiff, round) &&
		    TIFFReadDirectory(tiff) == 0 && TIFFSetDirectory(tiff, 0) == 1;

	if (tiff)
		TIFFClose(tiff);
	return good;
}

static void work(int number)
{
	static _Thread_local unsigned round;
	struct file file = { .bytes = malloc(FILE_MAX) };

	round++;
	count_check(write_file(&file, round + (unsigned)number));
	count_check(read_file(&file, round + (unsigned)number));
	free(file.bytes);
}

static int make(const char *path, unsigned pages)
{
	static unsigned char row[PAGE_SIZE * 3];
	TIFF *tiff = TIFFOpen(path, "w");

	count_require(tiff);
	for (unsigned i = 0; i < pages; i++) {
		memset(row, (int)i, sizeof(row));
		set_fields(tiff, PHOTOMETRIC_RGB, 3, COMPRESSION_LZW);
		TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, PAGE_SIZE);
		TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, PAGE_SIZE);
		TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, PAGE_SIZE);
		for (uint32_t y = 0; y < PAGE_SIZE; y++)
			count_require(TIFFWriteScanline(tiff, row, y, 0) == 1);
		count_require(TIFFWriteDirectory(tiff) == 1);
	}
	TIFFClose(tiff);
	return 0;
}

int main(int argc, char **argv)
{
	TIFFSetErrorHandler(NULL);
	TIFFSetWarningHandler(NULL);
	if (argc == 4 && !strcmp(argv[1], "make"))
		return make(argv[2], (unsigned)atoi(argv[3]));
	count_require(argc == 2);
	return count_run(argv[1], 3, work);
}
