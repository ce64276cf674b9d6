#!/usr/bin/env bash
# Runs every fuzz target for a while, one after the other; each package is
# compiled once. What it finds stays as a file below testdata/fuzz of the package
# and fails its tests from then on.
#   scripts/fuzz.sh 10s [PACKAGE FOLDER...]
set -euo pipefail

time=$1
shift
[ $# -gt 0 ] || set -- .
packages=$(grep -rl --include='*_test.go' '^func Fuzz' "$@" | xargs -r -n1 dirname | sort -u)
[ -n "$packages" ] || { echo "there is no fuzz target" >&2; exit 1; }

found=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log
for package in $packages; do
  go test -c -vet=off -fuzz . -ldflags='-s -w' -o "$scratch/fuzz.test" "./$package"
  corpus=$(go env GOCACHE)/fuzz/$(go list "./$package") # where go test keeps it, too
  for name in $(cd "$package" && "$scratch/fuzz.test" -test.list '^Fuzz'); do
    echo "== $package $name"
    (cd "$package" && "$scratch/fuzz.test" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "$time" -test.fuzzcachedir "$corpus") 2>&1 | tee "$log" && continue
    # Go reports a worker that was busy when the time was up as a failure.
    if ! grep -q 'context deadline exceeded' "$log" || grep -Eq 'Failing input|/seed#|panic:' "$log"; then
      found=1
    fi
  done
done
exit "$found"
