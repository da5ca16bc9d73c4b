#!/bin/busybox sh
# shellcheck shell=dash
# PID 1 of the guests of the monitors' contract: does what the kernel command line's word test= says.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys

# The base's modules, by the base's own script, where its initramfs is below; another kernel has the drivers built in.
if [ -f /load-modules ]; then
    # shellcheck source=fc-agent/src/guest/load-modules
    . /load-modules
fi

read -r commandline </proc/cmdline
for word in $commandline; do
    case $word in test=*) test=${word#test=} ;; esac
done

# now: hundredths of a second since the guest began.
now() {
    read -r now _ </proc/uptime
    # A number that begins with 0 would be taken for an octal one.
    echo $((${now%.*} * 100 + 1${now#*.} - 100))
}

# network: the card's address; the host's end of the tap has the other one.
network() {
    $bb ip address add 172.30.0.2/30 dev eth0
    $bb ip link set eth0 up
}

echo "guest: begin $test"
case $test in
poweroff) $bb poweroff -f ;;
reset) $bb reboot -f ;;
panic)
    # The kernel's words do not wait for ours, which are still on their way out of the serial port.
    $bb usleep 200000
    exit 1
    ;;
escapes)
    printf 'guest: \033[31mred\033[0m \033]0;title\007bell\007 \302\233end\r\n'
    ;;
devices)
    for disk in /sys/block/vd*; do
        read -r size <"$disk/size"
        read -r readonly <"$disk/ro"
        echo "guest: disk ${disk##*/} $size $readonly"
    done
    for card in /sys/class/net/*; do echo "guest: network ${card##*/}"; done
    plan=/sys/firmware/qemu_fw_cfg/by_name/opt/dev.fcvm/plan/raw
    if [ -f $plan ]; then echo "guest: plan $($bb cat $plan)"; fi
    ;;
buses)
    for device in /sys/bus/virtio/devices/*; do
        driver=$($bb readlink "$device/driver") || echo "guest: no driver on ${device##*/}"
        echo "guest: ${driver##*/} on $($bb readlink "$device")"
    done
    for device in /sys/bus/platform/drivers/vmgenid/*:*; do
        if [ -e "$device" ]; then echo "guest: vmgenid ${device##*/}"; fi
    done
    if [ ! -e /proc/modules ]; then echo "guest: no modules"; fi
    $bb reboot -f
    ;;
ticks)
    tick=0
    while :; do
        tick=$((tick + 1))
        echo "guest: tick $tick"
        $bb usleep 50000
    done
    ;;
disk-speed)
    # Past the page cache, so that the monitor sees every byte.
    while :; do
        begin=$(now)
        $bb dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null
        echo "guest: read 1 MiB in $(($(now) - begin)) cs"
    done
    ;;
network-speed)
    network
    while :; do
        begin=$(now)
        $bb dd if=/dev/zero bs=64k count=16 2>/dev/null | $bb nc 172.30.0.1 7001
        echo "guest: sent 1 MiB in $(($(now) - begin)) cs"
        begin=$(now)
        bytes=$($bb nc 172.30.0.1 7002 </dev/null | $bb wc -c)
        echo "guest: received $bytes bytes in $(($(now) - begin)) cs"
    done
    ;;
memory)
    while :; do
        while read -r name kib _; do
            case $name in
            MemTotal:) total=$kib ;;
            MemFree:) free=$kib ;;
            esac
        done </proc/meminfo
        echo "guest: memory $total free $free"
        $bb usleep 100000
    done
    ;;
metadata-token)
    network
    $bb ip route add 169.254.169.254 dev eth0
    /usr/bin/perl /metadata-token.pl
    ;;
echo-look)
    # What is on the disk and on the network, again and again, and over vsock everything comes back.
    network
    /usr/bin/perl /vsock-echo.pl &
    tick=0
    while :; do
        tick=$((tick + 1))
        disk=$($bb dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | $bb head -n 1)
        network=$($bb nc -w 1 172.30.0.1 7003 </dev/null | $bb head -n 1)
        echo "guest: tick $tick disk $disk network $network"
        $bb usleep 50000
    done
    ;;
echo | echo-ticks)
    # A word now and then, so that the host sees that the guest runs.
    if [ "$test" = echo-ticks ]; then
        (
            tick=0
            while :; do
                tick=$((tick + 1))
                echo "guest: tick $tick"
                $bb usleep 50000
            done
        ) &
    fi
    if [ -f /vsock-echo.pl ]; then /usr/bin/perl /vsock-echo.pl & fi
    for port in /sys/class/virtio-ports/*; do
        [ -d "$port" ] || continue
        read -r name <"$port/name"
        if [ "$name" = dev.fcvm.link ]; then
            exec 3<>"/dev/${port##*/}"
            # A read ends when the host disconnects, and at once while it has not connected.
            while :; do
                $bb cat <&3 >&3
                $bb usleep 10000
            done
        fi
    done
    ;;
esac
echo "guest: end"
while :; do $bb sleep 60; done
