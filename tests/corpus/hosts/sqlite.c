// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sqlite.c - threads that share a database file, each with a table and a connection that lasts,
 * and try full-text search with rows that are deleted, sessions, functions, and lookaside memory
 * of many sizes.
 */
#include <sqlite3.h>

#include "count.h"

#define N_DOCUMENTS 240

struct worker {
	int number;
	sqlite3 *db;
	sqlite3_stmt *all; /* never done: it goes from row to row while all else happens */
	long next, rows, total;
};

static char path[4096];

/* --- the interface in fewer words --- */

static bool say(sqlite3 *db, int result, const char *what)
{
	if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE)
		return true;
	count_error("%s: %s", what, db ? sqlite3_errmsg(db) : sqlite3_errstr(result));
	return false;
}

__attribute__((format(printf, 2, 3))) static bool run(sqlite3 *db, const char *format, ...)
{
	va_list args;
	char *sql;
	bool done;

	va_start(args, format);
	sql = sqlite3_vmprintf(format, args);
	va_end(args);
	done = say(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
	sqlite3_free(sql);
	return done;
}

/* The first column of the first row as text, "" if there is none; the caller frees it. */
__attribute__((format(printf, 2, 3))) static char *ask(sqlite3 *db, const char *format, ...)
{
	sqlite3_stmt *statement = NULL;
	char *sql, *answer = NULL;
	va_list args;

	va_start(args, format);
	sql = sqlite3_vmprintf(format, args);
	va_end(args);
	if (say(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL), sql) &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	say(db, sqlite3_finalize(statement), sql);
	sqlite3_free(sql);
	return answer ? answer : sqlite3_mprintf("");
}

/* One operation; takes the answer over. */
static bool is(char *answer, const char *expected, const char *what)
{
	bool right = !strcmp(answer, expected);

	if (right)
		count_ok();
	else
		count_error("%s: \"%.200s\" is not \"%.200s\"", what, answer, expected);
	sqlite3_free(answer);
	return right;
}

static bool is_number(char *answer, long expected, const char *what)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", expected);
	return is(answer, text, what);
}

/* --- a table and a connection that last --- */

static sqlite3 *open_file(void)
{
	sqlite3 *db = NULL;

	if (!say(db, sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
		 "open"))
		return NULL;
	sqlite3_busy_timeout(db, 60000);
	return db;
}

static struct worker *create_worker(int number)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	worker->number = number;
	worker->db = open_file();
	count_require(worker->db);
	count_require(run(worker->db, "PRAGMA journal_mode = WAL") &&
		      run(worker->db, "PRAGMA synchronous = OFF") &&
		      run(worker->db,
			  "CREATE TABLE t%d (id INTEGER PRIMARY KEY, n INTEGER, "
			  "name TEXT)",
			  number) &&
		      run(worker->db, "CREATE INDEX i%d ON t%d (name, n)", number, number));
	count_require(sqlite3_prepare_v2(worker->db,
					 "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL "
					 "SELECT n + 1 FROM c) SELECT n, concat('n', n) FROM c",
					 -1, &worker->all, NULL) == SQLITE_OK);
	return worker;
}

/* Steps of a statement that has no end. */
static void go_on(struct worker *worker)
{
	char text[32];

	for (int i = 0; i < 40; i++) {
		if (!count_check(sqlite3_step(worker->all) == SQLITE_ROW))
			return;
		snprintf(text, sizeof(text), "n%ld", worker->next);
		count_check(sqlite3_column_int64(worker->all, 0) == worker->next &&
			    !strcmp((const char *)sqlite3_column_text(worker->all, 1), text));
		worker->next++;
	}
}

static void change_table(struct worker *worker)
{
	int table = worker->number;
	long n = worker->next % 1000;

	if (!run(worker->db, "SAVEPOINT one"))
		return;
	for (int i = 0; i < 20; i++)
		run(worker->db, "INSERT INTO t%d (n, name) VALUES (%ld, 'name %d')", table, n, i);
	run(worker->db, "SAVEPOINT two");
	run(worker->db, "UPDATE t%d SET n = n + 1; DELETE FROM t%d WHERE name LIKE '%%1%%'", table,
	    table);
	run(worker->db, "ROLLBACK TO two");
	run(worker->db, "RELEASE one");
	worker->rows += 20;
	worker->total += 20 * n;
	is_number(ask(worker->db, "SELECT count(*) FROM t%d", table), worker->rows, "rows");
	is_number(ask(worker->db, "SELECT sum(n) FROM t%d", table), worker->total, "sum");
	is_number(ask(worker->db, "SELECT count(DISTINCT name) FROM t%d", table), 20, "names");
	if (worker->rows > 2000) {
		run(worker->db, "DELETE FROM t%d", table);
		worker->rows = worker->total = 0;
	}
}

/* --- functions --- */

static void call_functions(sqlite3 *db, unsigned round)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "a%u--%u--c", round, round * 2);
	is(ask(db, "SELECT concat_ws('--', 'a%u', %u, NULL, 'c')", round, round * 2), expected,
	   "concat_ws");
	snprintf(expected, sizeof(expected), "x%uy", round);
	is(ask(db, "SELECT concat('x', %u, NULL, 'y')", round), expected, "concat");
	is_number(ask(db, "SELECT length(concat_ws(hex(zeroblob(500)), 1, 2, 3, 4))"), 3004,
		  "length of concat_ws");
	is(ask(db, "SELECT printf('%%05d %%s', %u, upper(substr('suture', 2, 3)))", round % 99999),
	   (snprintf(expected, sizeof(expected), "%05u UTU", round % 99999), expected), "printf");
	is(ask(db, "SELECT json_extract('{\"a\": [1, {\"b\": %u}]}', '$.a[1].b')", round),
	   (snprintf(expected, sizeof(expected), "%u", round), expected), "json");
	is(ask(db, "SELECT group_concat(n, ',') FROM (WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL "
		   "SELECT n * 3 FROM c LIMIT 5) SELECT n FROM c ORDER BY n DESC)"),
	   "81,27,9,3,1", "group_concat");
	is(ask(db, "SELECT sum(n) OVER (ORDER BY n ROWS 1 PRECEDING) FROM (SELECT 7 AS n UNION "
		   "SELECT 8) ORDER BY n DESC"),
	   "15", "window");
}

/* --- full text --- */

/* Each third document has been deleted, which leaves tombstones in the segments that hold it. */
static void search(sqlite3 *db)
{
	run(db, "CREATE VIRTUAL TABLE f USING fts5(text, content='', contentless_delete=1)");
	run(db, "INSERT INTO f (f, rank) VALUES ('automerge', 0)");
	for (int i = 1; i <= N_DOCUMENTS; i++) {
		run(db, "INSERT INTO f (rowid, text) VALUES (%d, 'all of %s number%d')", i,
		    i % 2 ? "odd" : "even", i);
		if (i % 3 == 0)
			run(db, "DELETE FROM f WHERE rowid = %d", i - 2);
	}
	is_number(ask(db, "SELECT count(*) FROM f('all')"), N_DOCUMENTS * 2 / 3, "all");
	is_number(ask(db, "SELECT count(*) FROM f('odd')"), N_DOCUMENTS / 3, "odd");
	is_number(ask(db, "SELECT count(*) FROM f('number4')"), 0, "one that is deleted");
	is_number(ask(db, "SELECT rowid FROM f('number5 AND odd')"), 5, "one that is left");
	is_number(ask(db, "SELECT count(*) FROM f('number1*') WHERE rowid < 20"), 6, "prefix");
	run(db, "INSERT INTO f (f) VALUES ('optimize')");
	is_number(ask(db, "SELECT count(*) FROM f('of + even')"), N_DOCUMENTS / 3, "phrase");
	run(db, "INSERT INTO f (f) VALUES ('integrity-check')");
	run(db, "DROP TABLE f");
}

/* --- sessions --- */

static int on_conflict(void *user, int conflict, sqlite3_changeset_iter *changes)
{
	(void)user;
	(void)conflict;
	(void)changes;
	return SQLITE_CHANGESET_ABORT;
}

/* What changes in one database is done to another one, and undone. */
static void copy_changes(sqlite3 *from, sqlite3 *to)
{
	static const char table[] = "DROP TABLE IF EXISTS s; CREATE TABLE s (k PRIMARY KEY, v)";
	sqlite3_session *session = NULL;
	void *changes = NULL, *inverse = NULL;
	int size = 0, inverse_size = 0;

	if (!run(from, table) || !run(to, table))
		return;
	say(from, sqlite3session_create(from, "main", &session), "session");
	say(from, sqlite3session_attach(session, "s"), "attach");
	for (int i = 0; i < 30; i++)
		run(from, "INSERT INTO s VALUES (%d, 'value %d')", i, i);
	run(from, "UPDATE s SET v = 'other' WHERE k %% 2; DELETE FROM s WHERE k > 20");
	say(from, sqlite3session_changeset(session, &size, &changes), "changeset");
	sqlite3session_delete(session);
	say(to, sqlite3changeset_apply(to, size, changes, NULL, on_conflict, NULL), "apply");
	is_number(ask(to, "SELECT count(*) FROM s"), 21, "rows of a changeset");
	is_number(ask(to, "SELECT count(*) FROM s WHERE v = 'other'"), 10, "others of it");
	say(NULL, sqlite3changeset_invert(size, changes, &inverse_size, &inverse), "invert");
	say(to, sqlite3changeset_apply(to, inverse_size, inverse, NULL, on_conflict, NULL), "undo");
	is_number(ask(to, "SELECT count(*) FROM s"), 0, "rows after it is undone");
	sqlite3_free(changes);
	sqlite3_free(inverse);
}

/* --- lookaside --- */

static void look_aside(unsigned round)
{
	static const struct {
		int size, count;
		bool own, used;
	} all[] = { { 1200, 100, false, true }, { 512, 60, false, true }, { 300, 50, true, true },
		    { 128, 500, true, true },	{ 0, 100, false, false }, { 1200, 0, false, false },
		    { 65528, 40, false, true }, { 4, 100, false, false } };
	size_t i = round % (sizeof(all) / sizeof(all[0]));
	void *memory = all[i].own ? malloc((size_t)all[i].size * (size_t)all[i].count) : NULL;
	int now = 0, hits = 0;
	sqlite3 *db;

	if (!say(NULL, sqlite3_open(":memory:", &db), "open"))
		return;
	say(db, sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, memory, all[i].size, all[i].count),
	    "lookaside");
	run(db, "CREATE TABLE a (b, c); INSERT INTO a VALUES (1, 'one'), (2, 'two')");
	is(ask(db, "SELECT c FROM a WHERE b = 2"), "two", "with lookaside");
	sqlite3_db_status(db, SQLITE_DBSTATUS_LOOKASIDE_HIT, &now, &hits, 0);
	count_check((hits > 0) == all[i].used);
	count_check(sqlite3_close(db) == SQLITE_OK);
	free(memory);
}

static void work(int number)
{
	static _Thread_local struct worker *worker;
	static _Thread_local unsigned round;
	sqlite3 *one, *other;

	if (!worker)
		worker = create_worker(number);
	go_on(worker);
	change_table(worker);
	for (int i = 0; i < 8; i++)
		look_aside(round++);
	call_functions(worker->db, round);
	if (!say(NULL, sqlite3_open(":memory:", &one), "open") ||
	    !say(NULL, sqlite3_open(":memory:", &other), "open"))
		return;
	search(one);
	copy_changes(one, other);
	call_functions(one, round);
	count_check(sqlite3_close(one) == SQLITE_OK && sqlite3_close(other) == SQLITE_OK);
}

int main(int argc, char **argv)
{
	count_require(argc == 2);
	snprintf(path, sizeof(path), "%s.db", argv[1]);
	return count_run(argv[1], 3, work);
}
