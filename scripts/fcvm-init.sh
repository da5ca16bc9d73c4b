#!/usr/bin/env bash
# fcvm-init.sh [--refresh]: makes the base that every machine boots from, under ~/.local/share/fcvm (XDG_DATA_HOME and
# FCVM_DATA_DIR are respected):
#
#   images/vmlinux        Debian's cloud kernel as ELF; one that you put there yourself is used as it is
#   images/initramfs.img  the modules and the script that find the disks
#   images/rootfs.ext4    Debian with Podman and fc-agent, read-only, shared by all machines
#   images/base.json      what it is; written last: where it is, the base is whole
#   bin/firecracker       with its jailer: see fetch-firecracker.sh
#   cache/                the package tree and the built agent, so that a change costs seconds
#
# A step whose inputs have not changed is skipped. Interrupted, the next run goes on. --refresh fetches the packages
# and Firecracker anew. What it can be told: see .env. Missing tools are installed by apt where the caller may, else named.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

refresh=''
changed=''

main() {
    case ${1:-} in
    '') ;;
    --refresh) refresh=--refresh ;;
    -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d' && exit 0 ;;
    *) die "unknown argument $1; see $0 --help" ;;
    esac
    load_settings
    [ "$(uname -m)" = x86_64 ] || die "fcvm runs on x86_64 so far, not on $(uname -m)"
    local start
    start=$(now_ms)
    images=$D/images cache=$D/cache
    mkdir -p "$images" "$cache" || die "cannot make $D; set FCVM_DATA_DIR to a directory you may write"
    lock_or_wait "$cache/.lock"
    LOG=$cache/init.log
    : >"$LOG"
    sweep
    trap sweep EXIT
    need_tools mke2fs:e2fsprogs cpio:cpio xz:xz-utils zstd:zstd newuidmap:uidmap qemu-system-x86_64:qemu-system-x86 \
        skopeo:skopeo tar:tar ip:iproute2 slirp4netns:slirp4netns nft:nftables dnsmasq:dnsmasq-base conntrack:conntrack vde_switch:vde2 \
        "$(tree_tool)" /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
    check_subordinate_ids

    place_packages
    place_kernel
    place_initramfs
    place_agent
    place_rootfs
    place_description
    place_firecracker
    if [ -n "$changed" ]; then
        STEP_TITLE="the base is in $images" STEP_START=$start
    else
        STEP_TITLE="the base in $images is up to date" STEP_START=$start
    fi
    log_done
}

# What an interrupted run left: unfinished files, and mmdebstrap's tree outside the data directory.
sweep() {
    local left=''
    if [ -f "$cache/outside" ]; then
        left=$(cat "$cache/outside")
        case $left in
        /var/tmp/fcvm-init.*) [ ! -O "$left" ] || remove_tree "$left" ;;
        esac
        rm -f "$cache/outside"
    fi
    sweep_parts "$images" "$cache"
    # Machines make their own since their size is a flag.
    rm -f "$images/scratch.ext4" "$images/scratch.ext4.stamp"
}

tree_tool() {
    if [ "$FCVM_ROOTFS_TOOL" = debootstrap ] || { ! has_tool mmdebstrap && has_tool debootstrap; }; then
        echo debootstrap:debootstrap
    else
        echo mmdebstrap:mmdebstrap
    fi
}

check_subordinate_ids() {
    [ "$(id -u)" != 0 ] || return 0
    has_subordinate_ids || die "$(id -un) has no subordinate ids, which a root file system made without root needs; run: $(subordinate_ids_line)"
}

# From here on the base is not whole until place_description says so.
begin_change() {
    changed=1
    rm -f "$images/base.json"
}

place_packages() {
    local tar=$cache/packages.tar digest
    digest=$("$SCRIPTS/create-rootfs-debian.sh" --packages-digest)
    [ -n "$refresh" ] || ! is_fresh "$tar" "$digest" || return 0
    begin_change
    local outside
    outside=$(mktemp -u /var/tmp/fcvm-init.XXXXXXXX)
    # Outside the data directory: in a user namespace, root has no way into a home that is closed to others.
    echo "$outside" >"$cache/outside"
    mkdir -m 0755 "$outside"
    step "Debian $FCVM_ROOTFS_SUITE with Podman, unpacked" \
        env TMPDIR="$outside" LOG=/dev/stderr "$SCRIPTS/create-rootfs-debian.sh" --cache "$cache" --packages-only $refresh
    remove_tree "$outside"
    rm -f "$cache/outside"
}

# The digests of all kernels ever placed here: any other vmlinux is the user's.
own_kernel() {
    [ -f "$images/vmlinux.stamp" ] && [ "$(sed -n 2p "$images/vmlinux.stamp")" = "$(identity_of "$images/vmlinux")" ] && return
    grep -qsxF "$(sha256sum <"$images/vmlinux" | cut -d' ' -f1)" "$images/.kernels"
}

place_kernel() {
    local file=$images/vmlinux digest part
    if [ -e "$file" ] && ! own_kernel; then
        [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || die "$file, which you put there, is no ELF kernel; take it out of a bzImage with $SCRIPTS/extract-vmlinux, or remove it"
        local identity
        identity=$(identity_of "$file")
        [ "$identity" = "$(cat "$images/vmlinux.yours" 2>/dev/null)" ] || {
            begin_change
            printf '%s\n' "$identity" >"$images/vmlinux.yours"
        }
        log_step "kernel: yours is used as it is, Linux $(kernel_release "$file")"
        log_done
        return
    fi
    digest=$(digest_of vmlinux-1 "$cache/packages.tar.stamp" "$SCRIPTS/extract-vmlinux")
    ! is_fresh "$file" "$digest" || return 0
    begin_change
    rm -f "$images/vmlinux.yours"
    part=$(part_of "$file")
    step "kernel, taken out of Debian's package" "$SCRIPTS/create-kernel.sh" "$cache/packages.tar" vmlinux "$part"
    sha256sum <"$part" | cut -d' ' -f1 >>"$images/.kernels"
    sync "$images/.kernels"
    finish "$part" "$file" "$digest"
}
kernel_release() { grep -aom1 'Linux version [0-9][^ ]*' "$1" | sed -n '1s/Linux version //p' || true; }

place_initramfs() {
    local file=$images/initramfs.img digest part
    digest=$(digest_of initramfs-2 "$cache/packages.tar.stamp" "$SCRIPTS/create-kernel.sh" "$GUEST/initramfs-init" "$GUEST/load-modules" "$SOURCE_DATE_EPOCH")
    ! is_fresh "$file" "$digest" || return 0
    begin_change
    part=$(part_of "$file")
    step "initramfs" "$SCRIPTS/create-kernel.sh" "$cache/packages.tar" initramfs "$part"
    finish "$part" "$file" "$digest"
}

# The agent: the distribution's own, or built here.
place_agent() {
    agent=$FCVM_HOME/agent
    [ ! -x "$agent/fc-agent" ] || [ -f "$FCVM_HOME/pom.xml" ] || return 0
    agent=$cache/agent
    need_jdk
    local digest part
    digest=$(digest_of agent-1 "$FCVM_HOME"/{fc-agent,fcvm-link,fcvm-plan,pom.xml,scripts/build-agent.sh,scripts/agent.sh,scripts/agent.args} "$JAVA_HOME/release")
    [ ! -x "$agent/fc-agent" ] || [ "$(cat "$cache/agent.stamp" 2>/dev/null)" != "$digest" ] || return 0
    begin_change
    need_maven
    part=$(part_of "$agent")
    step "fc-agent with its runtime" "$SCRIPTS/build-agent.sh" "$part"
    rm -rf "$cache/agent.stamp" "$agent"
    mv -T "$part" "$agent"
    echo "$digest" >"$cache/agent.stamp"
}

place_rootfs() {
    local file=$images/rootfs.ext4 digest
    digest=$("$SCRIPTS/create-rootfs-debian.sh" --cache "$cache" --agent "$agent" --digest)
    ! is_fresh "$file" "$digest" || return 0
    begin_change
    step "root file system" env LOG=/dev/stderr "$SCRIPTS/create-rootfs-debian.sh" --cache "$cache" --agent "$agent" "$file"
}

# Not part of the base: where it cannot be had, machines run in QEMU, and the script has said so.
place_firecracker() {
    local code=0
    "$SCRIPTS/fetch-firecracker.sh" $refresh || code=$?
    case $code in 0 | 3) ;; *) exit 1 ;; esac
}

place_description() {
    [ -n "$changed" ] || [ ! -f "$images/base.json" ] || return 0
    changed=1
    local part podman version
    podman=$(tar -xOf "$cache/packages.tar" ./.fcvm/packages | sed -n 's/^podman\(:[a-z0-9]*\)\?[[:space:]]*//p')
    version=$(sed -n 1p "$images/rootfs.ext4.stamp")
    part=$(part_of "$images/base.json")
    printf '{"version":1,"kernelRelease":"%s","suite":"%s","podman":"%s","agent":"%s","created":"%s"}\n' \
        "$(kernel_release "$images/vmlinux")" "$FCVM_ROOTFS_SUITE" "$podman" "${version:0:12}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$part"
    sync "$part"
    mv -T "$part" "$images/base.json"
    sync "$images"
}
main "$@"
