#!/bin/sh
# A PostgreSQL server of a test's own: nothing of the system's is touched, and nobody else's server is.
#   postgres_server.sh start DIR    makes a cluster in DIR if there is none, and runs it on a free port of loopback; prints
#                                   the connection text
#   postgres_server.sh start DIR bound
#                                   the same; the server stops when standard input ends: a pipe's end does when whoever
#                                   holds its other end has ended, however that came
#   postgres_server.sh stop DIR     stops that one; its data stay
#   postgres_server.sh crash DIR    the same without any goodbye
# Leaves with 77 where no server is installed. The server refuses to be root: then it runs as postgres, or as nobody.
set -eu
command=$1 folder=$2

bin=
for candidate in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
  if [ -x "$candidate/initdb" ]; then bin=$candidate; fi
done
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1; then bin=$(dirname "$(command -v initdb)"); fi
if [ -z "$bin" ]; then
  echo "no PostgreSQL server is installed (Debian: apt-get install postgresql)" >&2
  exit 77
fi

user=
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
fi
as_user() {
  if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

case $command in
  start)
    mkdir -p "$folder"
    [ -z "$user" ] || chown "$user" "$folder"
    if [ ! -f "$folder/data/PG_VERSION" ]; then
      as_user "$bin/initdb" -D "$folder/data" -U weir -A trust --no-sync --locale=C.UTF-8 -E UTF8 >"$folder/initdb.log" 2>&1 ||
        { cat "$folder/initdb.log" >&2; exit 1; }
      cat >>"$folder/data/postgresql.conf" <<TEXT
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_prepared_transactions = 2
max_connections = 40
shared_buffers = 16MB
TEXT
    fi
    # A port that is free now may be taken a moment later: then another one.
    try=0
    while :; do
      if [ -f "$folder/port" ] && [ $try = 0 ]; then
        port=$(cat "$folder/port")
      else
        port=$((20000 + ($$ * 7 + try * 1009 + $(date +%s)) % 30000))
      fi
      if as_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -o "-p $port" -w -t 30 start >/dev/null 2>&1; then break; fi
      try=$((try + 1))
      if [ $try = 10 ]; then cat "$folder/data/server.log" >&2; exit 1; fi
    done
    echo "$port" >"$folder/port"
    if [ "${3:-}" = bound ]; then
      # What runs beside a script has no standard input, unless it comes by another number.
      exec 3<&0
      (
        trap '' HUP INT TERM
        read -r never <&3 || as_user "$bin/pg_ctl" -D "$folder/data" -m immediate stop
      ) >/dev/null 2>&1 &
    fi
    echo "host=127.0.0.1 port=$port user=weir dbname=postgres"
    ;;
  stop) as_user "$bin/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null ;;
  crash) as_user "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null ;;
  *) echo "postgres_server.sh: unknown command $command" >&2; exit 2 ;;
esac
