#!/usr/bin/env bash
# fetch-firecracker.sh [--refresh]: puts firecracker and jailer into bin/ under the data directory. fcvm-init.sh calls it.
#
# From, the first that there is:
#   FIRECRACKER_BIN        this program, and the jailer beside it, whole or as Firecracker's releases name them
#   FIRECRACKER_VERSION, FIRECRACKER_BASE_URL   if one of them is set: that release
#   the PATH               the firecracker there, and the jailer beside it
#   Firecracker's latest release on GitHub
#
# FIRECRACKER_VERSION is latest (the default), a version such as v1.12.1, or none: nothing is fetched.
# FIRECRACKER_BASE_URL (http, https, file or a path) holds, as GitHub does:
#   latest                            a redirect to …/tag/vX.Y.Z, or a file with the word vX.Y.Z
#   download/vX.Y.Z/firecracker-vX.Y.Z-x86_64.tgz    with release-vX.Y.Z-x86_64/{firecracker,jailer}-vX.Y.Z-x86_64
#   download/vX.Y.Z/firecracker-vX.Y.Z-x86_64.tgz.sha256.txt
#
# What was fetched is kept and nobody is asked again until the setting changes, a file is lost, or --refresh.
# Exit code 3: it cannot be had, which one line explains; 1: it was refused (a wrong checksum), and nothing is changed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

github=https://github.com/firecracker-microvm/firecracker/releases
remedy="set FIRECRACKER_BIN to a firecracker you have, or FIRECRACKER_BASE_URL to a mirror or a copy of its releases (see .env)"

main() {
    refresh=''
    case ${1:-} in
    '') ;;
    --refresh) refresh=1 ;;
    -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d' && exit 0 ;;
    *) die "unknown argument $1; see $0 --help" ;;
    esac
    load_settings
    bin=$D/bin version=${FIRECRACKER_VERSION:-latest} base=${FIRECRACKER_BASE_URL:-$github}
    base=${base%/}
    mkdir -p "$bin" || die "cannot make $bin; set FCVM_DATA_DIR to a directory you may write"
    lock_or_wait "$bin/.lock"
    work=''
    trap 'sweep_parts "$bin"; rm -rf "$work"' EXIT
    sweep_parts "$bin"

    local told=${FIRECRACKER_VERSION:-}${FIRECRACKER_BASE_URL:-} found
    if [ -n "${FIRECRACKER_BIN:-}" ]; then
        if [ ! -f "$FIRECRACKER_BIN" ] || [ ! -x "$FIRECRACKER_BIN" ]; then die "FIRECRACKER_BIN=$FIRECRACKER_BIN is no program"; fi
        copy "$FIRECRACKER_BIN"
    elif [ "$version" = none ]; then
        return 0
    elif [ -z "$told" ] && [ -x "$bin/firecracker" ] && [ ! -e "$bin/firecracker.stamp" ]; then
        return 0 # put there by hand
    elif [ -z "$told" ] && found=$(command -v firecracker); then
        copy "$found"
    else
        fetch
    fi
}

# copy PROGRAM: it and its jailer, where they are not the same already.
copy() {
    local jailer name
    name=$(basename "$1")
    # firecracker-v1.12.1-x86_64 has its jailer-v1.12.1-x86_64.
    jailer=$(dirname "$1")/${name/#firecracker/jailer}
    [ "$name" != "${name/#firecracker/jailer}" ] && [ -x "$jailer" ] || jailer=$(dirname "$1")/jailer
    [ -x "$jailer" ] || jailer=''
    if same "$1" "$bin/firecracker" && { [ -z "$jailer" ] || same "$jailer" "$bin/jailer"; }; then return 0; fi
    log_step "Firecracker, from $1"
    # A jailer of another version is none.
    if [ -n "$jailer" ]; then place "$jailer" jailer "$1"; else rm -f "$bin/jailer" "$bin/jailer.stamp"; fi
    place "$1" firecracker "$1"
    note_version
    log_done
}
same() { [ "$1" -ef "$2" ] || cmp -s "$1" "$2"; }

# place FILE NAME FROM
place() {
    local part
    part=$(part_of "$bin/$2")
    cp -- "$1" "$part"
    finish "$part" "$bin/$2" "$(digest_of firecracker-1 "from $3")" 0755
}
is_placed() {
    local digest
    digest=$(digest_of firecracker-1 "from $1")
    is_fresh "$bin/firecracker" "$digest" && is_fresh "$bin/jailer" "$digest"
}
version_of() { "$1" --version 2>/dev/null | sed -n 's/^Firecracker \(v[0-9][^ ]*\).*/\1/p' || true; }
note_version() {
    local part
    part=$(part_of "$bin/firecracker.version")
    version_of "$bin/firecracker" >"$part"
    mv -T "$part" "$bin/firecracker.version"
}

fetch() {
    case $base in
    https://* | http://* | /*) ;;
    file:///*) base=${base#file://} ;;
    *) die "FIRECRACKER_BASE_URL=$base is neither http://…, https://…, file:///… nor an absolute path" ;;
    esac
    [ "$version" = latest ] || version=v${version#v}
    [[ $version =~ ^(latest|v[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9.]+)?)$ ]] ||
        die "FIRECRACKER_VERSION=$version is no version; set it to latest, none, or one such as v1.12.1"
    [ -n "$refresh" ] || ! is_placed "$version of $base" || return 0
    case $base in
    /*) ;;
    # In a shell of its own: where it cannot be installed, that is no reason to stop.
    *) (need_tools curl:curl /etc/ssl/certs/ca-certificates.crt:ca-certificates) || unreachable "there is no curl to fetch it with" ;;
    esac
    work=$(mktemp -d "$bin/fetch.part.XXXXXXXX")
    local asked=$version name sum
    if [ "$version" = latest ]; then version=$(latest_version); fi
    name=firecracker-$version-x86_64.tgz
    log_step "Firecracker $version"
    get "download/$version/$name.sha256.txt" "$work/sum" >/dev/null
    get "download/$version/$name" "$work/tgz" >/dev/null
    read -r sum _ <"$work/sum" || true
    [[ $sum =~ ^[0-9a-fA-F]{64}$ ]] || die "Firecracker is not taken: $base/download/$version/$name.sha256.txt holds no SHA-256"
    [ "$(sha256sum <"$work/tgz" | cut -d' ' -f1)" = "${sum,,}" ] ||
        die "Firecracker is not taken: the SHA-256 of $base/download/$version/$name is not $sum, as the file beside it says; try again later or from another FIRECRACKER_BASE_URL"
    unpack || die "Firecracker is not taken: $base/download/$version/$name is no release of it"
    [ "$(version_of "$work/firecracker")" = "$version" ] || die "Firecracker is not taken: the program in $base/download/$version/$name does not say that it is $version"
    place "$work/jailer" jailer "$asked of $base"
    place "$work/firecracker" firecracker "$asked of $base"
    note_version
    log_done
}

unpack() {
    local directory=release-$version-x86_64 tool
    for tool in firecracker jailer; do
        tar -xzf "$work/tgz" -O "$directory/$tool-$version-x86_64" >"$work/$tool" 2>/dev/null || return 1
        chmod 0755 "$work/$tool"
    done
}

latest_version() {
    local url answer
    url=$(get latest "$work/latest") || exit
    if [[ $url =~ /tag/(v[0-9][A-Za-z0-9.-]*)$ ]]; then
        answer=${BASH_REMATCH[1]}
    else
        read -r answer <"$work/latest" || true
        answer=v${answer#v}
    fi
    [[ $answer =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || unreachable "$base/latest names no version"
    echo "$answer"
}

# get PATH FILE: prints where it was found in the end.
get() {
    local from=$base/$1 secure=()
    case $from in
    /*)
        [ -f "$from" ] || unreachable "there is no $from"
        cp -- "$from" "$2"
        return
        ;;
    https://*) secure=(--proto-redir '=https') ;;
    esac
    # Without a network no one waits: three seconds for the way there, five for one that has gone silent.
    curl -sS -f -L --max-redirs 5 "${secure[@]}" --connect-timeout 3 --speed-limit 1000 --speed-time 5 --max-filesize 200000000 \
        -o "$2" -w '%{url_effective}' "$from" 2>"$work/curl" ||
        unreachable "$from: $(sed -n '1s/^curl: ([0-9]*) //p' "$work/curl")"
}

unreachable() {
    local meanwhile='machines run in QEMU'
    [ ! -x "$bin/firecracker" ] || meanwhile="$(version_of "$bin/firecracker") stays in use"
    printf 'Firecracker cannot be fetched, so %s: %s; %s\n' "$meanwhile" "$1" "$remedy" >&2
    exit 3
}
main "$@"
