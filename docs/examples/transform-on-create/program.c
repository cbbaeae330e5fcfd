// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An upload server. Its rule: no upload that came as it was sent is refused. Its bug: those that
 * were damaged on their way are not refused either.
 *
 *	open		a new upload; its handle
 *	piece H TEXT	the next piece of it; its length
 *	damage H	a piece was damaged on its way
 *	close H		it is complete: "stored" or "refused"
 */
#include "../program.h"
#include "upload.h"

#define HANDLES 64
#define SLOTS 24

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct upload *pool; /* the one used last comes first */
static uint64_t last_number;

/* What a client knows of its upload. */
struct sending {
	pthread_mutex_t lock;
	struct upload *upload;
	uint32_t sum;
	int pieces;
	bool damaged;
};

static struct sending handles[HANDLES];
static int n_handles;
static struct sending slots[SLOTS] = {
	[0 ... SLOTS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};

ENTRY struct upload *upload_new(void)
{
	struct upload *upload;

	pthread_mutex_lock(&pool_lock);
	upload = pool;
	if (upload)
		pool = upload->next;
	else
		upload = malloc(sizeof(*upload));
	upload->number = ++last_number;
	pthread_mutex_unlock(&pool_lock);
	return upload;
}

ENTRY void upload_recycle(struct upload *upload)
{
	pthread_mutex_lock(&pool_lock);
	upload->next = pool;
	pool = upload;
	pthread_mutex_unlock(&pool_lock);
}

ENTRY struct upload *upload_open(void)
{
	struct upload *upload = upload_new();

	upload->length = 0;
	return upload;
}

ENTRY void upload_append(struct upload *upload, const char *data, size_t size)
{
	(void)data; /* stored somewhere */
	upload->length += size;
}

/* sum: of all of it, says the client. Was it stored? */
ENTRY bool upload_close(struct upload *upload, uint32_t sum)
{
	(void)sum;
	upload_recycle(upload);
	return true;
}

static void sending_open(struct sending *sending)
{
	sending->upload = upload_open();
	sending->sum = 0;
	sending->pieces = 0;
	sending->damaged = false;
}

static void sending_append(struct sending *sending, const char *data)
{
	sending->sum = sum_add(sending->sum, data, strlen(data));
	sending->pieces++;
	upload_append(sending->upload, data, strlen(data));
}

static bool sending_close(struct sending *sending)
{
	bool stored = upload_close(sending->upload, sending->sum ^ sending->damaged);

	sending->upload = NULL;
	if (!stored && !sending->damaged)
		violation();
	return stored;
}

/* The next step of one of the uploads under way. */
static void work(struct client *client)
{
	struct sending *sending = &slots[pick(client, SLOTS)];
	char data[] = "piece ?";

	pthread_mutex_lock(&sending->lock);
	data[6] = (char)('a' + pick(client, 26));
	if (!sending->upload)
		sending_open(sending);
	else if (sending->pieces < 6)
		sending_append(sending, data);
	else
		sending_close(sending);
	pthread_mutex_unlock(&sending->lock);
}

static void handle(char *line)
{
	unsigned int number;
	struct sending *sending = &handles[n_handles % HANDLES];
	char text[64];

	if (!strcmp(line, "open")) {
		sending_open(sending);
		say("%d", n_handles++);
	} else if (sscanf(line, "piece %u %63s", &number, text) == 2) {
		sending = &handles[number % HANDLES];
		sending_append(sending, text);
		say("%zu", sending->upload->length);
	} else if (sscanf(line, "damage %u", &number) == 1) {
		handles[number % HANDLES].damaged = true;
		say("damaged");
	} else if (sscanf(line, "close %u", &number) == 1) {
		say("%s", sending_close(&handles[number % HANDLES]) ? "stored" : "refused");
	} else {
		say("unknown");
	}
}
