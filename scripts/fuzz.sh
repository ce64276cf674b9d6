#!/usr/bin/env bash
# Runs every fuzz target for a while, one after the other. What it finds stays
# as a file below testdata/fuzz of the package and fails its tests from then on.
#   scripts/fuzz.sh 10s [PACKAGE FOLDER...]
set -euo pipefail

time=$1
shift
[ $# -gt 0 ] || set -- .
targets=$(grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' "$@" | sort -u)
[ -n "$targets" ] || { echo "there is no fuzz target" >&2; exit 1; }

found=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while IFS=: read -r file name; do
  name=${name#func }
  echo "== $(dirname "$file") $name"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "$time" 2>&1 | tee "$log" && continue
  # Go reports a worker that was busy when the time was up as a failure.
  if ! grep -q 'context deadline exceeded' "$log" || grep -Eq 'Failing input|/seed#|panic:' "$log"; then
    found=1
  fi
done <<<"$targets"
exit "$found"
