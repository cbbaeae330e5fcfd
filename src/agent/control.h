/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control.h (agent) - the agent's side of the control channel: the published pair, the clients,
 * and packets in and out. Knows nothing of what requests mean. Agent's thread only.
 */
#ifndef LP_AGENT_CONTROL_H
#define LP_AGENT_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <suture/control.h>

#include "json.h"

#define LP_CLIENTS_MAX 32

struct lp_client {
	int fd; /* -1: free */
	uint64_t wait_until_ns; /* SUTURE_WAIT is to be answered then at the latest; 0: none */
};

/* A request as it came in. */
struct lp_request {
	struct lp_client *client;
	enum suture_type type;
	const uint8_t *payload; /* terminated by a NUL that is not counted */
	uint32_t size;
	int fd; /* attached descriptor, or -1; closed after the handler returns */
};

/* Called for each request but SUTURE_HELLO. */
typedef void (*lp_control_handler)(void *context, const struct lp_request *request);

/* Takes over both ends of the pair and publishes it. 0 or a negative errno. */
int lp_control_init(int agent_fd, int client_fd);
void lp_control_deinit(void);

/*
 * Waits at most timeout_ns (LP_FOREVER_NS: until something comes; at most 2 s are slept, so that a
 * pair closed by the program is noticed) and handles what came in.
 */
void lp_control_wait(uint64_t timeout_ns, lp_control_handler handler, void *context);

/* Answers; a client that does not take it is dropped. */
void lp_control_reply(struct lp_client *client, enum suture_type type, int status,
		      const struct lp_json *json);

/* Iterates over connected clients: NULL for the first. */
struct lp_client *lp_control_next(struct lp_client *client);

#endif
