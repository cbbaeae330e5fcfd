/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "json.h"

#include <string.h>

#include "alloc.h"

static bool reserve(struct lp_json *json, size_t more)
{
	size_t capacity = json->capacity ? json->capacity : 1024;
	char *text;

	if (json->failed)
		return false;
	if (json->size + more <= json->capacity)
		return true;
	while (capacity < json->size + more)
		capacity *= 2;
	text = lp_alloc(capacity);
	if (!text) {
		json->failed = true;
		return false;
	}
	if (json->size)
		memcpy(text, json->text, json->size);
	lp_free(json->text);
	json->text = text;
	json->capacity = capacity;
	return true;
}

static void put(struct lp_json *json, const char *bytes, size_t size)
{
	if (!reserve(json, size))
		return;
	memcpy(json->text + json->size, bytes, size);
	json->size += size;
}

static void put_quoted(struct lp_json *json, const char *value)
{
	static const char digits[] = "0123456789abcdef";

	put(json, "\"", 1);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		char escape[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

		if (c == '"' || c == '\\') {
			put(json, "\\", 1);
			put(json, value, 1);
		} else if (c < 0x20 || c >= 0x7f) { /* names are printable ASCII */
			put(json, escape, 6);
		} else {
			put(json, value, 1);
		}
	}
	put(json, "\"", 1);
}

static void put_unsigned(struct lp_json *json, uint64_t value, int width)
{
	char digits[24];
	int n = sizeof(digits);

	do
		digits[--n] = (char)('0' + value % 10);
	while ((value /= 10) || (int)sizeof(digits) - n < width);
	put(json, digits + n, sizeof(digits) - (size_t)n);
}

static void begin(struct lp_json *json, const char *key)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
	if (key) {
		put_quoted(json, key);
		put(json, ":", 1);
	}
}

void lp_json_deinit(struct lp_json *json)
{
	lp_free(json->text);
	memset(json, 0, sizeof(*json));
}

void lp_json_open(struct lp_json *json, const char *key, char bracket)
{
	begin(json, key);
	put(json, &bracket, 1);
	json->comma = false;
}

void lp_json_close(struct lp_json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

void lp_json_string(struct lp_json *json, const char *key, const char *value)
{
	if (!value) {
		lp_json_null(json, key);
		return;
	}
	begin(json, key);
	put_quoted(json, value);
}

void lp_json_number(struct lp_json *json, const char *key, int64_t value)
{
	begin(json, key);
	if (value < 0)
		put(json, "-", 1);
	put_unsigned(json, value < 0 ? -(uint64_t)value : (uint64_t)value, 0);
}

void lp_json_bool(struct lp_json *json, const char *key, bool value)
{
	begin(json, key);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void lp_json_null(struct lp_json *json, const char *key)
{
	begin(json, key);
	put(json, "null", 4);
}

void lp_json_seconds(struct lp_json *json, const char *key, uint64_t ns)
{
	begin(json, key);
	put_unsigned(json, ns / 1000000000ull, 0);
	put(json, ".", 1);
	put_unsigned(json, ns % 1000000000ull, 9);
}

void lp_json_hex(struct lp_json *json, const char *key, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	begin(json, key);
	put(json, "\"", 1);
	for (size_t i = 0; i < size; i++) {
		put(json, &digits[bytes[i] >> 4], 1);
		put(json, &digits[bytes[i] & 15], 1);
	}
	put(json, "\"", 1);
}
