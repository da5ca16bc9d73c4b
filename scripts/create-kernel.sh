#!/usr/bin/env bash
# create-kernel.sh PACKAGES.tar vmlinux|initramfs OUTPUT
#
# From the tree that create-rootfs-debian.sh keeps: the ELF kernel, or the initramfs that goes with it (busybox, the
# few modules a guest needs before it has a root, in the order in which they load, and fc-agent/src/guest/initramfs-init).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
guest=$GUEST

# Without these there is no root, no link and no plan. Everything else is in the base, for modprobe.
modules="virtio_mmio virtio_blk virtio_console overlay qemu_fw_cfg vmw_vsock_virtio_transport virtio_net virtio-rng"

main() {
    [ $# -eq 3 ] || die "usage: create-kernel.sh PACKAGES.tar vmlinux|initramfs OUTPUT"
    load_settings
    tar=$1 output=$3
    work=$(mktemp -d "$output.part.XXXXXXXX")
    trap 'rm -rf "$work" "$output.part.done"' EXIT
    tar -C "$work" -xf "$tar" ./.fcvm
    release=$(cat "$work/.fcvm/kernel-release")
    case $2 in
    vmlinux) "$SCRIPTS/extract-vmlinux" "$work/.fcvm/vmlinuz" "$work/vmlinux" && mv -T "$work/vmlinux" "$output" ;;
    initramfs) make_initramfs ;;
    *) die "$2 is neither vmlinux nor initramfs" ;;
    esac
}

make_initramfs() {
    tar -C "$work" -xf "$tar" ./usr/lib/fcvm/busybox "./usr/lib/modules/$release"
    local from=$work/usr/lib/modules/$release root=$work/root
    local to=$root/lib/modules/$release
    mkdir -p "$root"/{bin,dev,proc,sys,root,base,scratch,etc} "$to"
    cp "$work/usr/lib/fcvm/busybox" "$root/bin/busybox"
    install -m 0755 "$guest/initramfs-init" "$root/init"
    local module file
    for module in $modules; do
        dependencies_of "$module"
    done | awk '!seen[$0]++' | while read -r file; do
        case $file in
        *.xz) xz -dc "$from/$file" ;;
        *.zst) zstd -dcq "$from/$file" ;;
        *.gz) gzip -dc "$from/$file" ;;
        *) cat "$from/$file" ;;
        esac >"$to/$(base_of "$file").ko"
        echo "$(base_of "$file").ko" >>"$to/order"
    done
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # Not compressed: unpacking costs an emulated guest more than the host's page cache does.
    (cd "$root" && find . -print0 | sort -z | cpio --quiet --null -o -H newc --reproducible --owner=0:0) >"$work/initramfs"
    mv -T "$work/initramfs" "$output"
}

base_of() {
    local name=${1##*/}
    echo "${name%%.ko*}"
}

# dependencies_of MODULE: its file and those it depends on, each after what it needs; nothing for one that is built in.
dependencies_of() {
    local line file needed
    # modules.dep: "kernel/a.ko.xz: kernel/b.ko.xz kernel/c.ko.xz", where a needs b and c, and what stands later loads first.
    line=$(grep -E "(^|/)${1//[-_]/[-_]}\.ko[^:]*:" "$from/modules.dep" || true)
    if [ -z "$line" ]; then
        grep -qE "(^|/)${1//[-_]/[-_]}\.ko" "$from/modules.builtin" || die "the kernel $release has no module $1"
        return
    fi
    file=${line%%:*}
    for needed in ${line#*:}; do echo "$needed"; done | tac
    echo "$file"
}
main "$@"
