#!/usr/bin/env bash
# demo.sh: what a newcomer types first. Prepares the host, makes the base, builds the program, makes a tiny image, and
# runs its container in a microVM, beside the host's own answers to the same questions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
started=$EPOCHREALTIME
need_jdk
need_maven
scripts/preflight.sh || true # what is missing is installed below, or named there
scripts/fcvm-init.sh
scripts/build-dist.sh build/dist

log_step "a tiny image from busybox"
image=build/demo/busybox.oci.tar
[ -s "$image" ] || scripts/make-demo-image.sh "$image"
log_done "$image"

# shellcheck disable=SC2016 # the container's shell expands it
questions='echo "kernel   $(uname -sr)"; . /etc/os-release 2>/dev/null; echo "system   ${PRETTY_NAME:-none}"; echo "pid 1    $(cat /proc/1/comm)"; echo "cpus     $(nproc)"; echo "memory   $(awk "/MemTotal/{print int(\$2/1024)}" /proc/meminfo) MiB"'
log_step "the same questions here and in a container in a microVM"
guest=$(build/dist/bin/fcvm run --rm --quiet --network none "oci-archive:$image" sh -c "$questions")
host=$(sh -c "$questions")
log_done
printf '\n%-48s | %s\n' "this host" "the container in its microVM"
printf -- '-%.0s' {1..100}
echo
paste -d $'\x01' <(echo "$host") <(echo "$guest") | while IFS=$'\001' read -r left right; do
    printf '%-48.48s | %s\n' "$left" "$right"
done
printf '\nAll of it took %.0f s. Next: %s run --rm docker.io/library/alpine:3 cat /etc/os-release\n' \
    "$(echo "$EPOCHREALTIME - $started" | awk '{print $1 - $3}')" "build/dist/bin/fcvm"
