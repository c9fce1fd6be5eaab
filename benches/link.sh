#!/usr/bin/env bash
# Record linkage against the issue's table, and against Splink on the same 100,000 records, in one run.
# Leave the machine idle. usage: benches/link.sh TUODI [SEED] [WORK FOLDER, kept]
set -euo pipefail
tuodi=$(realpath "$1") seed=${2:-1}
root=$(cd "$(dirname "$0")/.." && pwd)
config=$root/packs/qingyan/linkage.toml
if [ $# -ge 3 ]; then
  work=$(realpath -m "$3")
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
export RAYON_NUM_THREADS=${THREADS:-$(nproc)}
python=${PYTHON:-python3}
"$python" -c 'import splink, opencc, pypinyin' 2>/dev/null || {
  "$python" -m venv "$work/venv"
  python=$work/venv/bin/python
  "$python" -m pip install --quiet -r "$root/benches/peers/requirements-linkage.txt"
}
say() { printf '%-14s %s\n' "$1" "$2"; }
make() { # FOLDER ARGUMENTS…: files to link
  [ -e "$work/$1/truth.csv" ] || (cd "$root" && "$tuodi" synth --out "$work/$1" --seed "$seed" "${@:2}" >/dev/null 2>&1)
}
quality() { "$python" -c '
import json, sys
a = json.load(open(sys.argv[1])); q = a["quality"]; s = q["same"]; b = q["best"]
print("precision %.4f recall %.4f F1 %.4f (best threshold %.4f), %d asked; %d rows, %d ms, %d MB" % (
    s["precision"], s["recall"], s["f1"], b["f1"], q["asked"], a["rows"], a["ms"]["total"], a["peak_rss_bytes"] >> 20))' "$1"; }

make two --linkage 10000 --without-numbers
"$tuodi" link "$work/two/a.csv" "$work/two/b.csv" --config "$config" --out "$work/two/pairs.csv" --truth "$work/two/truth.csv" \
  --json >"$work/two.json" 2>/dev/null
say no-numbers "$(quality "$work/two.json")"
make numbers --linkage 10000 --broken 0.05
"$tuodi" link "$work/numbers/a.csv" "$work/numbers/b.csv" --config "$config" --out "$work/numbers/pairs.csv" \
  --truth "$work/numbers/truth.csv" --json >"$work/numbers.json" 2>/dev/null
say broken-numbers "$(quality "$work/numbers.json")"
make hundred --linkage 100000 --one-file --without-numbers
"$tuodi" link "$work/hundred/people.csv" --config "$config" --out "$work/hundred/pairs.csv" --truth "$work/hundred/truth.csv" \
  --json >"$work/hundred.json" 2>/dev/null
say hundred "$(quality "$work/hundred.json")"
"$python" "$root/benches/peers/splink_dedupe.py" "$work/hundred" --threads "$RAYON_NUM_THREADS" >"$work/splink.json"
say splink "$("$python" -c '
import json, sys
ours, theirs = (json.load(open(name)) for name in sys.argv[1:])
s = theirs["same"]
print("precision %.4f recall %.4f F1 %.4f (best threshold %.4f); %.1f s, %d MB; Tuodi is %.1f times as fast" % (
    s["precision"], s["recall"], s["f1"], theirs["best"]["f1"], theirs["seconds"], theirs["peak_rss_bytes"] >> 20,
    theirs["seconds"] * 1000 / ours["ms"]["total"]))' "$work/hundred.json" "$work/splink.json")"
make million --linkage 1000000 --one-file
say million "$("$tuodi" bench link "$work/million/people.csv" --config "$config")"
