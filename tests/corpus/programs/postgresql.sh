# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='the postmaster, its own processes and 3 backends that last; others that come and go; pg_rewind'
load_packages='gnupg'

parts() {
	if touches 'contrib/*' 'src/backend/*' 'src/interfaces/*'; then echo server; fi
	if touches 'src/bin/pg_rewind/*'; then echo rewind; fi
}

# It does not run as root, and finds its files from where it is: a copy, which anybody may read.
build_hosts() {
	local each
	make -s -C "$base" install DESTDIR="$hosts/tree"
	for each in hstore intarray ltree pgcrypto spi; do
		make -s -C "$base/contrib/$each" install DESTDIR="$hosts/tree"
	done
	compile origin && compile pg -I"$prefix/include" -L"$prefix/lib" -Wl,--disable-new-dtags,-rpath,"$prefix/lib" -lpq
}
prefix=$work/hosts/tree/usr/local/pgsql

targets() {
	if [ "$part" = rewind ]; then
		echo src/bin/pg_rewind/pg_rewind
		return
	fi
	if touches 'src/backend/*'; then echo src/backend/postgres; fi
	if touches 'src/interfaces/*'; then echo src/interfaces/libpq/libpq.so.5.13; fi
	if touches 'contrib/intarray/*'; then echo contrib/intarray/_int.so; fi
	if touches 'contrib/ltree/*'; then echo contrib/ltree/ltree.so; fi
	if touches 'contrib/pgcrypto/*'; then echo contrib/pgcrypto/pgcrypto.so; fi
	if touches 'contrib/spi/*'; then echo contrib/spi/refint.so; fi
}

as_nobody() {
	setpriv --reuid=nobody --regid=nogroup --clear-groups env LD_LIBRARY_PATH="$prefix/lib" "$@"
}

# For pgcrypto: a key of its own.
make_key() {
	mkdir -m 700 "$run/gpg"
	gpg -q --homedir "$run/gpg" --batch --passphrase '' --quick-gen-key corpus rsa1024 default never &&
		gpg -q --homedir "$run/gpg" --batch --passphrase '' --quick-add-key \
			"$(gpg --homedir "$run/gpg" --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }')" \
			rsa1024 encr never
	gpg -q --homedir "$run/gpg" --export >"$run/public"
	gpg -q --homedir "$run/gpg" --batch --passphrase '' --export-secret-keys >"$run/secret"
	gpgconf --homedir "$run/gpg" --kill all
	chmod 644 "$run/public" "$run/secret"
}

# It waits for a server that says nothing, as long as it is let.
start_rewind() {
	spawn silent "$hosts/origin" "$port"
	wait_for 20 listens "$port"
	spawn rewind setpriv --reuid=nobody --regid=nogroup --clear-groups env \
		LD_LIBRARY_PATH="$prefix/lib" "$prefix/bin/pg_rewind" -D "$run" \
		--source-server="host=127.0.0.1 port=$port"
	server=$spawned
}

start() {
	choose_port
	case $part in
	rewind) start_rewind ;;
	server) start_server ;;
	esac
}

start_server() {
	make_key >"$run/gpg.log" 2>&1
	mkdir "$run/data"
	chown nobody:nogroup "$run/data"
	as_nobody "$prefix/bin/initdb" -D "$run/data" -A trust -U corpus --no-sync -E UTF8 \
		--no-locale >"$run/initdb.log" 2>&1
	spawn server setpriv --reuid=nobody --regid=nogroup --clear-groups "$prefix/bin/postgres" \
		-D "$run/data" -h 127.0.0.1 -p "$port" -k '' -c fsync=off -c autovacuum=off \
		-c shared_preload_libraries=_int,ltree,pgcrypto,refint
	server=$spawned
}

setup() {
	cat <<-EOF
		CREATE EXTENSION intarray; CREATE EXTENSION ltree; CREATE EXTENSION pgcrypto;
		CREATE EXTENSION refint; CREATE ROLE short LOGIN SUPERUSER;
		CREATE TABLE keys AS SELECT pg_read_binary_file('$run/public') AS public,
			pg_read_binary_file('$run/secret') AS secret;
		CREATE TABLE net AS SELECT ('10.' || i % 200 || '.0.0/' || 8 + i % 17)::inet AS a,
			array[i, i % 7, i % 11] AS n, to_tsvector('english', 'word' || i || ' is common') AS t
			FROM generate_series(1, 2000) AS i;
		CREATE INDEX ON net USING gist (n gist__int_ops);
		ANALYZE net;
		CREATE TABLE parent (id int4 PRIMARY KEY);
		CREATE TABLE child (id int4, ref int4);
		CREATE TRIGGER c BEFORE INSERT OR UPDATE ON child FOR EACH ROW
			EXECUTE FUNCTION check_primary_key('ref', 'parent', 'id');
		CREATE TRIGGER p BEFORE DELETE OR UPDATE ON parent FOR EACH ROW
			EXECUTE FUNCTION check_foreign_key('1', 'cascade', 'id', 'child', 'ref');
	EOF
}

# A statement and its answer.
queries() {
	printf '%s\n%s\n\n' \
		"SELECT regexp_replace('the year 1999 and 2024', '(\d)(\d+)', '<\2\1>', 'g')" \
		'the year <9991> and <0242>' \
		"SELECT 'aXbXc' ~ '^(?:[a-z]X)*[^X]\$' AND 'foofoo' ~ '^(foo)\1\$'" 't' \
		"SELECT 'Under' ~* 'uNder|[[:digit:]]{2,5}?x'" 't' \
		"SELECT to_char(to_timestamp('2024-02-29 13:14:15', 'YYYY-MM-DD HH24:MI:SS'), 'DD Mon YY HH12')" \
		'29 Feb 24 01' \
		"SELECT to_char(1234567.891, 'FM9,999,999.99') || to_number('1,234', '9G999')" \
		'1,234,567.891234' \
		"SELECT array_agg(a)::text FROM (SELECT array[i, i * 2] AS a FROM generate_series(1, 3) AS i) AS x" \
		'{{1,2},{2,4},{3,6}}' \
		"SELECT (normalize(U&'A\030A', NFC) = U&'\00C5') AND (U&'A\030A' IS NOT NFC NORMALIZED)" 't' \
		"SELECT ts_headline('english', 'one two common words of four', 'common & word'::tsquery)" \
		'one two <b>common</b> <b>words</b> of four' \
		"SELECT count(*) FROM net WHERE t @@ 'word7 | word8'::tsquery" '2' \
		"SELECT count(*) FROM net WHERE n @@ '(3 & 5) | (1999 & !4)'::query_int" "$int_count" \
		"SELECT count(*) > 0 FROM net AS x JOIN net AS y ON x.a << y.a WHERE x.a && '10.5.0.0/16'" 't' \
		"SELECT count(*) > 0 FROM net WHERE a <<= '10.0.0.0/8' AND EXISTS (SELECT 1 FROM net AS z WHERE z.a >>= net.a)" 't' \
		"SELECT 'Top.Science.Astronomy'::ltree ~ 'Top.*{1,2}.Astro*@%' AND 'a.b'::ltree @ 'a & b*'" 't' \
		"SELECT pgp_pub_decrypt(pgp_pub_encrypt('a secret', public), secret) FROM keys" 'a secret' \
		"SELECT encode(digest('a', 'sha256'), 'hex')" \
		'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' \
		"INSERT INTO parent VALUES (%c) ON CONFLICT DO NOTHING" '' \
		"INSERT INTO child VALUES (1, %c)" '' \
		"INSERT INTO child VALUES (1, %c + 1000)" 'error: tuple references non-existent key' \
		"DELETE FROM parent WHERE id = %c" '' \
		"SELECT count(*) FROM child WHERE ref = %c" '0' \
		"SELECT repeat('x', 100000) || 'y' LIKE '%%y'" 't' \
		"SELECT 1 / 0" 'error: division by zero'
}
int_count=52

load() {
	[ "$part" = server ] || return 0
	local where="host=127.0.0.1 port=$port dbname=postgres"
	setup >"$run/setup.sql"
	queries >"$run/queries"
	spawn_load backends "$hosts/pg" "$run/backends.count" 3 "$where user=corpus" "$run/setup.sql" \
		"$run/queries"
	wait_for 60 test -s "$run/backends.count"
	again sessions session "$where user=short"
}

session() {
	[ "$(LD_LIBRARY_PATH=$prefix/lib "$prefix/bin/psql" -AtX "$1" -c "SELECT 'wor' || 'ks'")" = works ]
}

# Not those that come and go.
processes() {
	local pid
	echo "$server"
	for pid in $(children_of "$server"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q ': short ' || echo "$pid"
	done
}
alive() { listens "$port"; }
