// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A bank. Its rule: a report sums up to what the bank has. Its bug: a report to a reader who is
 * slow keeps everybody else from transferring.
 *
 *	report		a slow reader asks for a report, and takes only its first line
 *	read		it takes the rest; the sum
 *	move N		a client begins to transfer N from the last account to the first
 *	moved		that is done
 */
#include "../program.h"
#include "ledger.h"

#define EACH 1000

struct reader {
	long sum;
	bool slow;
};

struct move {
	long amount;
	pthread_t thread;
};

pthread_mutex_t ledger_lock = PTHREAD_MUTEX_INITIALIZER;
long balance[ACCOUNTS] = { [0 ... ACCOUNTS - 1] = EACH };

static struct reader slow_reader = { .slow = true };
static pthread_t reporting;
static sem_t line_is_there, may_go_on;
static struct move move;

ENTRY void report_line(struct reader *reader, int account, long amount)
{
	reader->sum += amount;
	if (!reader->slow || account)
		return;
	sem_post(&line_is_there);
	wait_for(&may_go_on);
}

ENTRY bool transfer(int from, int to, long amount)
{
	pthread_mutex_lock(&ledger_lock);
	balance[from] -= amount;
	balance[to] += amount;
	pthread_mutex_unlock(&ledger_lock);
	return true;
}

ENTRY void report(struct reader *reader)
{
	pthread_mutex_lock(&ledger_lock);
	for (int i = 0; i < ACCOUNTS; i++)
		report_line(reader, i, balance[i]);
	pthread_mutex_unlock(&ledger_lock);
}

static void report_check(struct reader *reader)
{
	reader->sum = 0;
	report(reader);
	if (reader->sum != ACCOUNTS * EACH)
		violation();
}

static void work(struct client *client)
{
	struct reader reader = { .slow = false };
	int from = (int)pick(client, ACCOUNTS), to = (int)pick(client, ACCOUNTS);

	if (pick(client, 4))
		transfer(from, to, 1 + pick(client, 10));
	else
		report_check(&reader);
}

static void *run_report(void *unused)
{
	report_check(&slow_reader);
	return unused;
}

static void *run_move(void *unused)
{
	transfer(ACCOUNTS - 1, 0, move.amount);
	return unused;
}

static void handle(char *line)
{
	if (!strcmp(line, "report")) {
		start(&reporting, run_report, NULL);
		wait_for(&line_is_there);
		say("reporting");
	} else if (!strcmp(line, "read")) {
		sem_post(&may_go_on);
		pthread_join(reporting, NULL);
		say("%ld", slow_reader.sum);
	} else if (sscanf(line, "move %ld", &move.amount) == 1) {
		start(&move.thread, run_move, NULL);
		say("moving");
	} else if (!strcmp(line, "moved")) {
		pthread_join(move.thread, NULL);
		say("moved");
	} else {
		say("unknown");
	}
}
