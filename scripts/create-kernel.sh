#!/usr/bin/env bash
# create-kernel.sh PACKAGES.tar vmlinux|initramfs OUTPUT
#
# From the tree that create-rootfs-debian.sh keeps: the ELF kernel, or the initramfs that goes with it (busybox, the
# few modules a guest needs before it has a root, and initramfs-init and load-modules of fc-agent/src/guest).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
guest=$GUEST

# Without these there is no root, no link and no plan, or a device of the monitor does nothing. The guest loads the drivers
# of the devices it has (load-modules); everything else is in the base, for modprobe.
modules="virtio_mmio virtio_blk virtio_console overlay qemu_fw_cfg vmw_vsock_virtio_transport virtio_net virtio-rng virtio_balloon"

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
    install -m 0644 "$guest/load-modules" "$root/load-modules"
    local module file
    for module in $modules; do
        dependencies_of "$module"
    done | awk '!seen[$0]++' >"$work/order"
    while read -r file; do
        case $file in
        *.xz) xz -dc "$from/$file" ;;
        *.zst) zstd -dcq "$from/$file" ;;
        *.gz) gzip -dc "$from/$file" ;;
        *) cat "$from/$file" ;;
        esac >"$to/$(base_of "$file").ko"
    done <"$work/order"
    index_modules
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # Not compressed: unpacking costs an emulated guest more than the host's page cache does.
    {
        (cd "$root" && find . -print0 | sort -z | cpio --quiet --null -o -H newc --reproducible --owner=0:0)
        # The kernel reads one archive after the other.
        device_nodes
    } >"$work/initramfs"
    mv -T "$work/initramfs" "$output"
}

# What modprobe goes by: modules.dep and modules.alias of the modules that are there, which all lie in one directory.
index_modules() {
    local file needed line
    while read -r file; do
        # modules.dep ends a line "a: b c" with what loads first.
        line=$(grep -F "$file:" "$from/modules.dep")
        printf '%s.ko:' "$(base_of "$file")"
        for needed in ${line#*:}; do printf ' %s.ko' "$(base_of "$needed")"; done
        echo
    done <"$work/order" >"$to/modules.dep"
    while read -r file; do base_of "$file"; done <"$work/order" | tr - _ |
        awk 'NR == FNR {ours[$1]; next} /^alias / {name = $3; gsub(/-/, "_", name); if (name in ours) print}' - "$from/modules.alias" >"$to/modules.alias"
}

# The device nodes of modules that load when somebody opens one (modules.devname), as an archive that needs no root to make:
# in lib/modules/RELEASE/nodes, from where the guest copies them, with the modes that udev's rules give them.
device_nodes() {
    local nodes=lib/modules/$release/nodes name number mode directory
    inode=1000000
    archive_entry "$nodes" 040755 0 0
    while read -r _ name number; do
        case $name in '' | *[!a-zA-Z0-9/_-]*) continue ;; esac
        case $number in c*) mode=020600 ;; b*) mode=060600 ;; *) continue ;; esac
        case $name in net/tun | vfio/vfio) mode=${mode%600}666 ;; esac
        directory=$nodes/${name%/*}
        [ "$name" = "${name%/*}" ] || archive_entry "$directory" 040755 0 0
        number=${number:1}
        archive_entry "$nodes/$name" "$mode" "${number%:*}" "${number#*:}"
    done < <(grep -v '^#' "$from/modules.devname" || true)
    archive_entry 'TRAILER!!!' 0 0 0
}

# archive_entry NAME MODE MAJOR MINOR: one member without content, as cpio's newc has it; see the kernel's
# Documentation/driver-api/early-userspace/buffer-format.rst.
archive_entry() {
    local length=$((${#1} + 1))
    inode=$((inode + 1))
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s' \
        $inode $(($2)) 0 0 1 "$SOURCE_DATE_EPOCH" 0 0 0 "$3" "$4" $length 0 "$1"
    # The name ends with a zero, and the whole with the next multiple of four.
    head -c $((1 + (4 - (110 + length) % 4) % 4)) /dev/zero
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
