#!/bin/busybox sh
# shellcheck shell=dash
# Process 1 of L1's initramfs: loads what the root's disk needs, and hands over to it.
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs dev /dev
while read -r module; do $bb insmod "/modules/$module"; done </modules/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do
    $bb sleep 0.1
    tries=$((tries + 1))
done
$bb mount -t ext4 -o noatime /dev/vda /new || {
    echo "l1: no root"
    $bb poweroff -f
}
for directory in dev proc sys; do $bb mount --move /$directory /new/$directory; done
exec $bb switch_root /new /sbin/l1-init
