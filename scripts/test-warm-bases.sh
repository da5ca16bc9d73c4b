#!/usr/bin/env bash
# test-warm-bases.sh DIRECTORY: makes the warm bases for tests of machines that start from one (FCVM_TEST_WARM=yes in test.sh),
# for machines for which nothing is asked for and for small ones, in Firecracker; what is there and fits is kept. Prints where they
# lie. Uses FCVM_TEST_FIRECRACKER and FCVM_TEST_FIRECRACKER_KERNEL as the tests do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
[ $# = 1 ] || die "test-warm-bases.sh: say where"
mkdir -p "$1/data" "$1/run"
at=$(cd "$1" && pwd)
chmod 0700 "$at/data" "$at/run"
[ -e "$at/data/images" ] || ln -s "$D/images" "$at/data/images"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || { mkdir -p build/demo && scripts/make-demo-image.sh "${image#*:}"; }
export FCVM_DATA_DIR=$at/data XDG_RUNTIME_DIR=$at/run FCVM_VMM=firecracker FIRECRACKER_BIN=${FCVM_TEST_FIRECRACKER:?} FCVM_NETWORK=none
export FCVM_SUPERVISOR=auto FCVM_WARM_BASE=yes
[ -z "${FCVM_TEST_FIRECRACKER_KERNEL:-}" ] || export FCVM_KERNEL=$FCVM_TEST_FIRECRACKER_KERNEL FCVM_KVM=yes
fcvm=build/dist/bin/fcvm
trap '"$fcvm" supervisor stop >/dev/null 2>&1 || true' EXIT
for size in '' '-m 64m'; do
    tries=0
    # shellcheck disable=SC2086 # an option and its value
    until "$fcvm" run --rm --timings=json $size "$image" true 2>&1 >/dev/null | grep -q renewed; do
        [ $((tries += 1)) -lt 60 ] || die "no warm base was made; see $at/run/fcvm"
        sleep 2
    done
done
echo "$at/data/warm"
