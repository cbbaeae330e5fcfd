// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mosquitto.c - threads with a client of libmosquitto each, which publish to themselves, with
 * properties, and connect anew from time to time.
 *
 *	mosquitto COUNTS PORT
 */
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "count.h"

static int port;

struct peer {
	struct mosquitto *client;
	char topic[32];
	char payload[64]; /* what was received last */
	bool subscribed;
};

static void on_connect(struct mosquitto *client, void *user, int code, int flags,
		       const mosquitto_property *properties)
{
	struct peer *peer = user;

	(void)flags;
	(void)properties;
	if (code)
		count_error("connect: %d", code);
	mosquitto_subscribe_v5(client, NULL, peer->topic, 1, 0, NULL);
}

static void on_subscribe(struct mosquitto *client, void *user, int id, int count, const int *qos,
			 const mosquitto_property *properties)
{
	(void)client;
	(void)id;
	(void)properties;
	((struct peer *)user)->subscribed = count == 1 && qos[0] == 1;
}

static void on_message(struct mosquitto *client, void *user,
		       const struct mosquitto_message *message,
		       const mosquitto_property *properties)
{
	struct peer *peer = user;
	char *name = NULL, *value = NULL;

	(void)client;
	mosquitto_property_read_string_pair(properties, MQTT_PROP_USER_PROPERTY, &name, &value,
					    false);
	if (name && value && !strcmp(name, "key") && !strcmp(value, "value"))
		snprintf(peer->payload, sizeof(peer->payload), "%.*s", message->payloadlen,
			 (const char *)message->payload);
	free(name);
	free(value);
}

/* Lets the client work until the condition holds, for at most ten seconds. */
#define work_until(peer, condition)                                                                \
	for (int tries_ = 0; tries_ < 500 && !(condition); tries_++) {                             \
		if (mosquitto_loop((peer)->client, 20, 1) != MOSQ_ERR_SUCCESS)                     \
			break;                                                                     \
	}

static void publish(struct peer *peer, unsigned round, int qos)
{
	mosquitto_property *properties = NULL;
	char payload[64];
	int length = snprintf(payload, sizeof(payload), "round %u", round);

	mosquitto_property_add_string_pair(&properties, MQTT_PROP_USER_PROPERTY, "key", "value");
	mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "text/plain");
	mosquitto_publish_v5(peer->client, NULL, peer->topic, length, payload, qos, false,
			     properties);
	mosquitto_property_free_all(&properties);
	work_until(peer, !strcmp(peer->payload, payload));
	count_check(!strcmp(peer->payload, payload));
}

static void work(int number)
{
	struct peer peer = { 0 };

	snprintf(peer.topic, sizeof(peer.topic), "host/%d", number);
	peer.client = mosquitto_new(NULL, true, &peer);
	mosquitto_int_option(peer.client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_connect_v5_callback_set(peer.client, on_connect);
	mosquitto_subscribe_v5_callback_set(peer.client, on_subscribe);
	mosquitto_message_v5_callback_set(peer.client, on_message);
	if (mosquitto_connect(peer.client, "127.0.0.1", port, 60) == MOSQ_ERR_SUCCESS) {
		work_until(&peer, peer.subscribed);
		for (unsigned i = 0; i < 200 && count_running(); i++)
			publish(&peer, i, (int)(i % 3));
		mosquitto_disconnect(peer.client);
		work_until(&peer, false);
	} else {
		count_error("cannot connect: %m");
	}
	mosquitto_destroy(peer.client);
}

int main(int argc, char **argv)
{
	count_require(argc == 3);
	port = atoi(argv[2]);
	mosquitto_lib_init();
	return count_run(argv[1], 3, work);
}
