// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pg.c - connections to a PostgreSQL server that last, each of which asks what has a known answer.
 *
 *	pg COUNTS CONNECTIONS CONNINFO SETUP QUERIES
 *
 * SETUP is a file of SQL that is run once. QUERIES has three lines for each question: a statement,
 * what the first column of its first row must be (or, after "error: ", a part of what must be
 * said), and an empty line. %c is the number of the connection.
 */
#include <libpq-fe.h>

#include "count.h"

#define QUERIES_MAX 200

struct query {
	char *sql, *expected;
};

static struct query queries[QUERIES_MAX];
static int n_queries;
static const char *conninfo;

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	count_require(file && getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static void read_queries(const char *path)
{
	char *rest = read_file(path), *line;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		count_require(n_queries < QUERIES_MAX && rest);
		queries[n_queries].sql = line;
		queries[n_queries++].expected = strsep(&rest, "\n");
	}
	count_require(n_queries > 0);
}

static PGconn *open_connection(void)
{
	PGconn *connection = PQconnectdb(conninfo);

	if (PQstatus(connection) != CONNECTION_OK)
		fprintf(stderr, "pg: %s", PQerrorMessage(connection));
	count_require(PQstatus(connection) == CONNECTION_OK);
	return connection;
}

static void expand(char *out, size_t size, const char *sql, int number)
{
	size_t length = 0;

	for (; *sql && length + 16 < size; sql++) {
		if (sql[0] == '%' && sql[1] == 'c')
			length += (size_t)sprintf(out + length, "%d", number), sql++;
		else
			out[length++] = *sql;
	}
	out[length] = '\0';
}

static bool is_expected(const PGresult *result, const char *expected)
{
	static const char error[] = "error: ";

	if (!strncmp(expected, error, sizeof(error) - 1))
		return PQresultStatus(result) == PGRES_FATAL_ERROR &&
		       strstr(PQresultErrorMessage(result), expected + sizeof(error) - 1);
	if (PQresultStatus(result) == PGRES_COMMAND_OK)
		return !*expected;
	return PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0 &&
	       !strcmp(PQgetvalue(result, 0, 0), expected);
}

static void ask(PGconn *connection, const struct query *query, int number)
{
	char sql[8192];
	PGresult *result;

	expand(sql, sizeof(sql), query->sql, number);
	result = PQexec(connection, sql);
	if (is_expected(result, query->expected))
		count_ok();
	else
		count_error("%s: \"%s\" %s", sql, PQntuples(result) ? PQgetvalue(result, 0, 0) : "",
			    PQresultErrorMessage(result));
	PQclear(result);
}

static void work(int number)
{
	static _Thread_local PGconn *connection;

	if (!connection)
		connection = open_connection();
	for (int i = 0; i < n_queries && count_running(); i++)
		ask(connection, &queries[i], number);
}

static void set_up(const char *path)
{
	PGconn *connection = open_connection();
	PGresult *result = PQexec(connection, read_file(path));

	if (*PQresultErrorMessage(result))
		fprintf(stderr, "pg: %s", PQresultErrorMessage(result));
	count_require(!*PQresultErrorMessage(result));
	PQclear(result);
	PQfinish(connection);
}

int main(int argc, char **argv)
{
	count_require(argc == 6);
	conninfo = argv[3];
	set_up(argv[4]);
	read_queries(argv[5]);
	return count_run(argv[1], atoi(argv[2]), work);
}
