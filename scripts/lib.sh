# shellcheck shell=bash
# Shared by the scripts: settings, steps, packages, files made whole. Sourced, never run.

SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FCVM_HOME=${FCVM_HOME:-$(dirname "$SCRIPTS")}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Reads FCVM_HOME/.env: NAME=VALUE lines, no shell in them. What the environment says already wins.
load_settings() {
    local file=$FCVM_HOME/.env line name value number=0
    if [ -f "$file" ]; then
        while IFS= read -r line || [ -n "$line" ]; do
            number=$((number + 1))
            line=${line#"${line%%[![:space:]]*}"}
            case $line in '' | '#'*) continue ;; esac
            [[ $line =~ ^([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || die "$file:$number: not NAME=VALUE: $line"
            name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]%%[[:space:]]}
            case $value in \"*\") value=${value#\"} value=${value%\"} ;; \'*\') value=${value#\'} value=${value%\'} ;; esac
            [ -n "${!name+set}" ] || export "$name=$value"
        done <"$file"
    fi
    if [ -n "${FCVM_DATA_DIR:-}" ]; then
        D=$FCVM_DATA_DIR
    elif [ -n "${XDG_DATA_HOME:-}" ]; then
        D=$XDG_DATA_HOME/fcvm
    else
        D=${HOME:?HOME is not set; set FCVM_DATA_DIR}/.local/share/fcvm
    fi
    case $D in /*) ;; *) die "the data directory must be absolute, not $D; set FCVM_DATA_DIR" ;; esac
    : "${FCVM_ROOTFS_SUITE:=trixie}" "${FCVM_ROOTFS_MIRROR:=}" "${FCVM_ROOTFS_PACKAGES:=}" "${FCVM_ROOTFS_SIZE:=2G}"
    : "${FCVM_ROOTFS_KERNEL:=linux-image-cloud-amd64}" "${FCVM_ROOTFS_TOOL:=auto}" "${FCVM_SCRATCH_SIZE:=16G}"
    # Every file inside the base carries this time at the latest, so that the same packages give the same bytes.
    : "${SOURCE_DATE_EPOCH:=1767225600}"
    export FCVM_ROOTFS_KERNEL SOURCE_DATE_EPOCH
    export LC_ALL=C.UTF-8
    # Tools such as mke2fs live where an ordinary user's PATH does not lead.
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
}

# ---- steps -----------------------------------------------------------------------------------------------------

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo "${t%???}"; }

# say_done TITLE MILLISECONDS
say_done() {
    printf '  %-66s %5d.%d s\n' "$1" $(($2 / 1000)) $(($2 % 1000 / 100))
}

# step TITLE COMMAND…: runs it with its output in LOG, and says in one line how long it took.
step() {
    local title=$1 start code
    shift
    start=$(now_ms)
    if [ -t 1 ]; then printf '  %s …\r' "$title"; fi
    printf '== %s\n' "$title" >>"$LOG"
    set +e
    (
        set -euo pipefail
        "$@"
    ) >>"$LOG" 2>&1 </dev/null
    code=$?
    set -e
    if [ $code -ne 0 ]; then
        printf '  %-66s failed\n' "$title"
        tail -n 15 "$LOG" | sed 's/^/    | /' >&2
        die "$title failed (code $code); the whole log is $LOG"
    fi
    say_done "$title" $(($(now_ms) - start))
}

# ---- packages ----------------------------------------------------------------------------------------------------

# as_root COMMAND…: by root, or by sudo that asks no password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# missing_packages TOOL:PACKAGE…: the packages whose tool is not there.
missing_packages() {
    local pair tool
    for pair in "$@"; do
        tool=${pair%%:*}
        case $tool in
        /*) [ -e "$tool" ] || echo "${pair#*:}" ;;
        *) command -v "$tool" >/dev/null || echo "${pair#*:}" ;;
        esac
    done | sort -u
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    local quiet=(-o Dpkg::Use-Pty=0 -y --no-install-recommends)
    # A fresh machine has no package lists, an old one has stale ones.
    as_root apt-get install "${quiet[@]}" "$@" || {
        as_root apt-get update && as_root apt-get install "${quiet[@]}" "$@"
    }
}

# need_packages TOOL:PACKAGE…: installs what is missing, or names it with the command that mends it.
need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    may_install || die "missing: ${missing[*]}; install with: sudo apt-get install ${missing[*]}"
    step "packages: ${missing[*]}" apt_install "${missing[@]}"
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] || die "apt installed ${missing[*]}, but their tools are still not on the PATH"
}

# ---- user namespaces -----------------------------------------------------------------------------------------------

# in_namespace COMMAND…: as root of a tree whose files belong to many users: real root, or root of a user namespace.
in_namespace() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        unshare --user --map-root-user --map-auto -- "$@"
    fi
}
remove_tree() { rm -rf --one-file-system -- "$@" 2>/dev/null || in_namespace rm -rf --one-file-system -- "$@"; }

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

# finish PART FILE DIGEST
finish() {
    local part=$1 file=$2 stamp
    chmod 0644 "$part"
    sync "$part"
    stamp=$(part_of "$file.stamp")
    printf '%s\n%s\n' "$3" "$(identity_of "$part")" >"$stamp"
    sync "$stamp"
    mv -T "$stamp" "$file.stamp"
    mv -T "$part" "$file"
    sync "$(dirname "$file")"
}

# sweep_parts DIRECTORY…: removes what an interrupted run left. Only under the lock.
sweep_parts() {
    local part
    for part in "${@/%//*.part.*}"; do
        [ ! -e "$part" ] || remove_tree "$part"
    done
}
