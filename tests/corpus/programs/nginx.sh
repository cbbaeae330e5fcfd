# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by who sources this, and set there
note='master and 2 workers: files, mp4, charset, rewrite, proxy, mail with auth_http'

build_hosts() { compile mail; }
targets() { echo objs/nginx; }

write_config() {
	cat >"$run/nginx.conf" <<-EOF
		user root;
		worker_processes 2;
		error_log $run/error.log;
		pid $run/nginx.pid;
		events { worker_connections 256; }
		http {
		    access_log off;
		    client_body_temp_path $run/t1; proxy_temp_path $run/t2; fastcgi_temp_path $run/t3;
		    uwsgi_temp_path $run/t4; scgi_temp_path $run/t5;
		    keepalive_requests 1000000;
		    charset_map koi8-r utf-8 { C1 D0B0; C2 D0B1; }
		    map \$arg_v \$mapped { ~^(?<first>[a-z]+)(\d+)\$ "\$first"; default none; }
		    upstream self { server 127.0.0.1:$port; keepalive 8; }
		    server {
		        listen 127.0.0.1:$port;
		        root $run/www;
		        location / { index index.html; }
		        location /old/ { rewrite ^/old/(.*)\$ /new/\$1?from=\$1 last; }
		        location /new/ { set \$part \$arg_from; return 200 "new \$part \$mapped\n"; }
		        location /proxy/ {
		            proxy_pass http://self/; proxy_http_version 1.1;
		            proxy_set_header Connection ""; proxy_set_header X-From \$uri;
		        }
		        location /koi/ { alias $run/www/; default_type text/html; charset utf-8;
		            source_charset koi8-r; override_charset on; }
		        location ~ \.mp4\$ { mp4; }
		        location = /hash { return 200 "\$request_method \$http_x_test\n"; }
		        location /dav/ { alias $run/dav/; dav_methods PUT DELETE MKCOL COPY MOVE; }
		        location = /auth { add_header Auth-Status OK; add_header Auth-Server 127.0.0.1;
		            add_header Auth-Port $smtp_backend; return 204; }
		        location = /status { stub_status; }
		        location = /check/ok { auth_request /allowed; try_files /index.html =404; }
		        location = /allowed { internal; return 204; }
		        location = /slice { slice 64k; proxy_pass http://self/big; proxy_http_version 1.1;
		            proxy_set_header Connection ""; proxy_set_header Range \$slice_range; }
		    }
		}
		mail {
		    auth_http 127.0.0.1:$port/auth;
		    proxy on;
		    server_name mail.test;
		    server { listen 127.0.0.1:$smtp_port; protocol smtp; smtp_auth none login plain; xclient off; }
		}
		stream { server { listen 127.0.0.1:$stream_port; proxy_pass 127.0.0.1:$port; } }
	EOF
}

start() {
	choose_port
	smtp_port=$port
	choose_port
	smtp_backend=$port
	choose_port
	stream_port=$port
	choose_port
	mkdir -p "$run/www" "$run/dav" "$run/logs"
	echo 'the start page' >"$run/www/index.html"
	printf '\xc1\xc2 is ab\n' >"$run/www/koi.html"
	head -c 300000 /dev/zero | tr '\0' 'x' >"$run/www/big"
	movie >"$run/www/movie.mp4"
	write_config
	# The other end of the mail proxy: it takes every command.
	spawn mail "$hosts/mail" "$smtp_backend"
	spawn nginx "$base/objs/nginx" -p "$run" -c "$run/nginx.conf" -g 'daemon off;'
	master=$spawned
}

# box TYPE HEX...: an atom of an mp4 file, in hex
box() {
	local type body
	type=$(printf '%s' "$1" | od -An -tx1 | tr -d ' \n')
	shift
	body=$(printf '%s' "$@")
	printf '%08x%s%s' $((8 + ${#body} / 2)) "$type" "$body"
}

# A movie of one track with ten samples of ten seconds, as hex and then as bytes.
movie_hex() {
	local z4=00000000 times sizes chunks movie_header media_header sample_table
	movie_header=$(box mvhd $z4 $z4 $z4 000003e8 000186a0 00010000 "$(printf '%0152d' 0)")
	media_header=$(box mdhd $z4 $z4 $z4 000003e8 000186a0 $z4)
	times=$(box stts $z4 00000001 0000000a 00002710)
	sizes=$(box stsz $z4 00000064 0000000a)
	chunks=$(box stsc $z4 00000001 00000001 00000001 00000001)
	sample_table=$(box stbl "$(box stsd $z4 00000001 00000010 6d703461 $z4 $z4)" "$times" \
		"$(box stss $z4 00000002 00000001 00000006)" "$sizes" "$chunks" \
		"$(box stco $z4 0000000a "$(printf '%08x' 1000 1100 1200 1300 1400 1500 1600 1700 1800 1900)")")
	box ftyp 69736f6d00000000
	box moov "$movie_header" "$(box trak "$(box tkhd $z4 $z4 $z4 00000001 $z4 000186a0 "$(printf '%0120d' 0)")" \
		"$(box mdia "$media_header" "$(box minf "$sample_table")")")"
}
movie() {
	local hex
	hex=$(movie_hex)
	hex+=$(box free "$(printf "%0$(((1000 - ${#hex} / 2 - 8 - 8) * 2))d" 0)")
	hex+=$(printf '%08x' 1008)6d646174$(printf '%02000d' 0)
	# shellcheck disable=SC2001 # every two digits get a prefix
	printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")"
}

# request TEXT BODY: lines for load.c
get() {
	printf 'send GET %s HTTP/1.1\\r\\nHost: a\\r\\nX-Test: %%n\\r\\n%s\\r\\n\n' "$1" "${3:-}"
	printf 'expect HTTP/1.1 %s\nuntil \\r\\n\\r\\n\n' "${4:-200}"
	printf '%s\n' "$2"
}

http_script() {
	echo loop
	get / 'file '"$run/www/index.html"
	get '/old/abc?v=xy12' 'expect new abc xy\n'
	get /proxy/ 'file '"$run/www/index.html"
	get /proxy/big 'file '"$run/www/big"
	get /big "expect $(head -c 100 "$run/www/big")" 'Range: bytes=5-104\r\n' 206
	get /koi/koi.html 'expect b\r\n\xd0\xb0\xd0\xb1 is ab\n\r\n0\r\n\r\n'
	get /hash 'expect GET %n\n'
	get "/movie.mp4?start=55" "file $run/part.mp4"
	get '/movie.mp4' 'file '"$run/www/movie.mp4"
	get /check/ok 'file '"$run/www/index.html"
	get /none 'until </html>\r\n' '' 404
	printf 'send PUT /dav/%%c HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 6\\r\\n\\r\\n%%n\n'
	printf 'expect HTTP/1.1 20\nuntil \\r\\n\\r\\n\n'
	get /dav/%c 'expect %n'
}

# What the program answers before it is patched is right.
load() {
	fetch "/movie.mp4?start=55" >"$run/part.mp4"
	grep -q mdat "$run/part.mp4" || problem "no movie"
	client web 6 "tcp:$port" < <(http_script)
	client through_stream 2 "tcp:$stream_port" < <(
		echo loop
		get / 'file '"$run/www/index.html"
	)
	client sliced 1 "tcp:$port" < <(
		echo loop
		get /slice 'file '"$run/www/big"
	)
	mail_load
}

# A session is a connection: each ends with the greeting of the server behind.
mail_load() {
	again smtp smtp_session "$smtp_port"
}

smtp_session() {
	local fd replies
	exec {fd}<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'EHLO here\r\n' >&"$fd"
	grep -q -m 1 '^250 ' <&"$fd" || return 1
	printf 'AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n' >&"$fd"
	grep -q -m 1 '^235 ' <&"$fd" || return 1
	printf 'MAIL FROM:<a@b>\r\n' >&"$fd"
	grep -q -m 1 '^250 ' <&"$fd" || return 1
	printf 'QUIT\r\n' >&"$fd"
	replies=$(tr -d '\r' <&"$fd")
	exec {fd}>&-
	[ "${replies%% *}" = 221 ]
}

workers() { children_of "$master"; }
processes() {
	echo "$master"
	workers
}

# fetch PATH: the body
fetch() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf "GET %s HTTP/1.0\r\n\r\n" "$1" >&"$fd"
	sed "1,/^\r$/d" <&"$fd"
	exec {fd}>&-
}
alive() { [ "$(workers | wc -l)" -eq 2 ] && [ "$(fetch /)" = "the start page" ]; } 2>/dev/null
