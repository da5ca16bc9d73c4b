#!/usr/bin/env bash
# run.sh [--runs N] [start|run|boot|output|store]…: the figures of docs/benchmarks.md, measured here and now (store,
# which takes minutes, only when it is named). Each is a ratio of
# medians of runs that alternate, so that a busy machine slows both sides. Needs `make build` and the base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh
load_settings
runs=5
if [ "${1:-}" = --runs ]; then
    runs=${2:?--runs needs a number}
    shift 2
fi
[ $# -gt 0 ] || set -- start run boot output
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
[ -f "$D/images/base.json" ] || die "no base in $D/images; run: scripts/fcvm-init.sh"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"

work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
# The measured programs are given a runtime directory of the benchmark's own, so that nothing else lies there.
export XDG_RUNTIME_DIR=$work
# Machines boot; bench/warm.sh is for the others.
export FCVM_WARM_BASE=no
# The same machine as by hand. What a network costs is measured by itself.
export FCVM_NETWORK=none
cleanup() {
    [ -z "${held:-}" ] || kill "$held" 2>/dev/null || true
    wait
    "$fcvm" supervisor stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

# report WHAT OURS THEIRS GOAL: files of milliseconds, one a line
report() {
    local ours theirs
    ours=$(median "$2")
    theirs=$(median "$3")
    awk -v what="$1" -v a="$ours" -v b="$theirs" -v goal="$4" -v n="$(wc -l <"$2")" \
        'BEGIN {printf "%-58s %9.1f ms  %9.1f ms  ratio %5.2f  (goal %s, %d runs)\n", what, a, b, a / b, goal, n}'
}

# Ends the supervisor, and waits until it is gone.
stop_supervisor() {
    local process
    process=$(supervisor_process)
    "$fcvm" supervisor stop >/dev/null
    [ -z "$process" ] || tail --pid="$process" -f /dev/null
}
supervisor_process() { "$fcvm" supervisor status 2>/dev/null | sed -n 's/^process *//p' || true; }

# An image with FILES files of a line in one directory, and BYTES that do not shrink, in one layer.
many_files() {
    local out=$1 files=$2 bytes=$3
    mkdir -p "$out/tree/many" "$out/image"
    (cd "$out/tree/many" && seq -f 'file-%08.0f' "$files" | split -l 1 -a 6 - file-)
    head -c "$bytes" /dev/urandom >"$out/tree/large"
    tar -C "$out/tree" --sort=name --numeric-owner --owner=0 --group=0 -cf "$out/image/layer.tar" .
    rm -rf "$out/tree"
    python3 - "$out/image" <<'PYTHON'
import hashlib, json, os, platform, sys
image = sys.argv[1]
blobs = image + '/blobs/sha256'
os.makedirs(blobs)
def described(path, media):
    digest = hashlib.file_digest(open(path, 'rb'), 'sha256').hexdigest()
    size = os.path.getsize(path)
    os.rename(path, blobs + '/' + digest)
    return {'mediaType': 'application/vnd.oci.image.' + media, 'digest': 'sha256:' + digest, 'size': size}
def written(content, media):
    with open(image + '/fresh', 'w') as file:
        json.dump(content, file)
    return described(image + '/fresh', media)
layer = described(image + '/layer.tar', 'layer.v1.tar')
machine = {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(platform.machine(), platform.machine())
config = written({'architecture': machine, 'os': 'linux', 'rootfs': {'type': 'layers', 'diff_ids': [layer['digest']]}},
                 'config.v1+json')
manifest = written({'schemaVersion': 2, 'config': config, 'layers': [layer]}, 'manifest.v1+json')
json.dump({'schemaVersion': 2, 'manifests': [manifest]}, open(image + '/index.json', 'w'))
json.dump({'imageLayoutVersion': '1.0.0'}, open(image + '/oci-layout', 'w'))
PYTHON
}
milliseconds() {
    local begin
    begin=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - begin) / 1000000))
}
bench_store() {
    if ! command -v podman >/dev/null; then
        echo "store: not measured, since it is compared with podman; install it with: sudo apt-get install podman"
        return
    fi
    local i files bytes what store=(--root "$work/podman" --runroot "$work/podman-run" --storage-driver overlay)
    for what in 'files 60000 0' 'bytes 10 1200000000'; do
        read -r what files bytes <<<"$what"
        many_files "$work/$what" "$files" "$bytes"
        for ((i = 0; i < runs; i++)); do
            FCVM_DATA_DIR=$work/data FCVM_SUPERVISOR=off milliseconds "$fcvm" pull --quiet "oci:$work/$what/image" >>"$work/fcvm-$what"
            FCVM_DATA_DIR=$work/data FCVM_SUPERVISOR=off "$fcvm" rmi --all >/dev/null
            # By a relative name: Podman makes the image's name of it, which must be in lower case.
            (cd "$work" && milliseconds podman "${store[@]}" pull --quiet "oci:$what/image") >>"$work/podman-$what"
            podman "${store[@]}" rmi --all --force >/dev/null
        done
        rm -rf "${work:?}/$what"
        report "store: an image of $files files, $((bytes / 1000000)) MB of data" "$work/fcvm-$what" "$work/podman-$what" '<= 1.5'
    done
}

bench_start() {
    if ! command -v podman >/dev/null; then
        echo "start: not measured, since it is compared with podman; install it with: sudo apt-get install podman"
        return
    fi
    local i pair
    for ((i = 0; i < runs * 4; i++)); do
        for pair in version:--version images:images ps:ps; do
            bench/first-byte "$fcvm" "${pair#*:}" | cut -d' ' -f2 >>"$work/fcvm-${pair%%:*}"
            bench/first-byte podman "${pair#*:}" | cut -d' ' -f2 >>"$work/podman-${pair%%:*}"
        done
    done
    echo "start to end of the process: fcvm with a supervisor, podman on the host"
    report "  --version" "$work/fcvm-version" "$work/podman-version" "<= 0.3"
    report "  images" "$work/fcvm-images" "$work/podman-images" "<= 0.3"
    report "  ps" "$work/fcvm-ps" "$work/podman-ps" "<= 0.3"
    for ((i = 0; i < runs * 2; i++)); do
        stop_supervisor
        bench/first-byte "$fcvm" ps | cut -d' ' -f2 >>"$work/fcvm-first"
        FCVM_SUPERVISOR=off bench/first-byte "$fcvm" ps | cut -d' ' -f2 >>"$work/fcvm-off"
    done
    echo "the same: the first fcvm, which starts the supervisor; fcvm without one"
    report "  ps" "$work/fcvm-first" "$work/fcvm-off" "<= 1.0"
}

# ---- the same VM by hand -----------------------------------------------------------------------------------------

# prepare_hand VMM: what the machine of a plain `fcvm run` on this VMM is made of, what fcvm is told so that it takes this
# VMM, and a name for the image that Podman in it knows.
prepare_hand() {
    mkdir -p "$work/hand"
    environment=("FCVM_VMM=$1")
    if [ "$1" = firecracker ] && [ -n "${FCVM_TEST_FIRECRACKER_KERNEL:-}" ]; then
        environment+=(FCVM_KVM=yes "FCVM_KERNEL=$FCVM_TEST_FIRECRACKER_KERNEL")
    fi
    env "${environment[@]}" "$fcvm" run --quiet --name "bench-$$" "$image" true
    spec=$(cat "$D"/machines/*/spec.json | grep -F "\"bench-$$\"")
    "$fcvm" rm "bench-$$" >/dev/null
    store_disk=$(json storeDisk) vcpus=$(json vcpus) memory=$(json memoryMib)
    image_id=$("$fcvm" images --format json | sed -n 's/.*"Id": *"\([0-9a-f]*\)".*/\1/p' | head -n 1)
    kernel=${FCVM_KERNEL:-$D/images/vmlinux}
    [ -n "${FCVM_KERNEL:-}" ] || [ -e "$D/images/vmlinux.yours" ] || [ ! -e "$D/images/vmlinux-fcvm" ] || kernel=$D/images/vmlinux-fcvm
    firecracker_kernel=${FCVM_TEST_FIRECRACKER_KERNEL:-$kernel}
}
json() { sed -E "s/.*\"$1\":\"?([^,\"}]*).*/\1/" <<<"$spec"; }

# scratch SCRIPT: a scratch disk in which the script stands in the agent's place
scratch() {
    rm -f "$work"/hand/*.sock "$work/hand/scratch.ext4"
    mke2fs -q -F -t ext4 -b 4096 -m 0 -O '^has_journal,^resize_inode' -E lazy_itable_init=1 "$work/hand/scratch.ext4" 4g >/dev/null
    local directory requests=$work/requests
    : >"$requests"
    for directory in root root/upper root/upper/usr root/upper/usr/lib root/upper/usr/lib/fcvm root/work containers; do
        echo "mkdir /$directory" >>"$requests"
    done
    printf 'write %s /root/upper/usr/lib/fcvm/fc-agent\nset_inode_field /root/upper/usr/lib/fcvm/fc-agent mode 0100755\n' "$1" >>"$requests"
    debugfs -w -f "$requests" "$work/hand/scratch.ext4" >/dev/null 2>&1
}

# hand_qemu SCRIPT BYTES: one start by hand; the figures of bench/by-hand
hand_qemu() {
    scratch "$1"
    local accelerator=(-accel kvm -cpu host) clock=''
    if ! kvm_runs; then
        local khz
        khz=$(awk '/^cpu MHz/ {printf "%d", $4 * 1000; exit}' /proc/cpuinfo)
        accelerator=(-accel 'tcg,thread=multi,tb-size=256' -cpu 'max,erms=off,fsrm=off') clock="tsc_early_khz=$khz tsc=reliable"
    fi
    printf '%s\0' "$(command -v qemu-system-x86_64)" -nodefaults -no-user-config -display none -no-reboot \
        -machine microvm,acpi=on,rtc=on,auto-kernel-cmdline=off -bios qboot.rom "${accelerator[@]}" -smp "$vcpus" -m "${memory}M" \
        -kernel "$kernel" -initrd "$D/images/initramfs.img" \
        -append "console=ttyS0 reboot=t panic=-1 $clock quiet cryptomgr.notests fcvm.init=tiny ${FCVM_KERNEL_ARGS:-}" \
        -chardev "socket,id=console,path=$work/hand/console.sock,server=on,wait=off" -serial chardev:console \
        -chardev "socket,id=link,path=$work/hand/link.sock,server=on,wait=off" -device virtio-serial-device \
        -device virtserialport,chardev=link,name=dev.fcvm.link -device virtio-rng-device \
        -drive "id=disk0,file=$D/images/rootfs.ext4,format=raw,if=none,readonly=on" -device virtio-blk-device,drive=disk0 \
        -drive "id=disk1,file=$work/hand/scratch.ext4,format=raw,if=none,cache=unsafe,discard=unmap" -device virtio-blk-device,drive=disk1 \
        -drive "id=disk2,file=$store_disk,format=raw,if=none,readonly=on" -device virtio-blk-device,drive=disk2 >"$work/arguments"
    bench/by-hand "$work/arguments" "$work/hand/link.sock" "$2"
}

# firecracker_config SCRATCH: the same machine in Firecracker's words
firecracker_config() {
    cat >"$work/hand/config.json" <<J
{"boot-source": {"kernel_image_path": "$firecracker_kernel", "initrd_path": "$D/images/initramfs.img",
  "boot_args": "console=ttyS0 reboot=k panic=-1 i8042.noaux i8042.nomux i8042.dumbkbd quiet cryptomgr.notests fcvm.init=tiny ${FCVM_KERNEL_ARGS:-}"},
 "machine-config": {"vcpu_count": $vcpus, "mem_size_mib": $memory},
 "drives": [
  {"drive_id": "disk0", "path_on_host": "$D/images/rootfs.ext4", "is_root_device": false, "is_read_only": true},
  {"drive_id": "disk1", "path_on_host": "$work/hand/scratch.ext4", "is_root_device": false},
  {"drive_id": "disk2", "path_on_host": "$store_disk", "is_root_device": false, "is_read_only": true}],
 "vsock": {"guest_cid": 3, "uds_path": "$work/hand/vsock.sock"}}
J
}

# hand_firecracker SCRIPT BYTES [CHANNEL]: one start by hand with --config-file; what the guest says comes by its console,
# or by vsock
hand_firecracker() {
    scratch "$1"
    firecracker_config
    printf '%s\0' "$firecracker" --no-api --config-file "$work/hand/config.json" --level Error >"$work/arguments"
    bench/by-hand "$work/arguments" "${3:-console}" "$2"
}

# guest_script WHERE COMMAND: what the guest runs by hand, its output going to the link's port (link), to who connects to
# vsock port 1024 (vsock), or to the console
guest_script() {
    echo '#!/usr/lib/fcvm/busybox sh'
    if [ "$1" = link ]; then
        # shellcheck disable=SC2016 # the guest's shell expands it
        echo 'for port in /sys/class/virtio-ports/*; do
    read -r name <"$port/name"
    [ "$name" != dev.fcvm.link ] || break
done
exec </dev/null >"/dev/${port##*/}" 2>/dev/null'
    elif [ "$1" = vsock ]; then
        # shellcheck disable=SC2016 # perl's variables
        set -- "$1" 'perl -e '\''my ($l, $c); socket($l, 40, 1, 0) && bind($l, pack("SSLLx4", 40, 0, 1024, 0xffffffff)) && listen($l, 1) || die;
accept($c, $l) || die; open(STDOUT, ">&", $c); exec @ARGV'\'' '"$2"
    else
        printf '%s\n' "exec </dev/null >/dev/console 2>/dev/null" "printf '\\001'"
    fi
    echo "$2
while :; do /usr/lib/fcvm/busybox sleep 60; done"
}

kvm_runs() { case ${FCVM_KVM:-auto} in yes) return 0 ;; no) return 1 ;; *) "$SCRIPTS/kvm-probe" >/dev/null ;; esac }
# Where KVM runs no ordinary guest, FCVM_TEST_FIRECRACKER_KERNEL names one that it does run, as for the tests.
find_firecracker() {
    firecracker=${FIRECRACKER_BIN:-$D/bin/firecracker}
    [ -x "$firecracker" ] || firecracker=$(command -v firecracker) || return 1
    [ -n "${FCVM_TEST_FIRECRACKER_KERNEL:-}" ] || kvm_runs
}
for_vmms() {
    local vmm
    for vmm in ${FCVM_BENCH_VMMS:-qemu firecracker}; do
        if [ "$vmm" != firecracker ] || find_firecracker; then
            "$1" "$vmm"
        else
            echo "  firecracker: not measured, since there is none here or KVM does not run guests"
        fi
    done
}

bench_run() {
    echo "start of the process to the container's first byte: fcvm run, the same VM and podman command by hand"
    for_vmms bench_run_on
    if [ -s "$work/fcvm-firecracker" ] && [ -s "$work/fcvm-qemu" ]; then
        report "  the same fcvm run: firecracker, qemu" "$work/fcvm-firecracker" "$work/fcvm-qemu" "<= 1.0"
    fi
}
# bench_run_on VMM
bench_run_on() {
    local i channel=link
    prepare_hand "$1"
    [ "$1" = qemu ] || channel=console
    # The command is the agent's own, but for its environment. Podman passes nothing through to a terminal.
    guest_script "$channel" "podman run --rm --pull never --network none --log-driver passthrough $image_id echo x | /usr/lib/fcvm/busybox cat" >"$work/run.sh"
    for ((i = 0; i < runs; i++)); do
        env "${environment[@]}" bench/first-byte "$fcvm" run --rm --quiet "$image" echo x | cut -d' ' -f1 >>"$work/fcvm-$1"
        "hand_$1" "$work/run.sh" 1 | cut -d' ' -f1 >>"$work/hand-$1"
    done
    report "  $1: cold run of a cached busybox" "$work/fcvm-$1" "$work/hand-$1" "<= 1.10"
}

# Start of Firecracker's process to its machine started: what the driver adds with its jail and its calls. Firecracker's
# own is from the start of its process to its word that the machine of --config-file was started.
bench_boot() {
    find_firecracker || { echo "boot: not measured, since there is no Firecracker here or KVM does not run guests"; return 0; }
    prepare_hand firecracker
    scratch /dev/null
    firecracker_config
    printf '%s\0' "$firecracker" --no-api --config-file "$work/hand/config.json" --level Info >"$work/arguments"
    local i
    for ((i = 0; i < runs * 2; i++)); do
        env "${environment[@]}" "$fcvm" run --rm --quiet --timings=json "$image" true 2>"$work/timings" >/dev/null
        sed -n 's/.*"prepare":\([0-9.]*\),"vmm-started":\([0-9.]*\),.*/\1 \2/p' "$work/timings" >"$work/times"
        awk '{print $2 - $1}' "$work/times" >>"$work/fcvm-boot"
        awk '{print $2}' "$work/times" >>"$work/fcvm-whole"
        rm -f "$work"/hand/*.sock
        bench/by-hand "$work/arguments" 'console:Successfully started microvm' | cut -d' ' -f1 >>"$work/hand-boot"
    done
    echo "start of the process to InstanceStart accepted: fcvm, firecracker --config-file"
    report "  from the start of firecracker, its jail included" "$work/fcvm-boot" "$work/hand-boot" "100 ms more at most"
    report "  from the start of fcvm" "$work/fcvm-whole" "$work/hand-boot" "none"
}

bench_output() {
    echo "first to last byte of 1 GiB: container output through the link, the raw channel written by busybox in the guest"
    for_vmms bench_output_on
}
# bench_output_on VMM
bench_output_on() {
    local i size=$((1 << 30)) channel=link socket=""
    prepare_hand "$1"
    [ "$1" = qemu ] || channel=vsock socket=vsock:$work/hand/vsock.sock
    guest_script "$channel" "/usr/lib/fcvm/busybox head -c $size /dev/zero" >"$work/output.sh"
    for ((i = 0; i < (runs + 1) / 2; i++)); do
        env "${environment[@]}" bench/first-byte "$fcvm" run --rm --quiet "$image" head -c $size /dev/zero >"$work/o" &
        held=$!
        # The program's own memory while it passes the output on: a flat one has a peak near its first sample.
        while kill -0 "$held" 2>/dev/null; do
            supervisor_process | while read -r p; do sed -n 's/^VmRSS:[ \t]*\([0-9]*\) kB/\1/p' "/proc/$p/status" 2>/dev/null; done >>"$work/rss-$1" || true
            read -rt 0.25 <> <(:) || true
        done
        wait "$held"
        held=
        awk '{print $2 - $1}' "$work/o" >>"$work/fcvm-output-$1"
        "hand_$1" "$work/output.sh" $size "$socket" | awk '{print $2 - $1}' >>"$work/hand-output-$1"
    done
    awk -v what="  $1" -v a="$(median "$work/hand-output-$1")" -v b="$(median "$work/fcvm-output-$1")" \
        'BEGIN {printf "%-58s %6.1f MiB/s  %6.1f MiB/s  ratio %5.2f  (goal >= 0.8)\n", what, 1024000 / b, 1024000 / a, a / b}'
    sort -n "$work/rss-$1" | awk '{v[NR] = $1} END {printf "    host memory meanwhile: first quarter %.0f MiB, median %.0f MiB, peak %.0f MiB (flat when they are near each other)\n", v[int((NR + 3) / 4)] / 1024, v[int((NR + 1) / 2)] / 1024, v[NR] / 1024}'
}

for section in "$@"; do
    case $section in
    start | run | boot | output | store) "bench_$section" ;;
    *) die "run.sh: no benchmark '$section'; there are start, run, boot, output and store" ;;
    esac
done
