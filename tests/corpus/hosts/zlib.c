// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * zlib.c - threads that compress with all levels and strategies and read the result back, in pieces,
 * with streams that live on from operation to operation, copies of streams, and gzip headers.
 */
#include <zlib.h>

#include "count.h"

#define DATA_SIZE 200000
#define PACKED_SIZE (DATA_SIZE + DATA_SIZE / 8 + 1024)

static const int strategies[] = { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED };

/* Words, runs and noise. */
static void fill(unsigned char *data, size_t size, unsigned seed)
{
	size_t at = 0;

	while (at < size) {
		unsigned choice = (unsigned)rand_r(&seed), length = choice / 8 % 60 + 1;

		for (; length && at < size; length--)
			data[at++] = choice % 3 == 0 ?
					     (unsigned char)rand_r(&seed) :
				     choice % 3 == 1 ?
					     'a' :
					     (unsigned char)"the live patch "[length % 15];
	}
}

/* The whole input in pieces; a copy takes over in the middle. Its length, 0: it went wrong. */
static size_t pack(z_stream *stream, const unsigned char *data, unsigned char *packed, size_t piece)
{
	z_stream copy;
	int status = Z_OK;

	stream->next_out = packed;
	stream->avail_out = PACKED_SIZE;
	for (size_t at = 0; at < DATA_SIZE; at += piece) {
		bool last = at + piece >= DATA_SIZE;

		stream->next_in = (unsigned char *)data + at;
		stream->avail_in = (uInt)(last ? DATA_SIZE - at : piece);
		status = deflate(stream, last ? Z_FINISH : at % 3 ? Z_NO_FLUSH : Z_SYNC_FLUSH);
		if (status != (last ? Z_STREAM_END : Z_OK) || stream->avail_in)
			return 0;
		if (at == 5 * piece) {
			if (deflateCopy(&copy, stream) != Z_OK)
				return 0;
			deflateEnd(&copy);
		}
	}
	return PACKED_SIZE - stream->avail_out;
}

static bool unpack(z_stream *stream, const unsigned char *packed, size_t length,
		   unsigned char *data, size_t piece)
{
	int status = Z_OK;

	stream->next_out = data;
	stream->avail_out = DATA_SIZE;
	for (size_t at = 0; at < length && status == Z_OK; at += piece) {
		stream->next_in = (unsigned char *)packed + at;
		stream->avail_in = (uInt)(at + piece >= length ? length - at : piece);
		status = inflate(stream, Z_NO_FLUSH);
	}
	return status == Z_STREAM_END && !stream->avail_out;
}

struct streams {
	z_stream out, in;
	gz_header header, seen;
	unsigned char extra[64], seen_extra[64], seen_name[64], seen_comment[64];
	bool gzip;
};

static void open_streams(struct streams *streams, int level, int strategy, bool gzip)
{
	memset(streams, 0, sizeof(*streams));
	streams->gzip = gzip;
	count_require(deflateInit2(&streams->out, level, Z_DEFLATED, gzip ? 31 : 15, 8, strategy) ==
		      Z_OK);
	count_require(inflateInit2(&streams->in, gzip ? 31 : 15) == Z_OK);
}

static void ask_for_header(struct streams *streams)
{
	if (!streams->gzip)
		return;
	memset(streams->extra, 'e', sizeof(streams->extra));
	streams->header = (gz_header){ .extra = streams->extra,
				       .extra_len = 40,
				       .name = (Bytef *)"a name",
				       .comment = (Bytef *)"a comment" };
	streams->seen = (gz_header){ .extra = streams->seen_extra,
				     .extra_max = sizeof(streams->seen_extra),
				     .name = streams->seen_name,
				     .name_max = sizeof(streams->seen_name),
				     .comment = streams->seen_comment,
				     .comm_max = sizeof(streams->seen_comment) };
	count_require(deflateSetHeader(&streams->out, &streams->header) == Z_OK);
	count_require(inflateGetHeader(&streams->in, &streams->seen) == Z_OK);
}

static bool header_is_right(const struct streams *streams)
{
	return !streams->gzip || (streams->seen.done == 1 && streams->seen.extra_len == 40 &&
				  !memcmp(streams->seen_extra, streams->extra, 40) &&
				  !strcmp((const char *)streams->seen_name, "a name") &&
				  !strcmp((const char *)streams->seen_comment, "a comment"));
}

static void round_trip(struct streams *streams, unsigned seed, unsigned char *data,
		       unsigned char *packed, unsigned char *again)
{
	size_t length;

	fill(data, DATA_SIZE, seed);
	ask_for_header(streams);
	length = pack(&streams->out, data, packed, 1000 + seed * 7919 % 50000);
	memset(again, 0, DATA_SIZE);
	if (!length)
		count_error("deflate: %s", streams->out.msg ? streams->out.msg : "?");
	else if (!unpack(&streams->in, packed, length, again, 1 + seed * 104729 % 9000))
		count_error("inflate: %s", streams->in.msg ? streams->in.msg : "?");
	else if (memcmp(data, again, DATA_SIZE) != 0 || !header_is_right(streams))
		count_error("not what was compressed");
	else
		count_ok();
	deflateReset(&streams->out);
	inflateReset(&streams->in);
}

static void work(int number)
{
	static _Thread_local unsigned round;
	unsigned char *data = malloc(DATA_SIZE), *packed = malloc(PACKED_SIZE);
	unsigned char *again = malloc(DATA_SIZE);
	struct streams streams;

	round++;
	open_streams(&streams, (int)(round % 10), strategies[round / 3 % 5], (number + round) % 2);
	for (unsigned i = 0; i < 12 && count_running(); i++) {
		round_trip(&streams, round * 16 + i + (unsigned)number, data, packed, again);
		if (i % 4 == 3)
			deflateParams(&streams.out, (int)((round + i) % 10), strategies[i / 4]);
		deflateReset(&streams.out);
	}
	deflateEnd(&streams.out);
	inflateEnd(&streams.in);
	free(again);
	free(packed);
	free(data);
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	return count_run(argv[1], 3, work);
}
