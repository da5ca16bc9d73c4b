#!/usr/bin/env bash
# setup-nftables.sh install|show|check|remove: fcvm's table in the host's firewall, `inet fcvm`, for machines started as
# root. The program makes it by itself when a machine needs it; no other table is ever touched.
#
#   install   makes it, or renews its rules, in one transaction; ports and machines that are in it stay
#   show      prints it, with the counters of what it dropped and whether the host forwards packets
#   check     ends with 0 if it is there as network/nftables-template.nft has it, else says what differs and ends with 1
#   remove    removes it, and turns net.ipv4.ip_forward and net.ipv6.conf.all.forwarding off if it was fcvm that turned
#             them on (IPv6's only with the first machine that speaks it); refused while machines are in it, unless
#             --force is said
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { die "say: setup-nftables.sh install|show|check|remove [--force]"; }
template=$FCVM_HOME/network/nftables-template.nft
# The program's records of what the settings of this network namespace were before, see ForwardingRecord.java.
namespace=$(stat -L -c %i /proc/self/ns/net)
record=${FCVM_NETWORK_CLAIMS:-/run/fcvm/networks}/ip_forward.$namespace
record6=${FCVM_NETWORK_CLAIMS:-/run/fcvm/networks}/ipv6_forwarding.$namespace
setting=/proc/sys/net/ipv4/ip_forward
setting6=/proc/sys/net/ipv6/conf/all/forwarding

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
    [ ! -e $setting6 ] || echo "# net.ipv6.conf.all.forwarding = $(cat $setting6)"
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

# Off for all of them, which the kernel takes for off on each: those that somebody has turned on by themselves stay on.
stop_forwarding_ipv6() {
    local each routers
    routers=$(grep -l 1 /proc/sys/net/ipv6/conf/*/forwarding | grep -vE '/conf/(all|default|fcvm[0-9a-f]*)/' || true)
    # The interfaces are hosts all along, see Forwarding6.java; those that were made routers are somebody else's doing.
    echo 0 >$setting6
    for each in $routers; do
        echo 1 >"$each"
    done
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
    if [ -f "$record6" ]; then
        stop_forwarding_ipv6
        echo "net.ipv6.conf.all.forwarding is $(cat $setting6) again"
        rm -f "$record6"
    fi
    echo "there is no table inet fcvm"
}

case ${1:-} in
install | show | check) [ $# = 1 ] || usage ;;
remove) [ $# = 1 ] || { [ $# = 2 ] && [ "$2" = --force ]; } || usage ;;
*) usage ;;
esac
"$1_table" "${2:-}"
