#!/usr/bin/env bash
# warm.sh [--runs N] [firecracker|qemu]: what a run takes that starts from the warm base, against one that boots: from the
# start of `fcvm run --rm` to the container's first byte, a cached image, without a network, with the supervisor there;
# alternating in the same run. Medians and their ratio. A run of each comes before, which is not counted. Needs `make build`
# and the base; Firecracker, which is the default, a KVM that runs guests. FCVM_KERNEL names another kernel.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh
load_settings
runs=9
if [ "${1:-}" = --runs ]; then
    runs=${2:?--runs needs a number}
    shift 2
fi
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || { mkdir -p build/demo && scripts/make-demo-image.sh "${image#*:}"; }
export FCVM_VMM=${1:-firecracker} FCVM_WARM_BASE=yes
work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

first_byte() { bench/first-byte "$fcvm" run --quiet --rm --network none -m 64m "$@" "$image" echo hello | cut -d' ' -f1; }
is_warm() { "$fcvm" run --rm --network none -m 64m --timings=json "$image" true 2>&1 | grep -q renewed; }

tries=0
until is_warm; do
    [ $((tries += 1)) -lt 60 ] || die "no warm base was made; see the supervisor's log: fcvm supervisor status"
    sleep 1
done
for ((i = 0; i <= runs; i++)); do
    warm=$(first_byte)
    cold=$(first_byte --cold)
    [ "$i" -gt 0 ] || continue
    echo "$warm" >>"$work/warm"
    echo "$cold" >>"$work/cold"
done
awk -v warm="$(median "$work/warm")" -v cold="$(median "$work/cold")" \
    'BEGIN {printf "warm %.1f ms, cold %.1f ms: %.2f\n", warm, cold, warm / cold}'
"$fcvm" run --rm --network none -m 64m --timings=text "$image" true
