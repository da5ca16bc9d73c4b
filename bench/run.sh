#!/usr/bin/env bash
# run.sh [--runs N] [start|run|output]…: the figures of docs/benchmarks.md, measured here and now. Each is a ratio of
# medians of runs that alternate, so that a busy machine slows both sides. Needs `make build` and the base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
runs=5
if [ "${1:-}" = --runs ]; then
    runs=${2:?--runs needs a number}
    shift 2
fi
[ $# -gt 0 ] || set -- start run output
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
[ -f "$D/images/base.json" ] || die "no base in $D/images; run: scripts/fcvm-init.sh"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"

work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
# The measured programs are given a runtime directory of the benchmark's own, so that nothing else lies there.
export XDG_RUNTIME_DIR=$work
cleanup() {
    [ -z "${held:-}" ] || kill "$held" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap cleanup EXIT

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
# report WHAT OURS THEIRS GOAL: files of milliseconds, one a line
report() {
    local ours theirs
    ours=$(median <"$2") theirs=$(median <"$3")
    awk -v what="$1" -v a="$ours" -v b="$theirs" -v goal="$4" -v n="$(wc -l <"$2")" \
        'BEGIN {printf "%-58s %9.1f ms  %9.1f ms  ratio %5.2f  (goal %s, %d runs)\n", what, a, b, a / b, goal, n}'
}

bench_start() {
    command -v podman >/dev/null || die "the start benchmark compares with podman; install it with: sudo apt-get install podman"
    local i pair
    for ((i = 0; i < runs * 4; i++)); do
        for pair in version:--version images:images; do
            bench/first-byte "$fcvm" "${pair#*:}" | cut -d' ' -f2 >>"$work/fcvm-${pair%%:*}"
            bench/first-byte podman "${pair#*:}" | cut -d' ' -f2 >>"$work/podman-${pair%%:*}"
        done
    done
    echo "start to end of the process: fcvm, podman on the host"
    report "  --version" "$work/fcvm-version" "$work/podman-version" "<= 1.0"
    report "  images" "$work/fcvm-images" "$work/podman-images" "<= 1.0"
}

# The same VM by hand: the VMM's arguments are taken from a machine that fcvm itself has started, with the machine's
# own files exchanged for ours; in the guest a script stands in fc-agent's place.
take_arguments() {
    [ ! -f "$work/arguments" ] || return 0
    local id pid machine
    # Process 1 of a container does not end by SIGTERM unless it says so.
    "$fcvm" run --rm --quiet "$image" sh -c 'trap "exit 0" TERM; echo up; sleep 600 & wait' >"$work/up" &
    held=$!
    until [ -s "$work/up" ]; do
        kill -0 "$held" 2>/dev/null || die "fcvm could not start the machine to copy"
        read -rt 0.1 <> <(:) || true
    done
    pid=$(pgrep -f -- "-name fcvm-" | while read -r p; do
        grep -qz "^XDG_RUNTIME_DIR=$work$" "/proc/$p/environ" 2>/dev/null && grep -qaz '^-machine$' "/proc/$p/cmdline" && echo "$p"
    done | tail -n 1)
    [ -n "$pid" ] || die "the machine to copy runs, but its QEMU was not found"
    id=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^FCVM_MACHINE_ID=//p')
    machine=$D/machines/$id
    mkdir -p "$work/hand"
    cp "$machine/plan.json" "$work/hand/"
    sed -z "s#$machine#$work/hand#g; s#$work/fcvm/${id:0:12}#$work/hand#g" "/proc/$pid/cmdline" >"$work/arguments"
    kill "$held"
    wait "$held" || true
    held=
}
# hand SCRIPT BYTES: one start by hand, with the script in the agent's place
hand() {
    rm -f "$work"/hand/*.sock "$work/hand/scratch.ext4"
    cp --sparse=always "$D/images/scratch.ext4" "$work/hand/scratch.ext4"
    local directory requests=$work/requests
    : >"$requests"
    for directory in root root/upper root/upper/usr root/upper/usr/lib root/upper/usr/lib/fcvm root/work containers; do
        echo "mkdir /$directory" >>"$requests"
    done
    printf 'write %s /root/upper/usr/lib/fcvm/fc-agent\nset_inode_field /root/upper/usr/lib/fcvm/fc-agent mode 0100755\n' "$1" >>"$requests"
    debugfs -w -f "$requests" "$work/hand/scratch.ext4" >/dev/null 2>&1
    bench/by-hand "$work/arguments" "$work/hand/link.sock" "$2"
}
# guest_script COMMAND: what the guest runs by hand, its output going to the link's port
guest_script() {
    cat <<S
#!/usr/lib/fcvm/busybox sh
for port in /sys/class/virtio-ports/*; do
    read -r name <"\$port/name"
    [ "\$name" != dev.fcvm.link ] || break
done
exec </dev/null >"/dev/\${port##*/}" 2>/dev/console
$1
while :; do /usr/lib/fcvm/busybox sleep 60; done
S
}

bench_run() {
    take_arguments
    local i name
    # The command is the agent's own, but for its environment.
    name=$("$fcvm" images --format json | sed -n 's/.*"Id": *"\([0-9a-f]*\)".*/\1/p' | head -n 1)
    guest_script "podman run --rm --pull never --network host --log-driver passthrough $name echo x" >"$work/run.sh"
    for ((i = 0; i < runs; i++)); do
        bench/first-byte "$fcvm" run --rm --quiet "$image" echo x | cut -d' ' -f1 >>"$work/fcvm-run"
        hand "$work/run.sh" 1 | cut -d' ' -f1 >>"$work/hand-run"
    done
    echo "start of the process to the container's first byte: fcvm run, the same VM and podman command by hand"
    report "  cold run of a cached busybox" "$work/fcvm-run" "$work/hand-run" "<= 1.10"
}

bench_output() {
    take_arguments
    local i size=$((1 << 30))
    guest_script "/usr/lib/fcvm/busybox head -c $size /dev/zero" >"$work/output.sh"
    for ((i = 0; i < (runs + 1) / 2; i++)); do
        bench/first-byte "$fcvm" run --rm --quiet "$image" head -c $size /dev/zero >"$work/o" &
        held=$!
        # The program's own memory while it passes the output on: a flat one has a peak near its first sample.
        while kill -0 "$held" 2>/dev/null; do
            pgrep -P "$held" | while read -r p; do sed -n 's/^VmRSS:[ \t]*\([0-9]*\) kB/\1/p' "/proc/$p/status" 2>/dev/null; done >>"$work/rss"
            read -rt 0.25 <> <(:) || true
        done
        wait "$held"
        held=
        awk '{print $2 - $1}' "$work/o" >>"$work/fcvm-output"
        hand "$work/output.sh" $size | awk '{print $2 - $1}' >>"$work/hand-output"
    done
    echo "first to last byte of 1 GiB: container output through the link, the raw channel written by busybox in the guest"
    awk -v a="$(median <"$work/hand-output")" -v b="$(median <"$work/fcvm-output")" \
        'BEGIN {printf "  %-40s %6.1f MiB/s  %6.1f MiB/s  ratio %5.2f  (goal >= 0.8)\n", "throughput", 1024000 / b, 1024000 / a, a / b}'
    sort -n "$work/rss" | awk '{v[NR] = $1} END {printf "  host memory meanwhile: median %.0f MiB, peak %.0f MiB (flat when they are near each other)\n", v[int((NR + 1) / 2)] / 1024, v[NR] / 1024}'
}

for section in "$@"; do
    case $section in
    start | run | output) "bench_$section" ;;
    *) die "run.sh: no benchmark '$section'; there are start, run and output" ;;
    esac
done
