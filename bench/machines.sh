#!/usr/bin/env bash
# machines.sh [--runs N] [--machines N] [--resting N] [exec|list|many|memory]…: what detached machines cost, and commands for
# them (docs/benchmarks.md). Needs `make build`, the base, and for list Podman on the host.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh
load_settings
runs=5 machines=20 resting=200
while :; do
    case ${1:-} in
    --runs) runs=${2:?--runs needs a number} ;;
    --machines) machines=${2:?--machines needs a number} ;;
    --resting) resting=${2:?--resting needs a number} ;;
    *) break ;;
    esac
    shift 2
done
[ $# -gt 0 ] || set -- exec list many memory
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
[ -f "$D/images/base.json" ] || die "no base in $D/images; run: scripts/fcvm-init.sh"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"

work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
export XDG_RUNTIME_DIR=$work FCVM_NETWORK=none FCVM_WARM_BASE=no
cleanup() {
    "$fcvm" ps -a -q --filter label=fcvm-bench | xargs -r "$fcvm" rm -f >/dev/null || true
    "$fcvm" supervisor stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

# report WHAT OURS THEIRS GOAL: files of milliseconds, one a line
report() {
    awk -v what="$1" -v a="$(median "$2")" -v b="$(median "$3")" -v goal="$4" -v n="$(wc -l <"$2")" \
        'BEGIN {printf "%-58s %9.1f ms  %9.1f ms  ratio %5.2f  (goal %s, %d runs)\n", what, a, b, a / b, goal, n}'
}
# took COMMAND…: the milliseconds from its start to its end
took() { bench/first-byte "$@" | cut -d' ' -f2; }
start() { "$fcvm" run -d -m 64m --name "$1" --label fcvm-bench "$image" sleep 100000 >/dev/null; }

# The command in the guest, by a shell there: what fcvm exec adds is the way to it.
bench_exec() {
    local i count=5
    start bench-exec
    for ((i = 0; i < runs; i++)); do
        took "$fcvm" exec bench-exec true >>"$work/exec"
        # shellcheck disable=SC2016 # the guest's shell sees to these
        "$fcvm" exec --vm bench-exec sh -c 'a=$(date +%s%N); i=0; while [ $i -lt '$count' ]; do podman exec bench-exec true; i=$((i + 1)); done; b=$(date +%s%N); echo $(((b - a) / 1000000))' |
            awk -v n=$count '{print $1 / n}' >>"$work/exec-by-hand"
    done
    "$fcvm" rm -f bench-exec >/dev/null
    report "exec NAME true: fcvm, podman exec in the guest by hand" "$work/exec" "$work/exec-by-hand" "<= 1.15"
}

bench_list() {
    if ! command -v podman >/dev/null; then
        echo "list: not measured, since it is compared with podman; install it with: sudo apt-get install podman"
        return
    fi
    local i verb
    "$fcvm" create --name bench-list --label fcvm-bench "$image" true >/dev/null
    podman --root "$work/podman" --runroot "$work/podman-run" --storage-driver overlay create --name bench-list --rootfs "$work" true >/dev/null
    for ((i = 0; i < runs * 4; i++)); do
        for verb in version 'ps -a' 'inspect bench-list'; do
            # shellcheck disable=SC2086 # words
            took "$fcvm" $verb >>"$work/list-${verb%% *}"
            # shellcheck disable=SC2086
            took podman --root "$work/podman" --runroot "$work/podman-run" --storage-driver overlay $verb >>"$work/podman-${verb%% *}"
        done
    done
    podman --root "$work/podman" --runroot "$work/podman-run" --storage-driver overlay rm bench-list >/dev/null
    umount -q "$work/podman/overlay" || true
    "$fcvm" rm bench-list >/dev/null
    for verb in version ps inspect; do
        report "$verb: fcvm with a supervisor, podman on the host" "$work/list-$verb" "$work/podman-$verb" "<= 0.3"
    done
}

# Each command, while one machine is there and runs, and with so many more that do not run.
bench_many() {
    local i verb
    start bench-many
    times() {
        for ((i = 0; i < runs * 4; i++)); do
            for verb in ps 'inspect bench-many' 'ps -a'; do
                # shellcheck disable=SC2086 # words
                took "$fcvm" $verb >>"$work/many-$1-${verb// /}"
            done
        done
        for ((i = 0; i < runs; i++)); do
            took "$fcvm" run -d -m 64m --name bench-last --label fcvm-bench "$image" sleep 100000 >>"$work/many-$1-run"
            "$fcvm" rm -f bench-last >/dev/null
        done
    }
    times one
    for ((i = 0; i < resting; i++)); do "$fcvm" create --name "bench-rests-$i" --label fcvm-bench "$image" true >/dev/null; done
    times all
    for verb in ps inspectbench-many ps-a run; do
        report "${verb/bench-many/}: with $resting more that rest, of one that runs" "$work/many-all-$verb" "$work/many-one-$verb" "<= 1.3"
    done
    "$fcvm" ps -a -q --filter label=fcvm-bench | xargs "$fcvm" rm -f >/dev/null
}

# pss PROCESS…: their memory, shared pages by shares, in KiB
pss() {
    local process
    for process in "$@"; do sed -n 's/^Pss:[ \t]*\([0-9]*\) kB/\1/p' "/proc/$process/smaps_rollup" 2>/dev/null || true; done |
        awk '{sum += $1} END {print sum + 0}'
}
# helpers ID: the processes of a machine but for its monitor and slirp4netns
helpers() {
    local process
    for process in /proc/[0-9]*; do
        grep -qa "$1" "$process/environ" "$process/cmdline" "$process/cgroup" 2>/dev/null || continue
        case $(cat "$process/comm" 2>/dev/null) in firecracker | qemu-system* | slirp4netns) ;; *) echo "${process#/proc/}" ;; esac
    done
}

bench_memory() {
    local i id supervisor before after others=0
    "$fcvm" ps >/dev/null
    supervisor=$("$fcvm" supervisor status | sed -n 's/^process *//p')
    start bench-0
    for ((i = 0; i < runs; i++)); do took "$fcvm" ps >>"$work/ps-one"; done
    before=$(pss "$supervisor")
    for ((i = 1; i <= machines; i++)); do took "$fcvm" run -d -m 64m --name "bench-$i" --label fcvm-bench "$image" sleep 100000 >>"$work/starts"; done
    after=$(pss "$supervisor")
    for ((i = 0; i < runs; i++)); do took "$fcvm" ps >>"$work/ps-many"; done
    for id in $("$fcvm" ps -q --no-trunc --filter label=fcvm-bench); do
        # shellcheck disable=SC2046 # words
        others=$((others + $(pss $(helpers "$id"))))
    done
    awk -v n="$machines" -v a="$before" -v b="$after" -v o="$others" 'BEGIN {
        printf "memory beside monitors, a machine of %d: supervisor %.1f MiB more each, its helpers %.1f MiB (goal: together <= 3)\n", n, (b - a) / 1024 / n, o / 1024 / (n + 1)
        printf "memory of the supervisor: %.0f MiB (goal <= 100)\n", b / 1024}'
    head -n 3 "$work/starts" >"$work/starts-first"
    tail -n 3 "$work/starts" >"$work/starts-last"
    report "run -d: the last three of $machines machines, the first" "$work/starts-last" "$work/starts-first" "<= 1.3"
    report "ps: of $machines machines, of one" "$work/ps-many" "$work/ps-one" "<= 1.3"
}

for section in "$@"; do
    case $section in
    exec | list | many | memory) "bench_$section" ;;
    *) die "machines.sh: no benchmark '$section'; there are exec, list, many and memory" ;;
    esac
done
