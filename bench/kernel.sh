#!/usr/bin/env bash
# kernel.sh [--runs N]: a machine's way to its agent, with the stock kernel and with that of scripts/build-kernel.sh, where
# there is one, in QEMU and, where KVM runs guests, in Firecracker; all in the same run, alternating. Medians of
#
#   init    kernel entry to process 1, by the guest's own clock
#   root    process 1 to the agent's first word: modules, disks, both inits, the agent's Java; what is left of the third
#   agent   start of the VMM to the agent's first word
#   process start of fcvm to the agent's first word
#
# A run of each comes before, which is not counted. Needs `make build` and the base. FCVM_BENCH_VMMS=qemu leaves Firecracker
# out; FCVM_KVM says whether KVM is used; FCVM_KERNEL_ARGS is for the guests.
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
stock=$D/images/vmlinux small=$D/images/vmlinux-fcvm
[ -f "$stock" ] || die "no base in $D/images; run: scripts/fcvm-init.sh"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

kvm_runs() { case ${FCVM_KVM:-auto} in yes) return 0 ;; no) return 1 ;; *) "$SCRIPTS/kvm-probe" >/dev/null ;; esac }

vmms='' accelerator='in software'
if kvm_runs; then accelerator='with KVM'; fi
for vmm in ${FCVM_BENCH_VMMS:-qemu firecracker}; do
    if [ "$vmm" = firecracker ] && ! kvm_runs; then
        echo "firecracker: not measured, since this host's KVM does not run these kernels"
    else
        vmms="$vmms $vmm"
    fi
done
kernels=stock
if [ -f "$small" ]; then kernels='small stock'; else echo "small kernel: not measured, since there is none; scripts/build-kernel.sh makes it"; fi

# one_run VMM KERNEL: a line "init root agent process" of milliseconds
one_run() {
    FCVM_VMM=$1 "$fcvm" run --rm --cold --network none --privileged --timings --kernel "${!2}" "$image" sh -c 'dmesg | grep "Run /init"' \
        >"$work/out" 2>"$work/err" || die "the run in $1 with ${!2} ended with $?: $(grep -v "^  " "$work/err")"
    awk 'FNR == NR {if (/Run \/init/) {gsub(/[][]/, " "); init = $1 * 1000}; next}
        $1 == "vmm-started" {from = $2} $1 == "agent-ready" {to = $2}
        END {print init, to - from - init, to - from, to}' "$work/out" "$work/err"
}

echo "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), QEMU $accelerator, stock $(stat -Lc %s "$stock") bytes$([ ! -f "$small" ] || echo ", small $(stat -Lc %s "$small") bytes")"
for ((i = 0; i <= runs; i++)); do
    for vmm in $vmms; do
        for kernel in $kernels; do
            line=$(one_run "$vmm" "$kernel")
            [ "$i" -gt 0 ] || continue
            read -ra figures <<<"$line"
            for what in init root agent process; do
                echo "${figures[0]}" >>"$work/$vmm-$kernel-$what"
                figures=("${figures[@]:1}")
            done
        done
    done
done

printf '%-28s %10s %10s %10s %10s   (ms, %d runs)\n' '' init root agent process "$runs"
for vmm in $vmms; do
    for kernel in $kernels; do
        printf '%-28s' "$vmm, $kernel kernel"
        for what in init root agent process; do printf ' %10.0f' "$(median "$work/$vmm-$kernel-$what")"; done
        echo
    done
done
# ratio NAME FILES OF-FILES: the medians of one side over those of the other
ratio() {
    printf '%-28s' "$1"
    for what in init root agent process; do
        awk -v a="$(median "$work/$2-$what")" -v b="$(median "$work/$3-$what")" 'BEGIN {printf " %10.2f", a / b}'
    done
    echo
}
for vmm in $vmms; do
    case $kernels in *small*) ratio "$vmm, small/stock" "$vmm-small" "$vmm-stock" ;; esac
done
case $vmms in *qemu*firecracker*) for kernel in $kernels; do ratio "$kernel, firecracker/qemu" "firecracker-$kernel" "qemu-$kernel"; done ;; esac
