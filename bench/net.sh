#!/usr/bin/env bash
# net.sh [--runs N] [slirp|nft|ports]…: what a published port costs, as ratios of medians of runs that alternate: a server in a
# machine by its published port, against the same port of the same machine asked from beside its card, where there is no
# uplink; and against the same server without a machine behind a bare slirp4netns (rootless) or a bare nft rule and veth
# (privileged). And what the port of the 200th privileged machine costs against the first's. Everything happens in a network
# namespace made for it. Needs root, `make build` and the base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh
load_settings
[ "$(id -u)" = 0 ] || die "the network benchmark needs root, since it makes network namespaces"
if [ -z "${FCVM_BENCH_INSIDE:-}" ]; then
    FCVM_BENCH_INSIDE=1 exec unshare --net --mount "$0" "$@"
fi
runs=5 size=$((256 << 20))
if [ "${1:-}" = --runs ]; then
    runs=${2:?--runs needs a number}
    shift 2
fi
[ $# -gt 0 ] || set -- slirp nft ports
fcvm=$PWD/build/dist/bin/fcvm
[ -x "$fcvm" ] || die "no distribution in build/dist; run: make build"
image=oci-archive:$PWD/build/demo/busybox.oci.tar
[ -s "${image#*:}" ] || scripts/make-demo-image.sh "${image#*:}"
work=$(mktemp -d /tmp/fcvm-bench.XXXXXX)
export XDG_RUNTIME_DIR=$work FCVM_WARM_BASE=no
unset FCVM_NETWORK
pids=() servers=()
# A machine's first process takes no signal that it has not asked for.
stop() {
    "$fcvm" rm -f bench-rootless bench-privileged >/dev/null 2>&1 || true
    kill "${pids[@]}" 2>/dev/null || true
    # unshare waits for its child and heeds no TERM.
    kill -KILL "${servers[@]}" 2>/dev/null || true
    wait
    pids=() servers=()
}
cleanup() {
    stop
    rm -rf "$work"
}
trap cleanup EXIT
ip link set lo up

# A byte on 9000, much on 9001.
serve="busybox nc -ll -p 9000 -e echo -n x & exec busybox nc -ll -p 9001 -e head -c $size /dev/zero"
await() { # PORT: until it serves
    for _ in $(seq 300); do
        [ "$(bench/fetch 127.0.0.1 "$1" 2>/dev/null | cut -d' ' -f3)" != 1 ] || return 0
        sleep 0.1
    done
    cat "$work/log" >&2
    die "nothing serves on port $1"
}
# beside MODE: a process in the network namespace of that machine
beside() {
    local id file process
    id=$(cat "$D"/machines/*/spec.json | grep -F "\"bench-$1\"" | sed -E 's/.*"id": *"([0-9a-f]*)".*/\1/')
    while read -r file; do
        process=${file%/*}
        if [ "$(readlink "$process/ns/net")" != "$(readlink /proc/self/ns/net)" ]; then
            echo "${process#/proc/}"
            return
        fi
    done < <(grep -lsaF "$id" /proc/[0-9]*/environ /proc/[0-9]*/cmdline)
    die "the machine's network namespace cannot be found"
}
# ask SIDE PORT: what bench/fetch says of the machine's published port, of its card, or of the bare server
ask() {
    case $1 in
        machine) bench/fetch 127.0.0.1 "1800$2" ;;
        card) nsenter --target "$beside" --net bench/fetch 172.30.0.2 "900$2" ;;
        bare) bench/fetch 127.0.0.1 "1900$2" ;;
    esac
}
# compare WHAT MODE: the machine's ports are 18000 and 18001, the bare ones 19000 and 19001
compare() {
    local i side rate
    await 18000
    await 19000
    beside=$(beside "$2")
    for ((i = 0; i < runs; i++)); do
        for side in machine card bare; do
            for _ in 1 2 3 4 5; do ask $side 0 | cut -d' ' -f1 >>"$work/$1-$side-first"; done
            ask $side 1 | awk -v want="$size" '$3 != want {exit 1} {print $3 / 1048.576 / $2}' >>"$work/$1-$side-rate"
        done
    done
    for rate in "rate MiB/s >=_0.95" "first ms -"; do
        for side in card bare; do
            # shellcheck disable=SC2086 # three words
            set -- "$1" $rate
            awk -v what="$1: $2" -v unit="$3" -v goal="${4//_/ }" -v side="$side" \
                -v a="$(median "$work/$1-machine-$2")" -v b="$(median "$work/$1-$side-$2")" \
                'BEGIN {printf "%-13s by the port %8.2f %-6s %s %8.2f %-6s ratio %5.2f  (goal %s)\n", what, a, unit, side, b, unit, a / b, goal}'
        done
    done
}
# machine MODE: one with both ports published
machine() {
    "$fcvm" run --rm --quiet --mode "$1" --dns 192.0.2.53 --name "bench-$1" -p 18000-18001:9000-9001 "$image" sh -c "${serve//busybox /}" 2>>"$work/log" &
    pids+=($!)
}

bench_slirp() {
    machine rootless
    unshare --user --map-root-user --net sleep 1000 &
    local holder=$!
    pids+=("$holder")
    sleep 0.2
    slirp4netns --configure --mtu=65520 --enable-sandbox --enable-seccomp \
        --userns-path="/proc/$holder/ns/user" --api-socket "$work/bare.sock" "$holder" tap0 >/dev/null 2>&1 &
    pids+=($!)
    nsenter --target "$holder" --user --net --preserve-credentials unshare --pid --fork --kill-child sh -c "$serve" &
    servers+=($!)
    until [ -S "$work/bare.sock" ]; do sleep 0.05; done
    local port
    for port in 0 1; do
        perl -MIO::Socket::UNIX -e '
            my $s = IO::Socket::UNIX->new($ARGV[0]) or die; print $s $ARGV[1]; shutdown($s, 1); print STDERR <$s>' "$work/bare.sock" \
            '{"execute":"add_hostfwd","arguments":{"proto":"tcp","host_addr":"127.0.0.1","host_port":1900'$port',"guest_addr":"10.0.2.100","guest_port":900'$port'}}' \
            2>>"$work/log"
    done
    compare slirp rootless
}

bench_nft() {
    machine privileged
    unshare --net sleep 1000 &
    local holder=$!
    pids+=("$holder")
    sleep 0.2
    ip -batch - <<EOF
link add bare0 type veth peer name bare1 netns $holder
address add 198.51.100.1/30 dev bare0
link set bare0 up
EOF
    echo 1 >/proc/sys/net/ipv4/conf/bare0/route_localnet
    nsenter --target "$holder" --net ip -batch - <<EOF
address add 198.51.100.2/30 dev bare1
link set bare1 up
link set lo up
route add default via 198.51.100.1
EOF
    nft -f - <<EOF
table ip bare {
    chain output { type nat hook output priority -100; ip daddr 127.0.0.1 tcp dport 19000-19001 dnat to 198.51.100.2 : tcp dport map { 19000 : 9000, 19001 : 9001 }; }
    chain postrouting { type nat hook postrouting priority 100; oifname "bare0" masquerade; }
}
EOF
    nsenter --target "$holder" --net unshare --pid --fork --kill-child sh -c "$serve" &
    servers+=($!)
    compare nft privileged
}

# others VERB: 199 other machines with a port each, as far as the host's table knows them
others() {
    local i
    for ((i = 1; i < 200; i++)); do
        printf '%s element inet fcvm machines { 10.230.0.%d }\n%s element inet fcvm sources { "fcvm%08x" . 10.230.0.%d }\n' \
            "$1" "$i" "$1" "$i" "$i"
        printf '%s element inet fcvm published { tcp . %d : 10.230.0.%d . 80 }\n' "$1" $((30000 + i)) "$i"
    done | nft -f -
}

bench_ports() {
    machine privileged
    await 18000
    local i many
    for ((i = 0; i < runs; i++)); do
        for many in alone among-200; do
            [ $many = alone ] || others add
            bench/first-byte "$fcvm" publish bench-privileged -p 17000:9000 | cut -d' ' -f2 >>"$work/publish-$many"
            bench/fetch 127.0.0.1 17000 | cut -d' ' -f1 >>"$work/reach-$many"
            "$fcvm" unpublish bench-privileged -p 17000:9000 >/dev/null
            [ $many = alone ] || others delete
        done
    done
    for i in publish reach; do
        awk -v what="ports: $i" -v a="$(median "$work/$i-among-200")" -v b="$(median "$work/$i-alone")" \
            'BEGIN {printf "%-22s the 200th %8.2f ms   the first %8.2f ms   ratio %5.2f  (goal <= 1.3)\n", what, a, b, a / b}'
    done
}

for what in "$@"; do
    echo "published port, $what: from 127.0.0.1, $runs runs (of $((size >> 20)) MiB and a byte)"
    "bench_$what"
    stop
done
