#!/usr/bin/env bash
# preflight.sh [--json]: what this host has and lacks for running machines, before anything is built or installed.
# Exit code 0 if a machine could run here now in at least one mode, else 1. `fcvm doctor` asks this script too.
#
# A table: ok, warn (it works, but not all of it or not as well) or missing, each with the command that mends it.
# --json prints one object:
#   {"checks":[{"id":"kvm","title":"KVM","status":"ok|warn|missing","detail":"…","fix":"…"}, …],
#    "modes":{"rootless":true,"privileged":false},"kvm":"usable|slow|no-permission|absent","usable":true}
# fix is "" where there is nothing to mend. It needs bash, coreutils, grep, sed, awk and perl-base: a bare Debian.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/kvm-advice.sh
. "$(dirname "${BASH_SOURCE[0]}")/kvm-advice.sh"

ids=() titles=() states=() details=() fixes=()
declare -A state_of=()

# report ID TITLE STATUS DETAIL [FIX]
report() {
    ids+=("$1") titles+=("$2") states+=("$3") details+=("$4") fixes+=("${5:-}")
    state_of[$1]=$3
}
apt_line() { echo "sudo apt-get install $1"; }
user=$(id -un 2>/dev/null || id -u)
uid=$(id -u)

check_system() {
    local machine release major minor
    machine=$(uname -m) release=$(uname -r)
    IFS=.- read -r major minor _ <<<"$release"
    if [ "$machine" != x86_64 ]; then
        report kernel "kernel" missing "Linux $release on $machine; fcvm runs on x86_64 so far" "use an x86_64 machine"
    elif [ "$major" -lt 5 ] || { [ "$major" -eq 5 ] && [ "${minor:-0}" -lt 10 ]; }; then
        report kernel "kernel" warn "Linux $release is older than 5.10, the oldest that is tried" "sudo apt-get install linux-image-amd64"
    else
        report kernel "kernel" ok "Linux $release, $machine"
    fi
}

check_cgroups() {
    local root=/sys/fs/cgroup controller lacking=''
    if [ -f $root/cgroup.controllers ]; then
        for controller in cpu memory pids; do
            grep -qw "$controller" $root/cgroup.controllers || lacking="$lacking $controller"
        done
        if [ -z "$lacking" ] && [ "$(id -u)" != 0 ] && [ -d /run/systemd/system ] && [ -S "/run/user/$(id -u)/systemd/private" ]; then
            report cgroup "cgroups" ok "version 2 with cpu, memory and pids, in scopes of this user's systemd"
        elif [ -z "$lacking" ] && ! takes_cgroup "$root$(sed -n 's/^0:://p' /proc/self/cgroup)" "$root"; then
            report cgroup "cgroups" warn "version 2, but no cgroup can be made by this user: machines are not limited, and root's are refused" "sudo apt-get install libpam-systemd dbus-user-session, and log in anew (root: remount /sys/fs/cgroup rw, or --no-limits)"
        elif [ -z "$lacking" ]; then
            report cgroup "cgroups" ok "version 2 with cpu, memory and pids"
        else
            report cgroup "cgroups" warn "version 2, without$lacking: the monitor's own use is not limited" "boot without cgroup_disable= and with systemd.unified_cgroup_hierarchy=1"
        fi
        return
    fi
    for controller in cpu memory pids; do
        takes_cgroup "$root/$controller$(sed -nE "s/^[0-9]+:([^:]*,)?$controller(,[^:]*)?://p" /proc/self/cgroup)" "$root/$controller" ||
            lacking="$lacking $controller"
    done
    if [ -z "$lacking" ]; then
        report cgroup "cgroups" ok "version 1 with cpu, memory and pids"
    else
        report cgroup "cgroups" warn "no cgroup can be made for:$lacking; machines are not limited, and root's are refused" "mount /sys/fs/cgroup writable (a container: --privileged), or --no-limits"
    fi
}

# takes_cgroup DIRECTORY TOP: whether a cgroup can be made in it or above it, up to TOP; tried, since a mount may be
# read-only.
takes_cgroup() {
    local at=${1%/}
    while :; do
        if mkdir "$at/fcvm-preflight.$$" 2>/dev/null; then
            rmdir "$at/fcvm-preflight.$$"
            return 0
        fi
        [ "$at" != "$2" ] && [ "${at#"$2"/}" != "$at" ] || return 1
        at=${at%/*}
    done
}

# What ends with the last login of a user: the runtime directory, where the sockets are, and with KillUserProcesses= more.
check_linger() {
    [ "$uid" != 0 ] && [ -d /run/systemd/system ] && command -v loginctl >/dev/null || return 0
    case $(loginctl show-user "$uid" --property=Linger --value 2>/dev/null) in
    no) report linger "lingering" warn "off for $user: what runs in the background ends, or cannot be reached any more, when $user logs out" "loginctl enable-linger $user" ;;
    yes) report linger "lingering" ok "on for $user: machines stay when $user logs out" ;;
    esac
}

check_kvm() {
    local answer verdict reason cache=() what='' mend=''
    case ${FCVM_KVM:-auto} in
    yes) kvm=usable && report kvm "KVM" ok "believed to run guests, because FCVM_KVM=yes" && return ;;
    no) kvm=absent && report kvm "KVM" warn "not used, because FCVM_KVM=no; machines run in QEMU's software emulation, several times slower" "set FCVM_KVM to auto" && return ;;
    esac
    [ ! -d "$D" ] || [ ! -w "$D" ] || cache=(--cache "$D/kvm-probe.json")
    answer=$("$SCRIPTS/kvm-probe" "${cache[@]}" || true)
    verdict=${answer%%: *} reason=${answer#*: }
    kvm=$verdict
    case $verdict in
    usable) report kvm "KVM" ok "$reason" && return ;;
    no-permission) closed_kvm "$reason" ;;
    slow) poor_kvm "$reason" ;;
    *) no_kvm "$reason" ;;
    esac
    report kvm "KVM" warn "$what; machines run in QEMU's software emulation, several times slower" "$mend"
}

check_tun() {
    local mode
    if [ ! -c /dev/net/tun ]; then
        report tun "/dev/net/tun" warn "not there: machines have no network" "sudo modprobe tun"
    else
        mode=$(stat -c %a /dev/net/tun)
        if [ -r /dev/net/tun ] && [ -w /dev/net/tun ]; then
            if [ "$uid" = 0 ] && [ "$mode" != 666 ]; then
                report tun "/dev/net/tun" warn "mode 0$mode: fine for root, but ordinary users get no network" "sudo chmod 0666 /dev/net/tun"
            else
                report tun "/dev/net/tun" ok "mode 0$mode"
            fi
        else
            report tun "/dev/net/tun" warn "mode 0$mode: $user may not open it, so machines have no network" "sudo chmod 0666 /dev/net/tun"
        fi
    fi
}

check_namespaces() {
    local value
    if unshare --user --map-root-user true 2>/dev/null; then
        report userns "user namespaces" ok "they can be made"
    else
        local fix='sudo sysctl -w user.max_user_namespaces=15000'
        value=$(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null || echo 1)
        [ "$value" = 1 ] || fix='sudo sysctl -w kernel.unprivileged_userns_clone=1'
        value=$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null || echo 0)
        [ "$value" = 0 ] || fix='sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
        report userns "user namespaces" "$(rootless_only)" "$user cannot make one; rootless mode needs them" "$fix"
    fi
    if [ "$uid" = 0 ]; then
        report subids "subordinate ids" ok "root needs none"
    elif has_subordinate_ids; then
        report subids "subordinate ids" ok "$user has ranges in /etc/subuid and /etc/subgid"
    else
        report subids "subordinate ids" missing "$user has no range of 65536 in /etc/subuid and /etc/subgid" "$(subordinate_ids_line)"
    fi
    if has_tool newuidmap; then
        report newuidmap "newuidmap" ok "$(command -v newuidmap)"
    else
        report newuidmap "newuidmap" "$(rootless_only)" "not there; rootless mode needs it" "$(apt_line uidmap)"
    fi
}
# What only rootless mode needs stops an ordinary user, and limits root.
rootless_only() { if [ "$uid" = 0 ]; then echo warn; else echo missing; fi; }

# check_tool ID COMMAND PACKAGE STATUS-IF-MISSING WHAT-FOR
check_tool() {
    if has_tool "$2"; then
        report "$1" "$2" ok "$(command -v "$2")"
    else
        report "$1" "$2" "$4" "not there; $5" "$(apt_line "$3")"
    fi
}

check_tools() {
    check_tool ip ip iproute2 missing "a machine's network namespace is set up with it"
    check_tool slirp4netns slirp4netns slirp4netns warn "rootless machines have a network by it; without, there is --network none"
    check_tool nft nft nftables warn "machines have a network by it; without, there is --network none"
    check_tool dnsmasq dnsmasq dnsmasq-base warn "--egress deny and networks that join machines need it"
    check_tool conntrack conntrack conntrack warn "connections to a port of a machine that is gone are ended by it"
    check_tool vde vde_switch vde2 warn "networks that join machines (fcvm network) need it"
    check_tool skopeo skopeo skopeo missing "images are fetched with it"
    if has_tool mmdebstrap; then
        report rootfs-tool "mmdebstrap" ok "$(command -v mmdebstrap)"
    elif has_tool debootstrap; then
        report rootfs-tool "mmdebstrap" warn "not there; debootstrap is used, which needs root" "$(apt_line mmdebstrap)"
    else
        report rootfs-tool "mmdebstrap" missing "neither it nor debootstrap is there; the base is made with it" "$(apt_line mmdebstrap)"
    fi
    check_tool mke2fs mke2fs e2fsprogs missing "disks are made with it"
    check_tool tar tar tar missing "an image's layers are read with it"
}

check_monitors() {
    local version firecracker qemu=${FCVM_QEMU:-qemu-system-x86_64} machines
    if ! has_tool "$qemu"; then
        report qemu "QEMU" "$([ "$kvm" = usable ] && [ -n "$(find_firecracker)" ] && echo warn || echo missing)" \
            "not there; machines run in it where KVM is not usable" "$(apt_line qemu-system-x86)"
    # Not a pipe into grep -q, which QEMU might still be writing to when it closes.
    elif ! machines=$("$qemu" -M help 2>/dev/null) || [[ $machines != *$'\n'"microvm "* ]]; then
        report qemu "QEMU" missing "$qemu has no machine type microvm" "$(apt_line qemu-system-x86)"
    else
        version=$("$qemu" --version | sed -n '1s/^QEMU emulator version \([0-9.]*\).*/\1/p')
        report qemu "QEMU" ok "version $version"
    fi
    firecracker=$(find_firecracker)
    if [ -n "$firecracker" ]; then
        version=$("$firecracker" --version 2>/dev/null | sed -n '1s/^Firecracker v\{0,1\}//p')
        if [ "$kvm" = usable ]; then
            report firecracker "Firecracker" ok "version ${version:-unknown}, $firecracker"
        else
            report firecracker "Firecracker" warn "version ${version:-unknown}, $firecracker; it needs KVM, so QEMU is used" "mend KVM, above"
        fi
    else
        report firecracker "Firecracker" warn "not there; machines run in QEMU" \
            "scripts/fetch-firecracker.sh, or set FIRECRACKER_BIN in .env to one you have"
    fi
}
find_firecracker() {
    local file
    for file in "${FIRECRACKER_BIN:-}" "$D/bin/firecracker" "$(command -v firecracker || true)"; do
        if [ -n "$file" ] && [ -x "$file" ]; then echo "$file" && return; fi
    done
}

check_java() {
    local found
    if [ ! -f "$FCVM_HOME/pom.xml" ] && [ -x "$FCVM_HOME/lib/runtime/bin/java" ]; then
        report jdk "JDK 25" ok "not needed: fcvm brings its own runtime"
    elif found=$(find_jdk); then
        report jdk "JDK 25" ok "$found"
    elif apt_has openjdk-25-jdk-headless; then
        report jdk "JDK 25" missing "not in JAVA_HOME, on the PATH or under /usr/lib/jvm; fcvm is built with it" "$(apt_line openjdk-25-jdk-headless)"
    else
        report jdk "JDK 25" missing "not in JAVA_HOME, on the PATH or under /usr/lib/jvm; fcvm is built with it" \
            "Debian 13: sudo apt-get update && $(apt_line openjdk-25-jdk-headless); elsewhere unpack one from https://adoptium.net and set JAVA_HOME"
    fi
}

check_disk() {
    local directory=$D free
    while [ ! -d "$directory" ]; do directory=$(dirname "$directory"); done
    free=$(df -Pk "$directory" | awk 'NR == 2 {print int($4 / 1024)}')
    if [ ! -w "$directory" ]; then
        report disk "disk space" missing "$directory, where $D is to be, may not be written by $user" "set FCVM_DATA_DIR to a directory of yours"
    elif [ -f "$D/images/base.json" ] && [ "$free" -ge 512 ]; then
        report disk "disk space" ok "$((free / 1024)) GiB free for $D"
    elif [ "$free" -lt 1536 ]; then
        report disk "disk space" missing "$free MiB free for $D; the base needs 1536" "set FCVM_DATA_DIR to a directory on a larger disk"
    elif [ "$free" -lt 4096 ]; then
        report disk "disk space" warn "$free MiB free for $D: enough for the base and few images" "set FCVM_DATA_DIR to a directory on a larger disk"
    else
        report disk "disk space" ok "$((free / 1024)) GiB free for $D"
    fi
}

has() {
    local id
    for id in "$@"; do [ "${state_of[$id]}" != missing ] || return 1; done
}

judge() {
    rootless=false privileged=false
    has kernel qemu skopeo mke2fs disk || return 0
    [ "$uid" != 0 ] || privileged=true
    has userns subids newuidmap && [ "${state_of[userns]}" = ok ] && has_tool newuidmap && rootless=true
    return 0
}

json_string() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    printf '"%s"' "${text//[[:cntrl:]]/ }"
}

print_json() {
    local index separator=''
    printf '{"checks":['
    for index in "${!ids[@]}"; do
        printf '%s{"id":%s,"title":%s,"status":%s,"detail":%s,"fix":%s}' "$separator" "$(json_string "${ids[index]}")" \
            "$(json_string "${titles[index]}")" "$(json_string "${states[index]}")" "$(json_string "${details[index]}")" \
            "$(json_string "${fixes[index]}")"
        separator=,
    done
    printf '],"modes":{"rootless":%s,"privileged":%s},"kvm":"%s","usable":%s}\n' "$rootless" "$privileged" "$kvm" "$usable"
}

print_table() {
    local index
    for index in "${!ids[@]}"; do
        printf '  %-8s %-16s %s\n' "${states[index]}" "${titles[index]}" "${details[index]}"
        [ -z "${fixes[index]}" ] || printf '  %-8s %-16s mend: %s\n' '' '' "${fixes[index]}"
    done
    local modes=''
    [ $rootless = false ] || modes="rootless"
    [ $privileged = false ] || modes="${modes:+$modes and }privileged"
    if [ $usable = true ]; then
        printf 'A machine can run here, in %s mode%s.\n' "$modes" "$([[ $modes != *and* ]] || echo s)"
    else
        printf 'No machine can run here yet: mend what is missing. scripts/fcvm-init.sh installs packages where it may.\n'
    fi
}

main() {
    local json=''
    case ${1:-} in
    '') ;;
    --json) json=1 ;;
    -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d' && exit 0 ;;
    *) die "unknown argument $1; use --json or nothing" ;;
    esac
    load_settings
    check_system
    check_cgroups
    check_linger
    check_kvm
    check_tun
    check_namespaces
    check_tools
    check_monitors
    check_java
    check_disk
    judge
    usable=false
    [ $rootless = false ] && [ $privileged = false ] || usable=true
    if [ -n "$json" ]; then print_json; else print_table; fi
    [ $usable = true ]
}
main "$@"
