#!/bin/sh
# rootfs-customize.sh ROOT: the last step inside a fresh Debian tree, run by create-rootfs-debian.sh (as mmdebstrap's
# hook, or after debootstrap). Brings the kernel and busybox from the same mirror, and takes out what no guest uses.
# Leaves ROOT/.fcvm/: vmlinuz, kernel-release, config. It is no part of the root file system.
set -eu
root=$1

# With mmdebstrap apt runs outside the tree; after debootstrap it is inside.
apt() {
    if [ -n "${MMDEBSTRAP_APT_CONFIG:-}" ]; then
        (cd "$root/.fcvm" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG "$@")
    else
        chroot "$root" sh -c 'cd /.fcvm && exec "$@"' sh "$@"
    fi
}

mkdir "$root/.fcvm"
kernel_package=${FCVM_ROOTFS_KERNEL:-linux-image-cloud-amd64}
# The meta package names the kernel; only this one package is wanted, not the initramfs tools it depends on.
real_package=$(apt apt-cache depends "$kernel_package" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
apt apt-get -qq -o APT::Sandbox::User=root download "${real_package:-$kernel_package}" busybox-static

dpkg-deb -x "$root"/.fcvm/linux-image-*.deb "$root/.fcvm/kernel"
set -- "$root"/.fcvm/kernel/boot/vmlinuz-*
release=${1##*/vmlinuz-}
echo "$release" >"$root/.fcvm/kernel-release"
mv "$root/.fcvm/kernel/boot/vmlinuz-$release" "$root/.fcvm/vmlinuz"
mv "$root/.fcvm/kernel/boot/config-$release" "$root/.fcvm/config"
mkdir -p "$root/usr/lib/modules"
for modules in "$root/.fcvm/kernel/usr/lib/modules" "$root/.fcvm/kernel/lib/modules"; do
    [ ! -d "$modules/$release" ] || mv "$modules/$release" "$root/usr/lib/modules/"
done
chroot "$root" depmod "$release"

dpkg-deb -x "$root"/.fcvm/busybox-static_*.deb "$root/.fcvm/busybox"
mkdir -p "$root/usr/lib/fcvm/sbin"
# Its path differs between releases, and other files of the package bear its name too (a hook of initramfs-tools).
for program in usr/bin/busybox bin/busybox; do
    [ ! -x "$root/.fcvm/busybox/$program" ] || mv "$root/.fcvm/busybox/$program" "$root/usr/lib/fcvm/busybox"
done
[ -x "$root/usr/lib/fcvm/busybox" ]
# busybox is told which program it is by its name.
ln -s ../busybox "$root/usr/lib/fcvm/sbin/init"
chroot "$root" dpkg-query -W >"$root/.fcvm/packages"
rm -rf "$root/.fcvm/kernel" "$root/.fcvm/busybox" "$root"/.fcvm/*.deb

cd "$root"
# Not below tmp and var/lib/apt: mmdebstrap keeps its apt.conf there, and would clean the host's lists without it.
# What the host's copy of these said concerns the host.
rm -f etc/resolv.conf etc/hostname
: >etc/resolv.conf
echo fcvm >etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n' >etc/hosts
: >etc/fstab
rm -rf usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/bash-completion \
    usr/share/zsh usr/share/fish usr/share/i18n usr/lib/x86_64-linux-gnu/gconv usr/bin/podman-testing \
    usr/libexec/podman/quadlet usr/lib/systemd/system-generators/podman-system-generator \
    usr/lib/udev/hwdb.d usr/lib/udev/hwdb.bin usr/lib/systemd/catalog \
    var/log/* var/lib/systemd/catalog boot/*
# Kept for whoever looks into a guest: which packages and versions it has (var/lib/dpkg/status).
rm -rf var/lib/dpkg/info var/lib/dpkg/*-old var/lib/dpkg/triggers

# systemd variant: only what the agent needs.
if [ -d usr/lib/systemd/system ]; then
    ln -sf /usr/lib/systemd/system/multi-user.target etc/systemd/system/default.target
    for unit in systemd-firstboot.service systemd-hwdb-update.service systemd-update-done.service ldconfig.service \
        systemd-journal-catalog-update.service systemd-sysusers.service systemd-networkd.service \
        systemd-machine-id-commit.service systemd-pcrphase.service systemd-random-seed.service \
        systemd-remount-fs.service systemd-fsck-root.service getty.target getty@.service serial-getty@.service \
        systemd-logind.service systemd-timesyncd.service systemd-update-utmp.service apt-daily.timer \
        apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
        podman-auto-update.timer podman-auto-update.service podman-restart.service podman-clean-transient.service \
        podman.socket podman.service tmp.mount dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount \
        sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount run-lock.mount \
        kmod-static-nodes.service modprobe@.service systemd-modules-load.service systemd-udev-trigger.service \
        systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup-dev-early.service systemd-tmpfiles-clean.timer \
        systemd-ask-password-console.path systemd-ask-password-wall.path proc-sys-fs-binfmt_misc.automount \
        systemd-binfmt.service systemd-initctl.socket systemd-creds.socket systemd-journal-flush.service \
        systemd-battery-check.service systemd-pstore.service systemd-sysext.service systemd-confext.service; do
        ln -sf /dev/null "etc/systemd/system/$unit"
    done
    rm -f etc/systemd/system/*.wants/podman* etc/systemd/system/*.wants/*.timer
fi
# A valid id: with an empty or uninitialized one systemd asks questions. Each machine gets its own at boot.
echo 0f0c0d0e0f0c4d0e8f0c0d0e0f0c0d0e >etc/machine-id
