# shellcheck shell=bash
# Shared by the scripts: settings, steps, packages, files made whole. Sourced, never run.

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
FCVM_HOME=$(dirname "$SCRIPTS")
# What the guest is made of; a distribution has it among its templates.
GUEST=$FCVM_HOME/fc-agent/src/guest
[ -d "$GUEST" ] || GUEST=$FCVM_HOME/templates/guest
# Tools such as mke2fs live where an ordinary user's PATH does not lead.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Reads FCVM_HOME/.env: NAME=VALUE lines, no shell in them; the last of several wins, and the environment before all.
load_settings() {
    local file=$FCVM_HOME/.env line name value number=0
    local -A said=()
    if [ -f "$file" ]; then
        while IFS= read -r line || [ -n "$line" ]; do
            number=$((number + 1))
            line=${line#"${line%%[![:space:]]*}"}
            line=${line%"${line##*[![:space:]]}"}
            case $line in '' | '#'*) continue ;; esac
            [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || die "$file:$number: not NAME=VALUE: $line"
            name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
            if [ ${#value} -ge 2 ]; then
                case $value in \"*\" | \'*\') value=${value:1:${#value}-2} ;; esac
            fi
            said[$name]=$value
        done <"$file"
    fi
    for name in "${!said[@]}"; do
        [ -n "${!name+set}" ] || export "$name=${said[$name]}"
    done
    if [ -n "${FCVM_DATA_DIR:-}" ]; then
        D=$FCVM_DATA_DIR
    elif [ -n "${XDG_DATA_HOME:-}" ]; then
        D=$XDG_DATA_HOME/fcvm
    else
        [ -n "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
        D=${HOME:?is not set, and the table of users names no home; set FCVM_DATA_DIR}/.local/share/fcvm
    fi
    case $D in /*) ;; *) die "the data directory must be absolute, not $D; set FCVM_DATA_DIR" ;; esac
    : "${FCVM_ROOTFS_SUITE:=trixie}" "${FCVM_ROOTFS_MIRROR:=}" "${FCVM_ROOTFS_PACKAGES:=}" "${FCVM_ROOTFS_SIZE:=2G}"
    : "${FCVM_ROOTFS_KERNEL:=linux-image-cloud-amd64}" "${FCVM_ROOTFS_TOOL:=auto}"
    # Every file inside the base carries this time at the latest, so that the same packages give the same bytes.
    : "${SOURCE_DATE_EPOCH:=1767225600}"
    export FCVM_ROOTFS_KERNEL SOURCE_DATE_EPOCH
    export LC_ALL=C.UTF-8
}

# ---- steps -----------------------------------------------------------------------------------------------------

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo "${t%???}"; }

# log_step TITLE … log_done [DETAIL]: one line a step, with its seconds; on a terminal its title stands there meanwhile.
log_step() {
    STEP_TITLE=$1
    STEP_START=$(now_ms)
    if [ -t 1 ]; then printf '  %s …\r' "$1"; fi
}
# shellcheck disable=SC2120 # its DETAIL may be left out
log_done() {
    local took=$(($(now_ms) - STEP_START))
    printf '  %-70s %5d.%d s\n' "$STEP_TITLE${1:+: $1}" $((took / 1000)) $((took % 1000 / 100))
}

# step TITLE COMMAND…: a step whose output goes to LOG, and is shown when it fails.
step() {
    local title=$1 code
    shift
    log_step "$title"
    printf '== %s\n' "$title" >>"$LOG"
    set +e
    (
        set -euo pipefail
        "$@"
    ) >>"$LOG" 2>&1 </dev/null
    code=$?
    set -e
    if [ $code -ne 0 ]; then
        printf '  %-70s failed\n' "$title"
        tail -n 15 "$LOG" | sed 's/^/    | /' >&2
        die "$title: failed with code $code; the whole log is $LOG"
    fi
    log_done
}

# ---- packages ----------------------------------------------------------------------------------------------------

# as_root COMMAND…: by root, or by a sudo that asks no password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# has_tool TOOL: a command, or a file by its absolute path.
has_tool() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# need_tools TOOL:PACKAGE…: installs the packages whose tool is not there, or names them.
need_tools() {
    local pair missing=()
    for pair in "$@"; do
        has_tool "${pair%%:*}" || missing+=("${pair#*:}")
    done
    install_packages "${missing[@]}"
    for pair in "$@"; do
        has_tool "${pair%%:*}" || die "the package ${pair#*:} is installed, but ${pair%%:*} is not found"
    done
}

# need_packages PACKAGE…: the same by the packages' own names.
need_packages() {
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    install_packages "${missing[@]}"
}

install_packages() {
    [ $# -gt 0 ] || return 0
    may_install || die "missing: $*; install with: sudo apt-get install $*"
    run_logged "install $*" apt_install "$@"
}

# run_logged TITLE COMMAND…: a step of a script that keeps no log; what it said is shown when it fails.
run_logged() {
    local own_log=''
    if [ -z "${LOG:-}" ]; then
        own_log=$(mktemp)
        LOG=$own_log
    fi
    step "$@"
    [ -z "$own_log" ] || { rm -f "$own_log" && unset LOG; }
}

apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    # A fresh machine has no package lists, an old one has stale ones.
    as_root "${apt[@]}" install -y --no-install-recommends "$@" ||
        { as_root "${apt[@]}" update && as_root "${apt[@]}" install -y --no-install-recommends "$@"; }
}

# ---- Java --------------------------------------------------------------------------------------------------------

is_jdk_25() { [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ] && grep -qs '^JAVA_VERSION="25[".]' "$1/release"; }

# find_jdk: prints the first JDK 25 of JAVA_HOME, the PATH and /usr/lib/jvm.
find_jdk() {
    local javac home
    if [ -n "${JAVA_HOME:-}" ] && is_jdk_25 "$JAVA_HOME"; then echo "$JAVA_HOME" && return; fi
    if javac=$(command -v javac); then
        home=$(readlink -f "$javac")
        home=${home%/bin/javac}
        if is_jdk_25 "$home"; then echo "$home" && return; fi
    fi
    for home in /usr/lib/jvm/*; do
        if is_jdk_25 "$home"; then echo "$home" && return; fi
    done
    return 1
}

# need_jdk: exports JAVA_HOME of a JDK 25; from apt where apt has one.
need_jdk() {
    local package=openjdk-25-jdk-headless found
    if ! found=$(find_jdk); then
        if may_install; then
            apt_has "$package" || run_logged "look for packages" as_root apt-get -q update
            if apt_has "$package"; then install_packages "$package"; fi
        fi
        found=$(find_jdk) || die "no JDK 25 in JAVA_HOME, on the PATH or under /usr/lib/jvm; install $package where the distribution has it (Debian 13), else unpack one from https://adoptium.net and set JAVA_HOME"
    fi
    export JAVA_HOME=$found
    PATH=$JAVA_HOME/bin:$PATH
}
# Not a pipe into grep -q: that ends at the first match, and apt-cache, still writing, would fail of it.
apt_has() { [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[0-9]* ]]; }

need_maven() { need_tools mvn:maven; }
# maven ARGUMENT…: without chatter; after need_jdk and need_maven.
maven() { mvn -q -B -ntp "$@"; }

# ---- user namespaces -----------------------------------------------------------------------------------------------

# in_namespace COMMAND…: as root of a tree whose files belong to many users: real root, or root of a user namespace.
in_namespace() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        unshare --user --map-root-user --map-auto -- "$@"
    fi
}
# has_subordinate_ids: whether this user may map 65536 ids, as the files in an image belong to.
has_subordinate_ids() { has_id_range subuid && has_id_range subgid; }
has_id_range() {
    awk -F: -v user="$(id -un 2>/dev/null || true)" -v uid="$(id -u)" \
        '($1 == user || $1 == uid) && $3 >= 65536 {found = 1} END {exit !found}' "/etc/$1" 2>/dev/null
}
# subordinate_ids_line: the command that gives them; after the last range anybody has, which no other may share.
subordinate_ids_line() {
    local first
    first=$(cat /etc/subuid /etc/subgid 2>/dev/null | awk -F: '$2 + $3 > last {last = $2 + $3} END {print last > 100000 ? last : 100000}')
    echo "sudo usermod --add-subuids $first-$((first + 65535)) --add-subgids $first-$((first + 65535)) $(id -un 2>/dev/null || id -u)"
}
# By the first who may: this user, root of a user namespace, or (after debootstrap) root.
remove_tree() {
    rm -rf --one-file-system -- "$@" 2>/dev/null || in_namespace rm -rf --one-file-system -- "$@" 2>/dev/null ||
        as_root rm -rf --one-file-system -- "$@"
}

# ---- files that are whole or not there --------------------------------------------------------------------------------

# Every output F is made as F.part.XXXXXX beside it, synced and renamed. F.stamp says from which inputs (a digest) F
# was made and which file it is (size and time of change); it is written before the rename, so that after a crash
# either both agree or F counts as old.

# digest_of WORD…: one digest over words; files among them by content.
digest_of() {
    local word
    for word in "$@"; do
        if [ -f "$word" ]; then sha256sum <"$word"; elif [ -d "$word" ]; then digest_tree "$word"; else printf '%s\n' "$word"; fi
    done | sha256sum | cut -d' ' -f1
}
digest_tree() {
    (cd "$1" && find . -name target -prune -o \( -type f -o -type l \) -print0 | sort -z | xargs -0r sha256sum)
}
identity_of() { stat -c '%s %.9Y' "$1"; }

# is_fresh FILE DIGEST
is_fresh() {
    local inputs identity
    [ -f "$1" ] && [ -f "$1.stamp" ] || return 1
    { read -r inputs && read -r identity; } <"$1.stamp" || return 1
    [ "$inputs" = "$2" ] && [ "$identity" = "$(identity_of "$1")" ]
}

# part_of FILE: a new name for its unfinished form.
part_of() { mktemp -u "$1.part.XXXXXXXX"; }

# finish PART FILE DIGEST [MODE]: PART is whole, and becomes FILE.
finish() {
    local part=$1 file=$2 stamp
    chmod "${4:-0644}" "$part"
    sync "$part"
    stamp=$(part_of "$file.stamp")
    printf '%s\n%s\n' "$3" "$(identity_of "$part")" >"$stamp"
    sync "$stamp"
    mv -T "$stamp" "$file.stamp"
    mv -T "$part" "$file"
    sync "$(dirname "$file")"
}

# lock_or_wait FILE: one at a time; what a killed run left running still counts as that run. Uses descriptor 9.
lock_or_wait() {
    exec 9>"$1"
    flock -n 9 && return
    printf '  %s\n' "another run is at work in ${1%/*}; waiting for it"
    flock -w 1200 9 || die "the other run in ${1%/*} has not ended after 20 minutes; see: fuser -v $1"
}

# sweep_parts DIRECTORY…: removes what an interrupted run left. Only under the lock.
sweep_parts() {
    local directory part
    for directory in "$@"; do
        for part in "$directory"/*.part.*; do
            [ ! -e "$part" ] || remove_tree "$part"
        done
    done
}
