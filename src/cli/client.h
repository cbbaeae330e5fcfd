/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client.h - a conversation with the agent of one process: one request, one reply, in order.
 *
 * After a failure the connection is closed: a late reply must not be taken for the next one. The
 * texts come out of the target and are not trusted: lengths are checked, and parsing is bounded.
 */
#ifndef LP_CLI_CLIENT_H
#define LP_CLI_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <jansson.h>

#include "inject/inject.h"

#define LP_REPLY_TIMEOUT_MS 30000
#define LP_REPLY_TEXT_MAX (64u << 20)

struct lp_client {
	pid_t pid;
	int fd; /* -1: not connected */
};

struct lp_request {
	uint16_t type; /* enum suture_type */
	const void *payload; /* the struct of the type, or NULL */
	size_t payload_size;
	const char *string; /* follows the payload with its NUL; NULL: none */
	int fd; /* attached; used if has_fd */
	bool has_fd;
	unsigned int timeout_ms; /* for it and the reply; 0: LP_REPLY_TIMEOUT_MS */
};

struct lp_reply {
	int status; /* enum lp_exit */
	json_t *json; /* an object; the caller's to json_decref() */
};

/* 0 or a negative errno with *error; -ENOENT: no agent. */
int lp_client_connect(struct lp_client *client, pid_t pid, struct lp_inject_error *error);
void lp_client_disconnect(struct lp_client *client);

/*
 * Sends and waits for the reply. 0 with *reply, whatever its status; or a negative errno with
 * *error: -ETIMEDOUT, -ECONNRESET (the process ended), -EPROTO (not a valid reply), ...
 */
int lp_client_request(struct lp_client *client, const struct lp_request *request,
		      struct lp_reply *reply, struct lp_inject_error *error);

/* Parses a text of a reply; an empty one is {}. NULL: not a JSON object. */
json_t *lp_reply_parse(const char *text, size_t length);

#endif
