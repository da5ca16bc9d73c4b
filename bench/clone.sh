#!/usr/bin/env bash
# clone.sh [--runs N]: what a clone takes in Firecracker, from start to answer; all in the same run, alternating. Medians of
#
#   clone   start of `fcvm clone -d` to the end of an `fcvm exec` in the clone
#   pool    the same with `fcvm clone --pool`, of a pool that is full when it begins
#   by hand the same snapshot in a Firecracker of its own, by its API: start of the process to the guest's answer to a
#           connection, which is its agent's first word; no jail, no network, no disk of its own, nothing renewed
#
# and what else there is to know: how much of the first is the clone's and how much the command's; the processor time of
# Firecracker, guest included, and of the supervisor, which other work on the host does not lengthen as it does the rest; how
# long it takes to save the machine; what each further clone takes of the host's memory (proportional set size of its monitor). A run of each comes before, which is not counted. Needs root,
# `make build`, the base, curl and socat, and a KVM that runs guests. FCVM_KERNEL names another kernel to boot the source.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh
load_settings
runs=5
[ "${1:-}" != --runs ] || runs=${2:?--runs needs a number}
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
[ "$(id -u)" -eq 0 ] || die "by hand, the snapshot's files must be where its machine had them, which takes root"
firecracker=${FIRECRACKER_BIN:-$D/bin/firecracker}
[ -x "$firecracker" ] || die "no firecracker in $firecracker"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
export FCVM_VMM=firecracker FCVM_WARM_BASE=no
name=bench-$$
work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
clear_away() {
    "$fcvm" pool rm -f "$name" >/dev/null 2>&1 || true
    "$fcvm" rm -f "$name" $(seq -f "$name-%g" 0 "$runs") $(seq -f "$name-pool-%g" 0 "$runs") >/dev/null 2>&1 || true
    "$fcvm" snapshot rm -f "$name" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clear_away EXIT
now() { date +%s%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN {printf "%.1f\n", (to - from) / 1e6}'; }

"$fcvm" run -d -m 64m --name "$name" --network none "$image" sleep 100000 >/dev/null
started=$(now)
"$fcvm" snapshot create -q "$name" "$name" >/dev/null
echo "snapshot create: $(since "$started") ms"
snapshot=$D/snapshots/$name
store=$(sed -n 's/.*"storeDisk":"\([^"]*\)".*/\1/p' "$snapshot/spec.json")

# The snapshot names its files as the machine's jail does; so they are where it says, in a tree of its own.
cat >"$work/by-hand" <<'EOF'
set -e
root=$1 snapshot=$2 store=$3 firecracker=$4 work=$5
mount -t tmpfs tree "$root"
mkdir -p "$root/dev/net" "$root/sockets"
touch "$root/firecracker" "$root/disk0" "$root/disk1" "$root/disk2" "$root/state" "$root/memory" "$root/dev/kvm" "$root/dev/net/tun" "$root/dev/urandom"
mount --bind "$firecracker" "$root/firecracker"
mount --bind "$snapshot/rootfs.ext4" "$root/disk0"
mount --bind "$work/scratch" "$root/disk1"
mount --bind "$store" "$root/disk2"
for file in state memory; do mount --bind "$snapshot/$file" "$root/$file"; done
for device in kvm net/tun urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
ip tuntap add dev vmtap0 mode tap
ip link set vmtap0 up
ask() { curl -sS --fail --unix-socket "$root/sockets/api.sock" -X "$1" "http://localhost$2" -H 'Content-Type: application/json' -d "$3"; }
from=$(date +%s%N)
chroot "$root" /firecracker --api-sock /sockets/api.sock --level Error >"$work/out" 2>&1 &
until [ -S "$root/sockets/api.sock" ]; do :; done
ask PUT /snapshot/load '{"snapshot_path":"/state","mem_backend":{"backend_type":"File","backend_path":"/memory"},"resume_vm":true}'
until echo 'CONNECT 1024' | timeout 2 socat -t 2 - "UNIX-CONNECT:$root/sockets/vsock.sock" 2>/dev/null | head -c 3 | grep -q OK; do :; done
awk -v from="$from" -v to="$(date +%s%N)" 'BEGIN {printf "%.1f ", (to - from) / 1e6}'
cat /proc/$!/task/*/schedstat | awk '{sum += $1} END {printf "%.1f\n", sum / 1e6}'
kill $!
wait $! 2>/dev/null || true
EOF
by_hand() {
    mkdir -p "$work/root"
    cp --sparse=always "$snapshot/scratch.ext4" "$work/scratch"
    unshare --mount --net --propagation private bash "$work/by-hand" "$work/root" "$snapshot" "$store" "$firecracker" "$work"
}

# monitor NAME: the process of its Firecracker
monitor() {
    local process id
    id=$("$fcvm" inspect -f '{{.Id}}' "$1")
    for process in $(pgrep -f -- "--id $id"); do
        [ "$(cat "/proc/$process/comm")" != firecracker ] || echo "$process"
    done
}
# processor PROCESS: the milliseconds its threads have run
processor() { cat "/proc/$1"/task/*/schedstat | awk '{sum += $1} END {printf "%.1f\n", sum / 1e6}'; }
# all_threads PROCESS: the same, with those that have ended, in ticks of 10 ms
all_threads() { sed 's/.*) //' "/proc/$1/stat" | awk '{print ($12 + $13) * 10}'; }
# full: waits until the pool has its one machine
full() { until "$fcvm" pool inspect "$name" | grep -q '"ready":1'; do sleep 0.1; done; }
"$fcvm" pool create "$name" --snapshot "$name" >/dev/null
supervisor=$("$fcvm" supervisor status | sed -n 's/^process *//p')

for ((i = 0; i <= runs; i++)); do
    before=$(all_threads "$supervisor")
    started=$(now)
    "$fcvm" clone "$name" --snapshot "$name" --name "$name-$i" -d >/dev/null
    made=$(since "$started")
    "$fcvm" exec "$name-$i" true
    clone=$(since "$started")
    after=$(all_threads "$supervisor")
    full
    started=$(now)
    "$fcvm" clone --pool "$name" --name "$name-pool-$i" -d >/dev/null
    taken=$(since "$started")
    "$fcvm" exec "$name-pool-$i" true
    pool=$(since "$started")
    full
    read -r hand hand_processor < <(by_hand)
    [ "$i" -gt 0 ] || continue
    echo "$clone" >>"$work/clone"
    echo "$pool" >>"$work/pool"
    echo "$taken" >>"$work/taken"
    echo "$made" >>"$work/made"
    awk -v all="$clone" -v made="$made" 'BEGIN {print all - made}' >>"$work/command"
    processor "$(monitor "$name-$i")" >>"$work/processor"
    awk -v before="$before" -v after="$after" 'BEGIN {print after - before}' >>"$work/supervisor"
    echo "$hand" >>"$work/hand"
    echo "$hand_processor" >>"$work/hand-processor"
done
awk -v clone="$(median "$work/clone")" -v hand="$(median "$work/hand")" \
    'BEGIN {printf "clone %.1f ms, by hand %.1f ms: %.2f\n", clone, hand, clone / hand}'
awk -v pool="$(median "$work/pool")" -v taken="$(median "$work/taken")" -v hand="$(median "$work/hand")" \
    'BEGIN {printf "clone --pool %.1f ms, of it the clone %.1f ms; by hand %.1f ms: %.2f\n", pool, taken, hand, pool / hand}'
awk -v made="$(median "$work/made")" -v command="$(median "$work/command")" -v processor="$(median "$work/processor")" \
    -v supervisor="$(median "$work/supervisor")" -v hand="$(median "$work/hand-processor")" 'BEGIN {
    printf "of it: the clone %.1f ms, the command in it %.1f ms\n", made, command
    printf "processor time: firecracker with its guest %.1f ms, by hand %.1f ms; the supervisor %.1f ms\n", processor, hand, supervisor}'
echo "memory of each clone (PSS): $(for i in $(seq 1 "$runs"); do
    awk '/^Pss:/ {printf "%.0f MiB ", $2 / 1024}' "/proc/$(monitor "$name-$i")/smaps_rollup"
done)"
