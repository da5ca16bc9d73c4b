#!/usr/bin/env bash
# build-kernel.sh [--config-only] [--refresh]: a small guest kernel from Debian's sources, as images/vmlinux-fcvm under
# the data directory. It is optional: fcvm boots it where it is there, else the stock kernel beside it, images/vmlinux.
#
# All it has is config/kernel.config, built in: no modules, both monitors. 10 to 20 minutes on two cores. With nothing
# changed it does nothing; interrupted, the next run goes on. What apt needs to install it installs, or names.
#
#   --config-only   fetch and configure, check that every option took, and stop before compiling
#   --refresh       fetch the source package anew: a newer one of the same series is taken
#
# Read from the environment or .env: FCVM_KERNEL_SOURCE (the package, or package=version), FCVM_KERNEL_CONFIG,
# FCVM_ROOTFS_SUITE and FCVM_ROOTFS_MIRROR (where it comes from; apt checks its signature), FCVM_DATA_DIR.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Written into the kernel in place of whoever builds it where and when, so that the same compiler gives the same bytes.
identity=(KBUILD_BUILD_USER=fcvm KBUILD_BUILD_HOST=fcvm KBUILD_BUILD_VERSION=1)

main() {
    local refresh='' only='' start
    while [ $# -gt 0 ]; do
        case $1 in
        --refresh) refresh=1 ;;
        --config-only) only=1 ;;
        -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d' && exit 0 ;;
        *) die "unknown argument $1; see $0 --help" ;;
        esac
        shift
    done
    load_settings
    : "${FCVM_KERNEL_SOURCE:=linux-source-6.12}" "${FCVM_KERNEL_CONFIG:=$FCVM_HOME/config/kernel.config}"
    [ "$(uname -m)" = x86_64 ] || die "fcvm runs on x86_64 so far, not on $(uname -m)"
    [ -r "$FCVM_KERNEL_CONFIG" ] || die "cannot read $FCVM_KERNEL_CONFIG; set FCVM_KERNEL_CONFIG to a readable fragment of a kernel configuration"
    start=$(now_ms)
    work=$D/cache/kernel kernel=$D/images/vmlinux-fcvm
    mkdir -p "$work" "$D/images" || die "cannot make $work; set FCVM_DATA_DIR to a directory you may write"
    lock_or_wait "$work/.lock"
    LOG=$work/build.log
    sweep_parts "$work"

    local digest
    digest=$(digest_of kernel-1 "$FCVM_KERNEL_SOURCE" "$FCVM_ROOTFS_SUITE" "$FCVM_ROOTFS_MIRROR" "$FCVM_KERNEL_CONFIG")
    if [ -z "$refresh$only" ] && is_fresh "$kernel" "$digest"; then
        STEP_TITLE="the kernel in $kernel is up to date" STEP_START=$start
        log_done
        return
    fi
    : >"$LOG"
    need_room
    need_packages gcc libc6-dev make flex bison bc perl xz-utils libelf-dev debian-archive-keyring
    fetch_source
    unpack_source
    configure
    [ -z "$only" ] || return 0
    # Make goes on where it was interrupted: an object counts when the command that made it has been noted beside it.
    step "kernel compiled" compile
    place "$digest"
    STEP_TITLE="Linux $(<"$work/release") is $kernel" STEP_START=$start
    log_done
    [ ! -f "$D/images/vmlinux.yours" ] || echo "  images/vmlinux is a kernel of your own, and stays the one that boots; see docs/kernel.md"
}

need_room() {
    local free
    free=$(df -Pk "$work" | awk 'NR == 2 {print int($4 / 1024)}')
    [ "$free" -ge 4096 ] || [ -d "$work/build" ] ||
        die "$free MiB free for $work; building a kernel needs 4096; set FCVM_DATA_DIR to a directory on a larger disk"
}

# apt with lists of its own, for the base's suite on whatever suite this host is; no root needed, signatures checked.
private_apt() {
    local private=$work/apt
    mkdir -p "$private/lists/partial" "$private/archives/partial"
    local signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    if [ -n "$FCVM_ROOTFS_MIRROR" ]; then
        echo "deb $signed $FCVM_ROOTFS_MIRROR $FCVM_ROOTFS_SUITE main"
    else
        echo "deb $signed http://deb.debian.org/debian $FCVM_ROOTFS_SUITE main"
        echo "deb $signed http://deb.debian.org/debian $FCVM_ROOTFS_SUITE-updates main"
        echo "deb $signed http://deb.debian.org/debian-security $FCVM_ROOTFS_SUITE-security main"
    fi >"$private/sources.list"
    apt-get -q -o Dir::Etc::SourceList="$private/sources.list" -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=- \
        -o Dir::Etc::PreferencesParts=- -o Dir::State::Lists="$private/lists" -o Dir::Cache="$private" -o APT::Sandbox::User=root \
        -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The package, kept as source.deb; source.deb.stamp says which one was asked for.
fetch_source() {
    local deb=$work/source.deb digest
    digest=$(digest_of source-1 "$FCVM_KERNEL_SOURCE" "$FCVM_ROOTFS_SUITE" "$FCVM_ROOTFS_MIRROR")
    [ -n "$refresh" ] || ! is_fresh "$deb" "$digest" || return 0
    step "$FCVM_KERNEL_SOURCE of $FCVM_ROOTFS_SUITE fetched" download "$work/download"
    rm -rf "$work/source" "$work/build"
    finish "$work/download/"*.deb "$deb" "$digest"
    rm -rf "$work/download" "$work/apt"
}

download() {
    private_apt update
    mkdir -p "$1"
    # An unfinished file is taken up again; of an older version none may remain.
    find "$1" -name '*.deb' -delete
    (cd "$1" && private_apt download "$FCVM_KERNEL_SOURCE")
}

unpack_source() {
    [ ! -d "$work/source" ] || return 0
    rm -rf "$work/build"
    local part
    part=$(part_of "$work/source")
    mkdir "$part"
    step "sources unpacked" unpack "$part"
    mv -T "$part" "$work/source"
}

unpack() {
    dpkg-deb --fsys-tarfile "$work/source.deb" | tar -x -C "$1" --strip-components=3 --wildcards './usr/src/linux-source-*.tar.xz'
    tar -C "$1" -xJf "$1"/linux-source-*.tar.xz --strip-components=1
    rm "$1"/linux-source-*.tar.xz
    sync -f "$1"
}

kbuild() {
    # Not what the caller's make or environment would add.
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CROSS_COMPILE -u KCFLAGS -u KBUILD_OUTPUT \
        KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$SOURCE_DATE_EPOCH")" make -C "$work/source" O="$work/build" ARCH=x86_64 "${identity[@]}" "$@"
}

configure() {
    step "configured" configure_build
    "$SCRIPTS/check-kernel-config.sh" "$FCVM_KERNEL_CONFIG" "$work/build/.config"
}

configure_build() {
    mkdir -p "$work/build"
    kbuild KCONFIG_ALLCONFIG="$(realpath "$FCVM_KERNEL_CONFIG")" allnoconfig
    kbuild -s kernelrelease >"$work/release"
}

compile() { kbuild -j"$(nproc)" vmlinux; }

place() {
    local part
    part=$(part_of "$work/vmlinux")
    strip --strip-all -o "$part" "$work/build/vmlinux"
    # fcvm-init.sh sweeps images/, and must not meet the file half placed.
    exec 9>&-
    lock_or_wait "$D/cache/.lock"
    finish "$part" "$kernel" "$1"
    # Two GB that nobody reads again; another configuration begins with the package, which is kept.
    rm -rf "$work/source" "$work/build"
}
main "$@"
