#!/usr/bin/env bash
# Installs the Debian packages that the tests use and this machine lacks.
#   git      worktrees
#   sqlite3  a foreign client beside the gateway (G02)
#   python3  a stand-in for the reference system's processes (G02)
#   procps   ps and pgrep, to find whom to kill
#   bubblewrap  walls around workers (G15)
#   chromium    the dashboard's tests
#   systemd     one of the test's own, for the unit of the gateway
set -euo pipefail

missing=()
for tool in git sqlite3 python3 pgrep:procps bwrap:bubblewrap systemctl:systemd; do
  command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
done
command -v chromium chromium-browser google-chrome >/dev/null || missing+=(chromium)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "the tests need ${missing[*]}: install them with this system's package manager" >&2
  exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
