#!/usr/bin/env bash
# Builds the Dockerfile, without a registry and without a network: in place of its
# base image stands one made of Debian's packages and this machine's Go, in place
# of the module proxy this machine's cache. Then looks at the image and runs it.
# Needs root, buildah and mmdebstrap.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in buildah mmdebstrap; do
  command -v "$tool" >/dev/null || { echo "this needs $tool: apt-get install --no-install-recommends buildah mmdebstrap" >&2; exit 1; }
done
work=$(mktemp -d)
export BUILDAH_ISOLATION=chroot
b() { buildah --root "$work/images" --runroot "$work/run" --storage-driver vfs "$@"; }
# shellcheck disable=SC2154
trap 'b rm --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
fail() { echo "image: $*" >&2; exit 1; }

base=$(sed -n 's/^FROM \(golang:[^ ]*\) .*/\1/p' Dockerfile)
echo "== a stand-in for $base"
mmdebstrap --quiet --variant=essential --include=ca-certificates "$(. /etc/os-release; echo "$VERSION_CODENAME")" "$work/debian.tar"
c=$(b from scratch)
b add -q "$c" "$work/debian.tar" / >/dev/null
b copy -q "$c" "$(go env GOROOT)" /usr/local/go >/dev/null
b config --env PATH=/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin --env GOPATH=/go --env GOTOOLCHAIN=local --env GOPROXY=file:///proxy "$c"
b commit -q --rm "$c" "docker.io/library/$base" >/dev/null
rm "$work/debian.tar"

echo "== the Dockerfile, with no network"
go mod download
b bud -q --pull-never --network none -v "$(go env GOMODCACHE)/cache/download:/proxy:ro" --build-arg VERSION=1.2.3 -t andon . >/dev/null

echo "== the image"
c=$(b from --pull-never localhost/andon)
root=$(b mount "$c")
have=$(cd "$root" && find . -mindepth 1 ! -type d -printf '%P\n' | sort | xargs)
[ "$have" = 'andon etc/ssl/certs/ca-certificates.crt' ] || fail "it holds $have"
[ "$(stat -c '%a %u:%g' "$root/home" "$root/tmp" | xargs)" = '700 10001:10001 1777 0:0' ] || fail "home and tmp are $(stat -c '%a %u:%g' "$root/home" "$root/tmp" | xargs)"
[ "$(b inspect --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' "$c")" = '10001:10001 [/andon] [gateway run]' ] || fail 'it starts otherwise'
du -h "$root/andon" | sed 's/\t.*/ for the program/'

echo "== a gateway in it"
inside() { b run "$c" -- /andon "$@"; }
[[ $(inside version) = 'andon 1.2.3 '* ]] || fail "its version is $(inside version)"
inside gateway run 2>"$work/log" &
gateway=$!
for _ in $(seq 100); do inside gateway status 2>/dev/null | grep -q running && break; sleep 0.1; done
inside add 'in a container' >/dev/null || { cat "$work/log" >&2; fail 'nothing can be added'; }
inside list | grep 'in a container'
[ "$(stat -c %u "$root/home/kanban.db")" = 10001 ] || fail 'its board is not its own'
inside gateway stop
wait "$gateway" || fail "the gateway ended with $?: $(cat "$work/log")"
echo "== the image is good"
