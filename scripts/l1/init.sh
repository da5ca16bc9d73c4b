#!/bin/bash
# Process 1 of L1: sets up what an ordinary machine has, runs the one command it is there for, and switches off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
note() { echo "l1: $*, $(cut -d' ' -f1 /proc/uptime) s after the start" >/dev/console; }
end() {
    sync
    busybox poweroff -f
    sleep 10
}
cat /etc/hostname >/proc/sys/kernel/hostname
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /dev/pts /dev/shm /run/lock /run/job /run/user/1000 /share /out
chown 1000:1000 /run/user/1000
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
for link in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -sfn "/proc/self/${link#*:}" "/dev/${link%:*}"; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
modprobe virtio_console
for _ in {1..50}; do
    ports=(/sys/class/virtio-ports/*/name)
    [ "${#ports[@]}" = 3 ] && break
    sleep 0.1
done
mkdir -p /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do ln -sf "/dev/${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"; done
tar -C /run/job -xf /dev/vdb || {
    note "no job"
    end
}
shares='' out='' network='' user=''
# shellcheck source=/dev/null
. /run/job/settings
if [ -n "$out" ]; then
    modprobe -a 9pnet_virtio 9p
    mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none out /out || note "no /out"
fi
letters=cdefghijklmnopqrstuvwxyz number=0 directory=/share
for name in $shares; do
    mkdir -p "/share/$name"
    mount -o noatime,noinit_itable "/dev/vd${letters:number:1}" "/share/$name" || note "no /share/$name"
    directory=/share/$name
    number=$((number + 1))
done
[ "$number" = 1 ] || directory=/share
modprobe -a tun vhost_vsock virtio-rng
modprobe kvm_amd nested=0 npt=1
chgrp kvm /dev/kvm
chmod 0660 /dev/kvm
chmod 0666 /dev/net/tun
if [ -n "$network" ]; then
    modprobe virtio_net
    for _ in {1..20}; do
        [ -d /sys/class/net/eth0 ] && break
        sleep 0.1
    done
    ip address add 10.0.2.15/24 dev eth0
    ip link set eth0 up
    ip route add default via 10.0.2.2
    echo nameserver 10.0.2.3 >/etc/resolv.conf
fi
if [ -c /dev/kvm ]; then note "ready"; else note "no /dev/kvm"; fi
mapfile -d '' -t words </run/job/command
mapfile -d '' -t variables </run/job/environment
[ -z "$user" ] || words=(as-user "${words[@]}")
cd "$directory" || cd /
# Pipes, as in an ordinary run. What the command leaves running does not keep them open for ever.
mkfifo /run/out /run/err
cat /run/out >/dev/virtio-ports/out &
readers=$!
cat /run/err >/dev/virtio-ports/err &
readers="$readers $!"
env "${variables[@]}" "${words[@]}" </dev/null >/run/out 2>/run/err
code=$?
for _ in {1..30}; do
    # shellcheck disable=SC2086 # two numbers
    kill -0 $readers 2>/dev/null || break
    sleep 0.1
done
echo $code >/dev/virtio-ports/code
note "the command ended with $code"
end
