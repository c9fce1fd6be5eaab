#!/usr/bin/env bash
# The engine against the issue's table, and against DuckDB on the same Parquet with the same statements, in one run.
# Leave the machine idle. usage: benches/run.sh TUODI [PEOPLE] [SEED] [WORK FOLDER, kept]
set -euo pipefail
tuodi=$(realpath "$1") people=${2:-550000} seed=${3:-1}
root=$(cd "$(dirname "$0")/.." && pwd)
as_of=2026-09-01
threads=${THREADS:-$(nproc)}
if [ $# -ge 4 ]; then
  work=$4
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
python=${PYTHON:-python3}
"$python" -c 'import duckdb' 2>/dev/null || {
  "$python" -m venv "$work/venv"
  python=$work/venv/bin/python
  "$python" -m pip install --quiet -r "$root/benches/peers/requirements.txt"
}
say() { printf '%-12s %s\n' "$1" "$2"; }
data=$work/data
if [ ! -e "$data/tuodi.toml" ]; then
  (cd "$root" && "$tuodi" synth --out "$work/files" --people "$people" --seed "$seed" --as-of $as_of >/dev/null)
  "$tuodi" init --data "$data" --pack "$root/packs/qingyan" >/dev/null
  say intake "$("$tuodi" intake "$work/files" --data "$data" --as-of $as_of 2>/dev/null | tail -1)"
fi
"$tuodi" bench pass --json --data "$data" --as-of $as_of --threads "$threads" --out "$work/findings" >"$work/pass.json"
say pass "$(cat "$work/pass.json")"
"$tuodi" pass --sql --json --data "$data" --as-of $as_of >"$work/statements.json"
"$python" "$root/benches/peers/duckdb_pass.py" "$work/statements.json" "$data" --threads "$threads" \
  --findings "$work/findings" >"$work/duckdb.json"
say duckdb "$(cat "$work/duckdb.json")"
say ratio "$("$python" - "$work/pass.json" "$work/duckdb.json" <<'P'
import json, sys
ours, theirs = (json.load(open(name)) for name in sys.argv[1:3])
cold, warm = ours["first"]["facts"] + ours["first"]["findings"], ours["warm_ms"]
print(f"Tuodi / DuckDB, {theirs['threads']} threads: warm {warm} / {theirs['warm']['total']} ms = "
      f"{warm / theirs['warm']['total']:.2f}, cold {cold} / {theirs['cold']['total']} ms = {cold / theirs['cold']['total']:.2f}, "
      f"memory {ours['peak_rss_bytes'] >> 20} / {theirs['peak_rss_bytes'] >> 20} MB, findings equal: {theirs['equal']}")
P
)"
say check "$("$tuodi" bench check --data "$data" --as-of $as_of)"
if [ ! -e "$work/new_bills.csv" ]; then
  bills=$(find "$work/files/" -name '医保局_医疗费用结算_*上半年.csv' | head -1)
  "$python" "$root/benches/new_bills.py" "$bills" "$work/new_bills.csv" "${BILLS:-5000}"
  "$tuodi" intake "$work/new_bills.csv" --data "$data" --as-of $as_of >/dev/null 2>&1
fi
say incremental "$("$tuodi" bench incremental --data "$data" --as-of $as_of)"
# Lists of many people are held against the newest pass.
[ -d "$data/findings" ] || "$tuodi" pass --data "$data" --as-of $as_of >/dev/null
say verify "$("$tuodi" bench verify --data "$data" --as-of $as_of)"
