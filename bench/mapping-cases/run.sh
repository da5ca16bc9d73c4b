#!/usr/bin/env bash
# run.sh [--large] [MODE]…: what POSIX promises of a directory, tried on the host and in a directory that is mapped into a
# machine, in each mode (block, sshfs, nfs; without a mode the first two). Ends with the score of each. The machine has this
# host's python3, by a mapping of /usr. nfs needs root, and maps a tmpfs that is made for it.
#
# Needs `make build`, the base and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
large=''
if [ "${1:-}" = --large ]; then
    large=--large
    shift
fi
[ $# -gt 0 ] || set -- block sshfs
need_tools python3
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/fcvm-cases.XXXXXX")
trap 'umount "$work/nfs" 2>/dev/null || true; rm -rf "$work"' EXIT
cp bench/mapping-cases/cases.py "$work"
mkdir "$work/host"
echo "== the host: $(stat -f -c %T "$work/host")"
python3 "$work/cases.py" "$work/host" ${large:+"$large"} | tee "$work/host.txt"
for mode in "$@"; do
    mkdir "$work/$mode"
    options=''
    network=(--network none)
    case $mode in
    block) options=,size=8g ;;
    nfs)
        mount -t tmpfs -o size=1g fcvm-cases "$work/nfs"
        network=()
        ;;
    esac
    echo "== $mode"
    "$fcvm" run --rm --quiet --privileged "${network[@]}" \
        --map /usr:/usr:ro,mode=sshfs --map "$work/cases.py:/cases.py:ro" --map "$work/$mode:/mapped,mode=$mode$options" \
        "$image" sh -c 'ln -s usr/lib /lib; ln -s usr/lib64 /lib64; exec /usr/bin/python3 /cases.py /mapped '"$large" | tee "$work/$mode.txt"
done
for mode in host "$@"; do echo "$mode: $(tail -n 1 "$work/$mode.txt")"; done
