#!/usr/bin/env bash
# test-systemd.sh: machines under systemd and cgroups of version 2, which neither this host nor L1 need have: systemd is
# process 1 of namespaces of its own in L1 (scripts/ordinary-kvm). Root, some twenty minutes; not part of any lane. Prints a
# line for each thing that is seen to be so, and fails at the first that is not.
#
#   test-systemd.sh [root|user|units|qemu]...   only these parts
#
# It needs a base (scripts/fcvm-init.sh), build/dist and build/test-firecracker. Packages of L1's root: systemd, dbus,
# dbus-user-session, libpam-systemd.
# shellcheck disable=SC2317 # functions that are called by soon
set -euo pipefail

if [ "${1:-}" != --in-systemd ] && [ "${1:-}" != --in-l1 ]; then
    # shellcheck source=scripts/lib.sh
    . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
    cd "$FCVM_HOME"
    load_settings
    work=build/test-systemd
    rm -rf "$work"
    mkdir -p "$work/share"
    scripts/make-demo-image.sh "$work/share/demo.oci.tar"
    cp -al build/dist "$work/share/dist"
    cp -a build/test-firecracker/firecracker build/test-firecracker/jailer scripts/test-systemd.sh "$work/share/"
    as_root scripts/ordinary-kvm --packages "systemd dbus dbus-user-session libpam-systemd" \
        --cache "${FCVM_TEST_KVM_CACHE:-$D/cache/ordinary-kvm}" --cpus 2 --memory 6144 --console "$work/console" --timeout 1800 \
        --share "$PWD/$work/share:fcvm" --share "$D/images:images" \
        -- /share/fcvm/test-systemd.sh --in-l1 "$@"
    exit
fi

if [ "$1" = --in-l1 ]; then
    shift
    # It has the real root of the tree of cgroups, as on a host of its own.
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --pid --fork --propagation private sh -c '
        mount -t proc proc /proc && mount -t tmpfs -o mode=755 tmpfs /run &&
        exec env container=other /usr/lib/systemd/systemd --unit=basic.target --log-target=console' >/dev/null 2>/dev/console &
    for _ in {1..600}; do
        first=$(pgrep -x systemd -o || true)
        [ -n "$first" ] && [ -S "/proc/$first/root/run/systemd/private" ] && break
        sleep 0.2
    done
    exec nsenter --target "$first" --mount --pid -- /share/fcvm/test-systemd.sh --in-systemd "$@"
fi
shift

export FCVM_BOOT_TIMEOUT=300s FIRECRACKER_BIN=/share/fcvm/firecracker FCVM_NETWORK=none FCVM_VMM=firecracker FCVM_KVM=yes FCVM_WARM_BASE=no
image=oci-archive:/share/fcvm/demo.oci.tar
ok() { echo "ok: $*"; }
fail() {
    echo "NOT: $*"
    exit 1
}
is() {
    [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
    ok "$1: $2"
}
# soon COMMAND…: waits until it succeeds, a minute at most
soon() {
    for _ in {1..300}; do
        ! "$@" || return 0
        sleep 0.2
    done
    fail "in a minute not so: $*"
}

# A user's way to fcvm: $FCVM is the command, $DATA the data directory.
prepare() {
    mkdir -p "$2"
    ln -sfn /share/images "$2/images"
    chown -R "$1:" "$2"
}
mkdir -p /usr/local/lib /usr/local/bin
ln -sfn /share/fcvm/dist /usr/local/lib/fcvm
ln -sfn ../lib/fcvm/bin/fcvm /usr/local/bin/fcvm
prepare root /root/.local/share/fcvm
chown fcuser: /home/fcuser
prepare fcuser /home/fcuser/.local/share/fcvm
chown -R fcuser: /home/fcuser/.local
soon systemctl is-active -q basic.target
is "systemd's state" "$(systemctl is-active basic.target)" active
ok "$(systemctl --version | head -n 1), process 1 is $(cat /proc/1/comm)"

# A command of fcuser's in its login's cgroup and environment, by systemd's user manager.
as_fcuser() { as-user env FCVM_WARM_BASE=no FCVM_BOOT_TIMEOUT=300s FIRECRACKER_BIN="$FIRECRACKER_BIN" FCVM_NETWORK=none FCVM_VMM="$FCVM_VMM" FCVM_KVM=yes "$@"; }
user_manager() {
    loginctl enable-linger fcuser 2>/dev/null || true
    systemctl start user@1000.service
    soon test -S /run/user/1000/systemd/private
}

# monitor: the number of the one machine's monitor
monitor() { pgrep -x 'firecracker|monitor|qemu-system-x86' | tail -n 1; }
# group: the monitor's cgroup
group() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(monitor)/cgroup")"; }
limits() { echo "$(cat "$1/memory.max") $(cat "$1/pids.max") $(cat "$1/cpu.max")"; }
nothing_left() {
    is "$1: cgroups of machines left" "$(find /sys/fs/cgroup -type d -name 'fcvm-*' -not -name 'fcvm-supervisor*' | wc -l)" 0
    is "$1: scopes left" "$( { systemctl list-units --all --plain --no-legend 'fcvm-*.scope'; as-user systemctl --user list-units --all --plain --no-legend 'fcvm-*.scope' 2>/dev/null; } | wc -l)" 0
    is "$1: monitors left" "$(pgrep -cx 'firecracker|monitor|qemu-system-x86' || true)" 0
}
# stays WHAT: the limits, whatever systemd does beside the machine
stays() {
    local cgroup before
    cgroup=$(group)
    before=$(limits "$cgroup")
    ok "$1: limits in $cgroup: memory.max pids.max cpu.max = $before"
    case $cgroup in */fcvm-*.scope/fcvm-*) ;; *) fail "$1: the monitor is in no scope of its own" ;; esac
    case $before in *max*) fail "$1: something is not limited" ;; esac
    systemctl daemon-reload
    systemd-run --quiet --wait --collect -p CPUWeight=50 true
    systemd-run --quiet --wait --collect -p MemoryMax=64M true
    as-user systemctl --user daemon-reload 2>/dev/null || true
    as-user systemd-run --user --quiet --wait --collect true 2>/dev/null || true
    is "$1: limits after units came and went, and a daemon-reload" "$(limits "$cgroup" 2>&1)" "$before"
}

part_root() {
    local code=0
    systemd-run --quiet --wait --pipe --collect --setenv=HOME=/root --setenv=FCVM_BOOT_TIMEOUT --setenv=FIRECRACKER_BIN --setenv=FCVM_NETWORK \
        --setenv=FCVM_VMM --setenv=FCVM_KVM --setenv=FCVM_WARM_BASE -- fcvm run --rm "$image" sh -c 'echo out; exit 7' >/tmp/out || code=$?
    is "root, attached, in a service: exit code" "$code" 7
    is "root, attached, in a service: output" "$(cat /tmp/out)" out
    nothing_left "root, attached"
    for mode in privileged rootless; do
        systemd-run --quiet --scope fcvm run -d --name=one --mode=$mode --cpus=1 --memory=256m "$image" sleep 1000 >/dev/null
        stays "root, -d, $mode, from a scope of system.slice"
        fcvm exec one true && ok "root, $mode: exec"
        fcvm rm -f one >/dev/null
        nothing_left "root, $mode, after rm -f"
    done
    fcvm supervisor stop || true
}

# login COMMAND: a line of fcuser's in a session of its own, as one by ssh has it; the session's cgroup is root's.
login() {
    su -l fcuser -c "export FCVM_BOOT_TIMEOUT=300s FIRECRACKER_BIN=$FIRECRACKER_BIN FCVM_NETWORK=none FCVM_VMM=$FCVM_VMM FCVM_KVM=yes; $1"
}
part_user() {
    local code=0 cgroup line
    # shellcheck disable=SC2016 # for the login's shell
    line=$(login 'sed -n s/^0:://p /proc/self/cgroup; test -w /sys/fs/cgroup"$(sed -n s/^0:://p /proc/self/cgroup)" && echo writable' || true)
    case $line in *writable* | */user@*) fail "a login's cgroup is $line" ;; *session*) ok "a login's cgroup, which is root's: $line" ;; *) fail "no session: $line" ;; esac
    login "fcvm run --rm $image sh -c 'echo out; exit 7'" >/tmp/out 2>/tmp/err || code=$?
    is "user, attached, from a login: exit code" "$code" 7
    is "user, attached: output" "$(cat /tmp/out)" out
    is "user, attached: warnings of no limits" "$(grep -c 'not limited' /tmp/err || true)" 0
    is "user, attached: told that machines end with the login" "$(grep -c enable-linger /tmp/err || true)" 1
    nothing_left "user, attached"
    user_manager
    login "fcvm run -d --name=two --memory=256m --network=default --egress=deny --allow=example.org $image sleep 1000" >/dev/null
    stays "user, -d, from a login"
    cgroup=$(group)
    case $cgroup in */user@1000.service/*.scope/fcvm-*) ok "user: the machine is in a scope of the user's systemd" ;; *) fail "the machine is in $cgroup" ;; esac
    line=$(while read -r code; do cat "/proc/$code/comm"; done <"$cgroup/cgroup.procs" | sort -u | tr '\n' ' ')
    for name in monitor slirp4netns dnsmasq; do
        case " $line" in *" $name "*) ok "user: $name is in it" ;; *) fail "no $name is in it, but $line" ;; esac
    done
    login "fcvm exec two true" && ok "user: exec"
    login "fcvm rm -f two" >/dev/null
    nothing_left "user, after rm -f"
    login "fcvm supervisor stop" || true
    # A user who is nobody's login.
    loginctl disable-linger fcuser
    systemctl stop user@1000.service
    as_fcuser fcvm run --rm "$image" true 2>/tmp/err
    is "user without a systemd: warnings of no limits" "$(grep -c 'not limited' /tmp/err || true)" 1
    nothing_left "user without a systemd"
    as_fcuser fcvm supervisor stop || true
}

# unit NAME SYSTEMCTL… -- FCVM…: a supervisor of the shipped unit
unit() {
    local name=$1 ctl=() fcvm=() pid
    shift
    while [ "$1" != -- ]; do ctl+=("$1") && shift; done
    shift
    fcvm=("$@")
    "${ctl[@]}" daemon-reload
    "${ctl[@]}" start fcvm-supervisor
    is "$name unit" "$("${ctl[@]}" is-active fcvm-supervisor)" active
    served() { "${fcvm[@]}" supervisor status >/tmp/status 2>/dev/null; }
    soon served
    pid=$("${ctl[@]}" show -P MainPID fcvm-supervisor)
    is "$name unit: commands are served by it" "$(awk '$1 == "process" { print $2 }' /tmp/status)" "$pid"
    "${fcvm[@]}" run -d --name=three "$image" sleep 1000 >/dev/null
    stays "$name unit"
    kill -9 "$pid"
    anew() { [ "$("${ctl[@]}" show -P MainPID fcvm-supervisor)" != "$pid" ] && "${ctl[@]}" is-active -q fcvm-supervisor; }
    soon anew
    is "$name unit: after kill -9 of the supervisor" "$("${ctl[@]}" is-active fcvm-supervisor)" active
    is "$name unit: the machine after kill -9" "$("${fcvm[@]}" exec three echo alive)" alive
    "${ctl[@]}" restart fcvm-supervisor
    is "$name unit: the machine after a restart of the unit" "$("${fcvm[@]}" exec three echo alive)" alive
    local watcher code=0
    "${fcvm[@]}" attach --no-stdin three 2>/tmp/watched &
    watcher=$!
    watched() { [ "$("${fcvm[@]}" supervisor status | awk '$1 == "commands" { print $2 }')" -ge 1 ]; }
    soon watched
    "${ctl[@]}" stop fcvm-supervisor
    wait "$watcher" || code=$?
    is "$name unit: the exit code of who watched when it was stopped" "$code" 125
    is "$name unit: that the machine goes on was told" "$(grep -c 'the machine goes on' /tmp/watched)" 1
    "${ctl[@]}" is-failed -q fcvm-supervisor && { "${ctl[@]}" status --no-pager -l fcvm-supervisor || true; }
    is "$name unit: stopped" "$("${ctl[@]}" is-active fcvm-supervisor || true)" inactive
    [ -n "$(monitor)" ] || fail "$name unit: the machine ended with it"
    ok "$name unit: the machine goes on without it"
    "${ctl[@]}" start fcvm-supervisor
    "${fcvm[@]}" rm -f three >/dev/null
    nothing_left "$name unit, after rm -f"
    "${ctl[@]}" stop fcvm-supervisor
}

part_units() {
    install -D -m 644 /share/fcvm/dist/config/systemd/fcvm-supervisor.service /etc/systemd/system/fcvm-supervisor.service
    unit root systemctl -- fcvm
    rm /etc/systemd/system/fcvm-supervisor.service
    systemctl daemon-reload
    user_manager
    as-user mkdir -p /home/fcuser/.config/systemd/user
    install -o fcuser -m 644 /share/fcvm/dist/config/systemd/fcvm-supervisor.service /home/fcuser/.config/systemd/user/
    unit user as-user systemctl --user -- as_fcuser fcvm
}

part_qemu() {
    local -x FCVM_VMM=qemu
    for mode in privileged rootless; do
        fcvm run -d --name=four --mode=$mode "$image" sleep 1000 >/dev/null
        stays "QEMU with KVM, root, $mode"
        # Noise from the guest's root, at its devices and the host's context.
        fcvm exec four true
        kill -9 "$(monitor)"
        ended() { [ "$(fcvm ps -a --format '{{.State}}')" != running ]; }
        soon ended
        fcvm rm -f four >/dev/null
        nothing_left "QEMU with KVM, root, $mode, kill -9"
    done
    fcvm supervisor stop || true
}

[ $# -gt 0 ] || set -- root user units qemu
for part; do "part_$part"; done
echo "all of it was so"
