#!/usr/bin/env bash
# test-guest-kernel.sh KERNEL OUT: makes OUT, the kernel the tests' Firecracker boots, of KERNEL (an ELF vmlinux, or one
# packed as .xz).
#
# The tests' own kernel for a KVM that boots no ordinary one is mended on the way. CPUID and XCR0 are the host's there,
# whatever the kernel would have, so programs in the guest find AVX-512 where the host has it. The kernel's table of
# register states ends at AVX, though; the size of the state then does not agree with what CPUID says, and the kernel
# saves neither: two programs that use vector registers, as every memcpy does, spoil each other's. Four places let the
# three states of AVX-512 in. Any other kernel is taken as it is.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
kernel=${1:?usage: test-guest-kernel.sh KERNEL OUT} out=${2:?usage: test-guest-kernel.sh KERNEL OUT}

known=2413893a8c55dcbfeea4ca07d3924536b4e7505b65951e2b5a8afab5018476a9
mended=3086548f2b5ad13cb232743c39468bcd81f193831a4dab60324b90145593383e
digest() { sha256sum "$1" | cut -d' ' -f1; }
# put OFFSET BYTES
put() { printf '%b' "$2" | dd of="$out.part" bs=1 seek=$(($1)) conv=notrunc status=none; }

trap 'rm -f "$out.part"' EXIT
case $kernel in
*.xz) xz -dc "$kernel" >"$out.part" ;;
*) cp "$kernel" "$out.part" ;;
esac
if [ "$(digest "$out.part")" = "$known" ]; then
    put 0xea796a '\xe7'                     # in fpu__init_system_xstate: the states taken from CPUID, 0x7 before
    put 0xf1e16a '\x9c\x00\x9c\x00\x9c\x00' # xsave_cpuid_features[5..7] ask for AVX, AVX512F before
    [ "$(digest "$out.part")" = "$mended" ] || die "the tests' kernel did not become what it should"
fi
mv "$out.part" "$out"
