# shellcheck shell=dash
# Sets up the network namespace it is run in, a machine's own:
#
#   NETWORK  what is done to it, for ip -batch
#   RULES    what may pass in it, for nft -f; empty for a network that leads nowhere
set -eu
network=$1 rules=$2

# Says why it cannot be made, in one line.
do_it() {
    said=$("$@" 2>&1) || {
        echo "network: $1: $(echo "$said" | head -n 1)" >&2
        exit 1
    }
}
do_it ip -batch "$network"
[ -n "$rules" ] || exit 0
do_it nft -f "$rules"
for forwarding in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; do
    [ ! -e "$forwarding" ] || echo 1 >"$forwarding"
done
