#!/usr/bin/env bash
# make-root.sh DIR SUITE/PACKAGE "MORE PACKAGES": makes what scripts/ordinary-kvm boots, in DIR: root.ext4, vmlinuz and
# initramfs of L1, and qemu/, the QEMU it is run with. By root.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dir=$1 kernel=$2 more=$3
: "${FCVM_ROOTFS_MIRROR:=}"

packages=(kmod iproute2 nftables conntrack dnsmasq-base slirp4netns vde2 uidmap skopeo attr acl qemu-system-x86 busybox-static
    util-linux mount procps python3 perl-base e2fsprogs ca-certificates libcap2-bin strace curl socat xz-utils zstd)
# shellcheck disable=SC2206 # a list of words
packages+=($more)
suite=${kernel%/*}
mirror=${FCVM_ROOTFS_MIRROR:-http://deb.debian.org/debian}
# Without a mirror mmdebstrap takes Debian's own with the updates and security suites. The kernel alone is of another.
mirrors=()
if [ "$suite" = trixie ]; then
    packages+=("${kernel#*/}")
    [ -z "$FCVM_ROOTFS_MIRROR" ] || mirrors=("$mirror")
else
    packages+=("${kernel#*/}/$suite")
    mirrors=("deb $mirror trixie main" "deb $mirror $suite main")
fi

tree=$dir/tree early=$dir/early
mkdir -p "$dir"
mmdebstrap --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" trixie "$tree" "${mirrors[@]}"
chroot "$tree" groupadd -f -r kvm
chroot "$tree" useradd -m -u 1000 -s /bin/bash -G kvm fcuser
install -m 0755 "$SCRIPTS/l1/init.sh" "$tree/sbin/l1-init"
install -m 0755 "$SCRIPTS/l1/as-user.sh" "$tree/usr/local/bin/as-user"
echo l1 >"$tree/etc/hostname"
printf '127.0.0.1 localhost l1\n::1 localhost\n' >"$tree/etc/hosts"
rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/boot/initrd*

# An initramfs of the modules that the root's disk needs, and of what those need; a newer kernel has some built in.
versions=("$tree"/lib/modules/*)
[ ${#versions[@]} = 1 ] || die "there is not one kernel in L1's root, but: ${versions[*]##*/}"
version=${versions[0]##*/}
mkdir -p "$early"/{bin,modules,proc,sys,dev,new}
cp "$tree/usr/bin/busybox" "$early/bin/"
install -m 0755 "$SCRIPTS/l1/early-init.sh" "$early/init"
for module in virtio_pci virtio_blk ext4; do chroot "$tree" modprobe -S "$version" --show-depends "$module"; done |
    awk '$1 == "insmod" && !seen[$2]++ {print $2}' | while read -r file; do
        name=${file##*/}
        name=${name%.xz}
        case $file in
        *.xz) chroot "$tree" xz -dc "$file" >"$early/modules/$name" ;;
        *) cp "$tree$file" "$early/modules/$name" ;;
        esac
        echo "$name"
    done >"$dir/order"
mv "$dir/order" "$early/modules/order"
mv "$early" "$tree/.early"
chroot "$tree" sh -c 'cd /.early && find . | busybox cpio -o -H newc' >"$dir/initramfs"
rm -r "$tree/.early"
cp "$tree/boot/vmlinuz-$version" "$dir/vmlinuz"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$tree" "$dir/root.ext4" 8G

# Of the tree itself only QEMU is still needed.
mkdir "$dir/qemu"
for part in usr/lib64 usr/lib/x86_64-linux-gnu usr/share/qemu usr/share/seabios usr/lib/ipxe usr/bin/qemu-system-x86_64; do
    [ -e "$tree/$part" ] || continue
    mkdir -p "$dir/qemu/${part%/*}"
    cp -a "$tree/$part" "$dir/qemu/${part%/*}/"
done
rm -rf --one-file-system "$tree"
