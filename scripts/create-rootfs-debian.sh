#!/usr/bin/env bash
# create-rootfs-debian.sh [--cache DIR] [--agent DIR] OUTPUT.ext4
#
# Makes the base's root file system: a minimal Debian with Podman, crun, conmon, netavark, nftables and sshfs, the
# kernel's modules, the guest's init and fc-agent. No root needed: mmdebstrap works in a user namespace; debootstrap
# (with root or sudo) is the fallback where mmdebstrap cannot be had. The same packages give the same bytes.
#
#   --cache DIR   where packages.tar (everything but the agent) is kept; with it a new agent costs seconds
#   --agent DIR   the agent as scripts/build-agent.sh leaves it; without it the root file system has none
#   --packages-only   stop when packages.tar is there
#   --packages-digest, --digest   say which inputs packages.tar or the output would be made from, and stop
#   --refresh     fetch the packages anew
#
# Read from the environment or .env: FCVM_ROOTFS_MIRROR, FCVM_ROOTFS_SUITE, FCVM_ROOTFS_SIZE, FCVM_ROOTFS_PACKAGES
# (extra ones, separated by spaces or commas), FCVM_ROOTFS_KERNEL, FCVM_ROOTFS_TOOL, SOURCE_DATE_EPOCH.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# tzdata: for --tz. libstdc++6 and zlib1g: a JDK of Debian links against them, and with it the runtime of the agent.
packages=libstdc++6,zlib1g,podman,crun,conmon,netavark,aardvark-dns,catatonit,nftables,iproute2,sshfs,kmod,e2fsprogs,ca-certificates,tzdata,systemd
customize=$SCRIPTS/rootfs-customize.sh
guest=$GUEST
# Identifiers inside the file system: any, but always the same.
uuid=6fc7a000-0000-4000-8000-000000000001
hash_seed=6fc7a000-0000-4000-8000-000000000002

all_packages() {
    local extra=${FCVM_ROOTFS_PACKAGES//[[:space:]]/,}
    echo "$packages${extra:+,$extra}"
}

packages_digest() {
    digest_of packages-1 "$(all_packages)" "$FCVM_ROOTFS_SUITE" "$FCVM_ROOTFS_MIRROR" "$FCVM_ROOTFS_KERNEL" \
        "$FCVM_ROOTFS_TOOL" "$SOURCE_DATE_EPOCH" "$customize"
}

# Of main's $cache and $agent.
rootfs_digest() {
    digest_of rootfs-1 "$cache/packages.tar.stamp" "$FCVM_ROOTFS_SIZE" "${agent:-no agent}" "$guest" "$SCRIPTS/create-rootfs-debian.sh" "$SOURCE_DATE_EPOCH"
}

# The tree as a tar in $1.
make_packages() {
    case $FCVM_ROOTFS_TOOL in
    mmdebstrap) with_mmdebstrap "$1" ;;
    debootstrap) with_debootstrap "$1" ;;
    auto) if command -v mmdebstrap >/dev/null; then with_mmdebstrap "$1"; else with_debootstrap "$1"; fi ;;
    *) die "FCVM_ROOTFS_TOOL=$FCVM_ROOTFS_TOOL is unknown; use auto, mmdebstrap or debootstrap" ;;
    esac
}

with_mmdebstrap() {
    local mode=unshare
    if [ "$(id -u)" = 0 ]; then mode=root; fi
    # The hook goes in as text: root of a user namespace cannot enter a home that is closed to others.
    # Without a mirror mmdebstrap takes Debian's own with the updates and security suites.
    mmdebstrap --mode="$mode" --variant=essential --format=tar --include="$(all_packages)" \
        --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook="$(cat "$customize")" \
        "$FCVM_ROOTFS_SUITE" "$1" ${FCVM_ROOTFS_MIRROR:+"$FCVM_ROOTFS_MIRROR"}
}

with_debootstrap() {
    local tree=$1.tree mirror=${FCVM_ROOTFS_MIRROR:-http://deb.debian.org/debian}
    as_root true 2>/dev/null || die "debootstrap needs root, or sudo that asks no password; mmdebstrap needs neither: sudo apt-get install mmdebstrap"
    mkdir "$tree"
    # In a mount namespace of its own, so that what it mounts is gone with it, however it ends.
    as_root env SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" DEBIAN_FRONTEND=noninteractive unshare --mount --propagation private \
        bash -c "set -euo pipefail; $(declare -f fill_with_debootstrap); fill_with_debootstrap \"\$@\"" bash \
        "$tree" "$(all_packages)" "$FCVM_ROOTFS_SUITE" "$mirror" "${FCVM_ROOTFS_MIRROR:+alone}"
    as_root env FCVM_ROOTFS_KERNEL="$FCVM_ROOTFS_KERNEL" "$customize" "$tree"
    as_root tar -C "$tree" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --numeric-owner \
        --exclude='./var/cache/*' --exclude='./var/lib/apt/lists/*' -cf - . >"$1"
    as_root rm -rf --one-file-system "$tree"
}

# By root: TREE PACKAGES SUITE MIRROR ALONE
fill_with_debootstrap() {
    local tree=$1 packages=$2 suite=$3 mirror=$4 alone=$5
    debootstrap --variant=minbase --include="$packages" "$suite" "$tree" "$mirror"
    [ -z "$alone" ] || return 0
    # debootstrap knows one suite; the newer packages of the other two come afterwards.
    printf 'deb %s %s main\n' "$mirror" "$suite-updates" http://deb.debian.org/debian-security "$suite-security" >>"$tree/etc/apt/sources.list"
    mount -t proc proc "$tree/proc"
    chroot "$tree" apt-get -q update
    chroot "$tree" apt-get -q -y -o APT::Install-Recommends=false dist-upgrade
}

# Runs inside in_namespace: TREE AGENT PACKAGES_TAR GUEST OUTPUT SIZE
fill_tree_and_pack() {
    local tree=$1 agent=$2 tar=$3 guest=$4 output=$5 size=$6
    mkdir "$tree"
    tar -C "$tree" -xf "$tar" --numeric-owner --exclude='./dev/*' --exclude='./.fcvm' \
        --exclude='./var/cache/*' --exclude='./var/lib/apt' --exclude='./tmp/*' --exclude='./run/*'
    install -m 0755 "$guest/init" "$tree/usr/lib/fcvm/init"
    install -m 0644 "$guest/inittab" "$tree/etc/inittab"
    mkdir -p "$tree/etc/containers" "$tree/usr/lib/systemd/system" "$tree/etc/systemd/system/basic.target.wants"
    install -m 0644 "$guest/containers.conf" "$guest/storage.conf" "$guest/policy.json" "$tree/etc/containers/"
    for unit in fc-agent.service fcvm-setup.service; do
        install -m 0644 "$guest/$unit" "$tree/usr/lib/systemd/system/$unit"
        ln -sf "/usr/lib/systemd/system/$unit" "$tree/etc/systemd/system/basic.target.wants/$unit"
    done
    # The initramfs mounts vda here while it assembles the root.
    mkdir -p "$tree/run" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/var/lib/containers"
    ln -s agent/fc-agent "$tree/usr/lib/fcvm/fc-agent"
    if [ -n "$agent" ]; then
        cp -r --no-preserve=ownership "$agent" "$tree/usr/lib/fcvm/agent"
        chmod -R u=rwX,go=rX "$tree/usr/lib/fcvm/agent"
    fi
    find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
    # Without a journal: it is never written after this.
    mke2fs -q -F -t ext4 -b 4096 -O '^has_journal,^resize_inode' -m 0 -L fcvm-base -U "$uuid" -E "hash_seed=$hash_seed,root_owner=0:0" \
        -d "$tree" "$output" "$size"
    # mke2fs copies the times of access and change of the files it reads, which are those of this minute.
    local used inode field
    used=$(dumpe2fs -h "$output" 2>/dev/null | awk -F: '/^Inode count/ {all=$2} /^Free inodes/ {free=$2} END {print all-free}')
    for ((inode = 2; inode <= used; inode++)); do
        if [ "$inode" -gt 2 ] && [ "$inode" -lt 11 ]; then continue; fi
        for field in atime ctime crtime; do
            printf 'set_inode_field <%d> %s @%d\nset_inode_field <%d> %s_extra 0\n' \
                "$inode" "$field" "$SOURCE_DATE_EPOCH" "$inode" "$field"
        done
    done >"$output.times"
    debugfs -w -f "$output.times" "$output" >/dev/null 2>&1
    rm "$output.times"
    rm -rf --one-file-system "$tree"
}

main() {
    local cache='' agent='' output='' refresh='' only=''
    while [ $# -gt 0 ]; do
        case $1 in
        --cache) cache=${2:?--cache needs a directory} && shift 2 ;;
        --agent) agent=${2:?--agent needs a directory} && shift 2 ;;
        --refresh) refresh=1 && shift ;;
        --packages-only | --packages-digest | --digest) only=$1 && shift ;;
        -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d' && exit 0 ;;
        -*) die "unknown option $1; see $0 --help" ;;
        *) output=$1 && shift ;;
        esac
    done
    load_settings
    [ "$only" != --packages-digest ] || { packages_digest && return; }
    [ -n "$output$only" ] || die "no output named; see $0 --help"
    [ -z "$agent" ] || [ -x "$agent/fc-agent" ] || die "$agent is no agent: it has no executable fc-agent; make one with scripts/build-agent.sh $agent"
    [ "$only" != --digest ] || { rootfs_digest && return; }
    own_cache=''
    if [ -z "$cache" ]; then
        own_cache=$(mktemp -d "${TMPDIR:-/var/tmp}/fcvm-rootfs.XXXXXX")
        cache=$own_cache
    fi
    part=''
    trap 'remove_tree ${part:+"$part" "$part.tree"} ${own_cache:+"$own_cache"}' EXIT
    mkdir -p "$cache"

    local tar=$cache/packages.tar digest
    digest=$(packages_digest)
    if [ -n "$refresh" ] || ! is_fresh "$tar" "$digest"; then
        part=$(part_of "$tar")
        make_packages "$part"
        finish "$part" "$tar" "$digest"
    fi
    [ "$only" != --packages-only ] || return 0

    digest=$(rootfs_digest)
    part=$(part_of "$output")
    export SOURCE_DATE_EPOCH uuid hash_seed
    in_namespace bash -c "set -euo pipefail; $(declare -f fill_tree_and_pack); fill_tree_and_pack \"\$@\"" bash \
        "$part.tree" "$agent" "$tar" "$guest" "$part" "$FCVM_ROOTFS_SIZE"
    finish "$part" "$output" "$digest"
}
main "$@"
