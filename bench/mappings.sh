#!/usr/bin/env bash
# mappings.sh [--size MIB] [--files N] [MODE]…: what a mapped directory costs: each figure is the time in a machine over the
# time of the same program on the host, in the same directory and the same run. Modes: sshfs (the default), block, nfs.
#
#   write   a file in one piece, and fsync
#   read    the same file, in a machine that has not read it; the host has it in memory
#   made    small files, a shell's
#   shown   all of them read by one program
#   link    as many bytes as a container's output: what the way to the host lets through, whoever uses it
#
# mappings.sh start: what a read-only copy of a directory of 100 MiB adds to what fcvm does before it starts the monitor:
# made for the first time, and cached; medians of five runs of each, alternating. With a supervisor, as users have it, and
# without, where each run is a Java of its own.
#
# nfs serves whole file systems only: it is given one in memory, and the host's figures are of that one too. As root.
# Needs `make build` and the base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
size=1024 files=10000
while [ $# -gt 0 ]; do
    case $1 in
    --size) size=${2:?--size needs a number} ;;
    --files) files=${2:?--files needs a number} ;;
    *) break ;;
    esac
    shift 2
done
[ $# -gt 0 ] || set -- sshfs
need_tools busybox:busybox-static
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/fcvm-bench.XXXXXX")
# Mounts made here are seen by what is started here alone.
export FCVM_SUPERVISOR=off FCVM_WARM_BASE=no
trap 'mountpoint -q "$work/nfs" && umount "$work/nfs"; rm -rf "$work"' EXIT

start() {
    local run step
    mkdir "$work/copied"
    for run in none first cached; do : >"$work/times-$run"; done
    for step in 1 2 3 4 5; do
        # Another content is another copy.
        for run in $(seq 100); do head -c 1M /dev/urandom >"$work/copied/$run"; done
        for run in none first cached; do
            map=()
            [ "$run" = none ] || map=(--map "$work/copied:/mapped:ro")
            "$fcvm" run --rm --quiet --network none --timings=json "${map[@]}" "$image" true 2>"$work/timings" >/dev/null
            sed -n 's/.*"image":\([0-9.]*\),"prepare":\([0-9.]*\),.*/\1 \2/p' "$work/timings" \
                | awk '{print $2 - $1}' >>"$work/times-$run"
        done
        echo "run $step: $(for run in none first cached; do tail -n 1 "$work/times-$run"; done | tr '\n' ' ')ms"
    done
    median() { sort -n "$work/times-$1" | sed -n 3p; }
    awk -v how="$1" -v none="$(median none)" -v first="$(median first)" -v cached="$(median cached)" \
        'BEGIN {printf "%s: a copy of 100 MiB adds %.1f ms when it is made, %.1f ms when it is cached\n", how, first - none, cached - none}'
    rm -r "$work/copied"
}
if [ "$1" = start ]; then
    echo "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
    export FCVM_SUPERVISOR=auto
    "$fcvm" run --rm --quiet --network none "$image" true
    start "with a supervisor"
    "$fcvm" supervisor stop >/dev/null
    export FCVM_SUPERVISOR=off
    start "without one"
    exit
fi

# Prints four times in hundredths of a second. $1 is the directory, $2 MiB, $3 files.
# shellcheck disable=SC2016 # for the other shell
program='
    cd "$1"
    now() { IFS=". " read -r a b _ </proc/uptime; echo "$a$b"; }
    step() { from=$(now); "$@" >/dev/null 2>&1; echo "$(($(now) - from))"; }
    make() { i=0; while [ $i -lt "$1" ]; do echo $i >small/$i; i=$((i + 1)); done; }
    show() { find small -type f -exec cat {} +; }
    mkdir small
    step dd if=/dev/zero of=big bs=1M count="$2" conv=fsync
    [ ! -w /proc/sys/vm/drop_caches ] || [ "$1" != /mapped ] || echo 3 >/proc/sys/vm/drop_caches
    step dd if=big of=/dev/null bs=1M
    step make "$3"
    step show
    rm -r small big
'
echo "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg); $size MiB, $files files; seconds on the host, seconds in the machine, ratio"
for mode in "$@"; do
    mkdir "$work/$mode"
    network=(--network none)
    if [ "$mode" = nfs ]; then
        network=()
        mount -t tmpfs -o "size=$((2 * size + 256))m" tmpfs "$work/nfs"
    fi
    mapfile -t host < <(busybox sh -c "$program" sh "$work/$mode" "$size" "$files")
    mapfile -t guest < <("$fcvm" run --rm --quiet --privileged "${network[@]}" --map "$work/$mode:/mapped,mode=$mode$([ "$mode" != block ] || echo ",size=$((3 * size + 1024))m")" \
        "$image" sh -c "$program" sh /mapped "$size" "$files")
    [ ${#guest[@]} = 4 ] || die "the run with mode=$mode failed"
    i=0
    for what in write read made shown; do
        awk -v mode="$mode" -v what=$what -v host="${host[$i]}" -v guest="${guest[$i]}" \
            'BEGIN {printf "%-6s %-6s %8.2f %8.2f %8.1f\n", mode, what, host / 100, guest / 100, guest / (host > 0 ? host : 1)}'
        i=$((i + 1))
    done
done
# shellcheck disable=SC2016 # for the other shell
out='
    now() { IFS=". " read -r a b _ </proc/uptime; echo "$a$b"; }
    from=$(now); dd if=/dev/zero bs=1M count="$1" 2>/dev/null; echo "$(($(now) - from))" >&2
'
bare=$({ busybox sh -c "$out" sh "$size" | cat >/dev/null; } 2>&1)
machine=$({ "$fcvm" run --rm --quiet --network none "$image" sh -c "$out" sh "$size" >/dev/null; } 2>&1)
awk -v host="$bare" -v guest="$machine" \
    'BEGIN {printf "%-6s %-6s %8.2f %8.2f %8.1f\n", "link", "out", host / 100, guest / 100, guest / (host > 0 ? host : 1)}'
