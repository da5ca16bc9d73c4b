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

scripts/demo-run.sh build/dist/bin/fcvm "oci-archive:$image"
printf '\nAll of it took %.0f s. Next: %s run --rm docker.io/library/alpine:3 cat /etc/os-release\n' \
    "$(echo "$EPOCHREALTIME - $started" | awk '{print $1 - $3}')" "build/dist/bin/fcvm"
