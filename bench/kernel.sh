#!/usr/bin/env bash
# kernel.sh [--runs N]: the kernel of scripts/build-kernel.sh against the stock one, in the same machine and the same run.
# Two figures each, medians: kernel entry to process 1 (by the guest's own clock), and start of the VMM to the agent's
# first word. A run with each comes before, which is not counted. Needs `make build`, the base and scripts/build-kernel.sh.
# FCVM_VMM and FCVM_KVM say in which monitor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
runs=5
[ "${1:-}" != --runs ] || runs=${2:?--runs needs a number}
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
stock=$D/images/vmlinux small=$D/images/vmlinux-fcvm
[ -f "$stock" ] || die "no base in $D/images; run: scripts/fcvm-init.sh"
[ -f "$small" ] || die "no $small; run: scripts/build-kernel.sh"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

echo "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), FCVM_VMM=${FCVM_VMM:-auto}, stock $(stat -Lc %s "$stock") bytes, small $(stat -Lc %s "$small") bytes"
for ((i = 0; i <= runs; i++)); do
    for which in stock small; do
        "$fcvm" run --rm --network none --privileged --timings --kernel "${!which}" "$image" sh -c 'dmesg | grep "Run /init"' \
            >"$work/out" 2>"$work/err" || die "the run with ${!which} failed: $(tail -n 1 "$work/err")"
        [ "$i" -gt 0 ] || continue
        awk '/Run \/init/ {gsub(/[][]/, " "); print $1 * 1000}' "$work/out" >>"$work/$which-init"
        awk '$1 == "vmm-started" {from = $2} $1 == "agent-ready" {print $2 - from}' "$work/err" >>"$work/$which-agent"
    done
done
for what in "init:kernel entry to process 1" "agent:start of the VMM to the agent's first word"; do
    awk -v what="${what#*:}" -v a="$(median <"$work/small-${what%%:*}")" -v b="$(median <"$work/stock-${what%%:*}")" -v n="$runs" \
        'BEGIN {printf "%-48s small %9.1f ms  stock %9.1f ms  ratio %5.2f  (%d runs)\n", what, a, b, a / b, n}'
done
