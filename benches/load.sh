#!/usr/bin/env bash
# An office at work: 200 officers at once over 550,000 people and 80,000 open cases, on SQLite and, where TUODI_TEST_PG
# names a server, on PostgreSQL too. Leave the machine idle.
# usage: benches/load.sh TUODI [PEOPLE] [CASES] [WORK FOLDER, kept]
#        scripts/with-postgres benches/load.sh target/release/tuodi
set -euo pipefail
tuodi=$(realpath "$1") people=${2:-550000} cases=${3:-80000}
root=$(cd "$(dirname "$0")/.." && pwd)
as_of=$(date +%F)
if [ $# -ge 4 ]; then
  work=$4
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
say() { printf '%-10s %s\n' "$1" "$2"; }
cd "$root"
[ -e "$work/files" ] || "$tuodi" synth --out "$work/files" --people "$people" --as-of "$as_of" >/dev/null
on() {
  local name=$1
  shift
  if [ ! -e "$work/$name/tuodi.toml" ]; then
    "$tuodi" init --data "$work/$name" --pack "$root/packs/qingyan" "$@" >/dev/null
    "$tuodi" intake "$work/files" --data "$work/$name" --as-of "$as_of" >/dev/null 2>&1
  fi
  say "$name" "$("$tuodi" bench load --json --data "$work/$name" --cases "$cases" ${LOAD:-} 2>/dev/null)"
}
on sqlite
if [ -n "${TUODI_TEST_PG:-}" ]; then
  on postgres --db "$TUODI_TEST_PG"
fi
