// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * png.c - threads that write images of several kinds with libpng and read them back, with
 * transformations, palettes, texts and the simplified interface.
 */
#include <png.h>

#include "count.h"

#define WIDTH 61
#define HEIGHT 47
#define FILE_MAX 262144

struct file {
	unsigned char bytes[FILE_MAX];
	size_t length, at;
};

struct kind {
	int color, depth, interlace;
};

static const struct kind kinds[] = { { PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE },
				     { PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_ADAM7 },
				     { PNG_COLOR_TYPE_RGB_ALPHA, 16, PNG_INTERLACE_NONE },
				     { PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_ADAM7 },
				     { PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE } };

static void write_bytes(png_structp png, png_bytep data, png_size_t length)
{
	struct file *file = png_get_io_ptr(png);

	if (file->length + length > FILE_MAX)
		png_error(png, "too large");
	memcpy(file->bytes + file->length, data, length);
	file->length += length;
}

static void flush(png_structp png)
{
	(void)png;
}

static void read_bytes(png_structp png, png_bytep data, png_size_t length)
{
	struct file *file = png_get_io_ptr(png);

	if (file->at + length > file->length)
		png_error(png, "end of file");
	memcpy(data, file->bytes + file->at, length);
	file->at += length;
}

static void on_error(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static size_t row_size(const struct kind *kind)
{
	static const int channels[] = { [PNG_COLOR_TYPE_GRAY] = 1,
					[PNG_COLOR_TYPE_RGB] = 3,
					[PNG_COLOR_TYPE_PALETTE] = 1,
					[PNG_COLOR_TYPE_RGB_ALPHA] = 4 };

	return (size_t)WIDTH * (size_t)channels[kind->color] * (size_t)kind->depth / 8;
}

static void set_palette(png_structp png, png_infop info)
{
	png_color palette[256];
	png_byte alpha[256];

	for (int i = 0; i < 256; i++) {
		palette[i] = (png_color){ (png_byte)i, (png_byte)(255 - i), (png_byte)(i ^ 85) };
		alpha[i] = (png_byte)(i % 2 ? 255 : i);
	}
	png_set_PLTE(png, info, palette, 256);
	png_set_tRNS(png, info, alpha, 256, NULL);
}

static void set_text(png_structp png, png_infop info)
{
	png_text text[2] = {
		{ .compression = PNG_TEXT_COMPRESSION_NONE, .key = "Title", .text = "an image" },
		{ .compression = PNG_TEXT_COMPRESSION_zTXt,
		  .key = "Comment",
		  .text = "many words many words many words many words many words" }
	};

	png_set_text(png, info, text, 2);
}

static bool write_image(struct file *file, const struct kind *kind, png_bytepp rows)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error,
						  on_warning);
	png_infop info = png_create_info_struct(png);

	file->length = file->at = 0;
	if (setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		return false;
	}
	png_set_write_fn(png, file, write_bytes, flush);
	png_set_IHDR(png, info, WIDTH, HEIGHT, kind->depth, kind->color, kind->interlace,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (kind->color == PNG_COLOR_TYPE_PALETTE)
		set_palette(png, info);
	set_text(png, info);
	png_set_gAMA(png, info, 0.45455);
	png_set_rows(png, info, rows);
	png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
	png_destroy_write_struct(&png, &info);
	return true;
}

static void transform(png_structp png, png_infop info, const struct kind *kind, unsigned round)
{
	static const png_color palette[] = { { 0, 0, 0 },     { 255, 255, 255 }, { 255, 0, 0 },
					     { 0, 255, 0 },   { 0, 0, 255 },	 { 128, 128, 128 },
					     { 255, 255, 0 }, { 0, 255, 255 } };

	switch (round % 4) {
	case 1:
		png_set_expand(png);
		png_set_gray_to_rgb(png);
		png_set_strip_16(png);
		break;
	case 2:
		png_set_scale_16(png);
		png_set_palette_to_rgb(png);
		png_set_gamma(png, 2.2, 0.45455);
		break;
	case 3:
		if (kind->color == PNG_COLOR_TYPE_RGB)
			png_set_quantize(png, (png_colorp)palette, 8, 8, NULL, 1);
		png_set_alpha_mode(png, PNG_ALPHA_PREMULTIPLIED, 2.2);
		break;
	default:
		break;
	}
	png_read_update_info(png, info);
}

/* Texts are as they were; so are the samples, if they are not transformed. */
static bool read_image(struct file *file, const struct kind *kind, png_bytepp rows, unsigned round)
{
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	png_infop info = png_create_info_struct(png);
	png_bytep volatile pixels = NULL;
	png_bytep made[HEIGHT];
	png_textp text;
	volatile bool good;

	if (setjmp(png_jmpbuf(png))) {
		png_destroy_read_struct(&png, &info, NULL);
		free(pixels);
		return false;
	}
	png_set_read_fn(png, file, read_bytes);
	png_read_info(png, info);
	good = png_get_image_width(png, info) == WIDTH &&
	       png_get_text(png, info, &text, NULL) == 2 && !strcmp(text[0].text, "an image") &&
	       strlen(text[1].text) == 54;
	png_set_interlace_handling(png);
	transform(png, info, kind, round);
	pixels = calloc(HEIGHT, png_get_rowbytes(png, info));
	for (int y = 0; y < HEIGHT; y++)
		made[y] = pixels + (size_t)y * png_get_rowbytes(png, info);
	png_read_image(png, made);
	png_read_end(png, info);
	for (int y = 0; good && round % 4 == 0 && y < HEIGHT; y++)
		good = !memcmp(made[y], rows[y], row_size(kind));
	png_destroy_read_struct(&png, &info, NULL);
	free(pixels);
	return good;
}

/* The interface that needs no calls of setjmp(). */
static bool simplified(struct file *file, unsigned round)
{
	static const png_uint_32 formats[] = { PNG_FORMAT_RGBA, PNG_FORMAT_GRAY, PNG_FORMAT_BGR,
					       PNG_FORMAT_LINEAR_RGB_ALPHA,
					       PNG_FORMAT_RGBA_COLORMAP };
	png_image image = { .version = PNG_IMAGE_VERSION };
	png_alloc_size_t size = FILE_MAX;
	png_color background = { 1, 2, 3 };
	unsigned char *pixels, *written = malloc(FILE_MAX);
	png_uint_16 map[4 * 256 * 2];
	bool good;

	good = png_image_begin_read_from_memory(&image, file->bytes, file->length);
	image.format = formats[round % 5];
	pixels = malloc(PNG_IMAGE_SIZE(image));
	good = good && png_image_finish_read(&image, &background, pixels, 0, map) &&
	       image.width == WIDTH;
	good = good &&
	       png_image_write_to_memory(&image, written, &size, round % 2, pixels, 0, map) &&
	       size > 100 && !png_sig_cmp(written, 0, 8);
	png_image_free(&image);
	free(written);
	free(pixels);
	return good;
}

/* A file that is cut off is refused. */
static bool refuses(struct file *file, const struct kind *kind, png_bytepp rows)
{
	file->length /= 2;
	file->at = 0;
	return !read_image(file, kind, rows, 0);
}

static void work(int number)
{
	static _Thread_local unsigned round;
	const struct kind *kind = &kinds[(round + (unsigned)number) % 5];
	struct file *file = malloc(sizeof(*file));
	unsigned char *samples = malloc(HEIGHT * row_size(kind));
	png_bytep rows[HEIGHT];

	for (size_t i = 0; i < HEIGHT * row_size(kind); i++)
		samples[i] = (unsigned char)(i * i / 7 + round);
	for (int y = 0; y < HEIGHT; y++)
		rows[y] = samples + (size_t)y * row_size(kind);
	count_check(write_image(file, kind, rows));
	for (unsigned i = 0; i < 4; i++) {
		file->at = 0;
		count_check(read_image(file, kind, rows, i));
	}
	count_check(simplified(file, round));
	count_check(refuses(file, kind, rows));
	free(samples);
	free(file);
	round++;
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	return count_run(argv[1], 3, work);
}
