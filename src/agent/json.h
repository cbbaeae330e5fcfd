/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json.h - writing JSON text into memory of the agent's. Commas are put in by itself. When memory
 * ends the text is marked failed, and nothing more is added.
 */
#ifndef LP_AGENT_JSON_H
#define LP_AGENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_json {
	char *text;
	size_t size, capacity;
	bool failed;
	bool comma; /* one is due before the next value */
};

void lp_json_deinit(struct lp_json *json);

/* key NULL: inside an array, or the outermost value */
void lp_json_open(struct lp_json *json, const char *key, char bracket);
void lp_json_close(struct lp_json *json, char bracket);
void lp_json_string(struct lp_json *json, const char *key, const char *value); /* NULL: null */
void lp_json_number(struct lp_json *json, const char *key, int64_t value);
void lp_json_bool(struct lp_json *json, const char *key, bool value);
void lp_json_null(struct lp_json *json, const char *key);
void lp_json_seconds(struct lp_json *json, const char *key, uint64_t ns); /* with 9 decimals */
void lp_json_hex(struct lp_json *json, const char *key, const uint8_t *bytes, size_t size);

#endif
