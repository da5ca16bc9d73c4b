#!/usr/bin/env bash
# setup-nftables.sh install|show|check|remove: fcvm's table in the host's firewall, `inet fcvm`, for machines started as
# root. The program makes it by itself when a machine needs it; no other table is ever touched.
#
#   install   makes it, or renews its rules, in one transaction; ports and machines that are in it stay
#   show      prints it, with the counters of what it dropped and whether the host forwards packets
#   check     ends with 0 if it is there as network/nftables-template.nft has it, else says what differs and ends with 1
#   remove    removes it, and turns net.ipv4.ip_forward off if it was fcvm that turned it on; refused while machines
#             are in it, unless --force is said
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { die "say: setup-nftables.sh install|show|check|remove [--force]"; }
template=$FCVM_HOME/network/nftables-template.nft
# The program's record of what the setting was before, see Forwarding.java.
record=${FCVM_NETWORK_CLAIMS:-/run/fcvm/networks}/ip_forward
setting=/proc/sys/net/ipv4/ip_forward

[ "$(id -u)" = 0 ] || die "only root may see and change the host's firewall: sudo $0 $*"
has_tool nft || die "nft is not installed: apt-get install nftables"
is_there() { nft list table inet fcvm >/dev/null 2>&1; }
machines() { nft list set inet fcvm machines 2>/dev/null | grep -cE '[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+' || true; }

install_table() {
    nft -f "$template" || die "the host's firewall does not take $template; see above"
    if [ "$(cat $setting)" != 1 ]; then
        mkdir -p "$(dirname "$record")"
        chmod 0700 "$(dirname "$record")"
        [ -f "$record" ] || cat $setting >"$record"
        echo 1 >$setting
        echo "net.ipv4.ip_forward was 0 and is 1 now: the host passes packets on between its networks"
    fi
    echo "the table inet fcvm is installed"
}

show_table() {
    is_there || die "there is no table inet fcvm; make it with: $0 install"
    nft list table inet fcvm
    echo "# net.ipv4.ip_forward = $(cat $setting)"
}

check_table() {
    local expected found
    is_there || die "there is no table inet fcvm; make it with: $0 install"
    # Neither what machines put in nor what counters counted; and of the template the kernel's own form, from a network
    # namespace where nothing else is.
    # shellcheck disable=SC2016 # the inner shell's
    expected=$(unshare --net sh -c 'nft -f "$1" && nft --stateless --terse list table inet fcvm' sh "$template") ||
        die "$template cannot be loaded; see above"
    found=$(nft --stateless --terse list table inet fcvm)
    if [ "$found" != "$expected" ]; then
        diff -u --label "$template" --label "the host's table" <(echo "$expected") <(echo "$found") >&2 || true
        die "the table inet fcvm is not as it should be; mend it with: $0 install"
    fi
    [ "$(cat $setting)" = 1 ] || die "net.ipv4.ip_forward is 0; turn it on with: $0 install"
    echo "the table inet fcvm is whole"
}

remove_table() {
    if is_there; then
        if [ "${1:-}" != --force ] && [ "$(machines)" != 0 ]; then
            die "machines are running with the table inet fcvm; end them first, or cut them off with: $0 remove --force"
        fi
        nft delete table inet fcvm
    fi
    if [ -f "$record" ]; then
        cat "$record" >$setting
        echo "net.ipv4.ip_forward is $(cat $setting) again"
        rm -f "$record"
    fi
    echo "there is no table inet fcvm"
}

case ${1:-} in
install | show | check) [ $# = 1 ] || usage ;;
remove) [ $# = 1 ] || { [ $# = 2 ] && [ "$2" = --force ]; } || usage ;;
*) usage ;;
esac
"$1_table" "${2:-}"
