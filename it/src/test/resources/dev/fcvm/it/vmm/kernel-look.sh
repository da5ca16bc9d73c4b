# Run in a privileged container: what the machine's kernel has, tried out with the tools of the base, which is /dev/vda.
# shellcheck shell=sh
bb=/bin/busybox
case $($bb uname -r) in *-fcvm) echo "release ends in -fcvm" ;; esac
# shellcheck disable=SC2016 # the program is awk's
echo "file systems:$($bb awk '{print " " $NF}' /proc/filesystems | $bb grep -xE ' (ext4|erofs|overlay|fuse|nfs4)' | $bb sort | $bb tr -d '\n')"

$bb mkdir -p /base /space /union /remote
$bb mount -t ext4 -o ro /dev/vda /base
$bb mount -t tmpfs space /base/tmp
# As Podman's netavark writes them, and those who look after a firewall.

$bb cat >/base/tmp/rules <<'R'
table inet look {
  chain before {
    type nat hook prerouting priority -100
    fib daddr type local tcp dport 80 dnat ip to 10.88.0.2:8080
  }
  chain after {
    type nat hook postrouting priority 100
    ip saddr 10.88.0.0/16 masquerade
  }
  chain through {
    type filter hook forward priority 0
    ct state established,related accept
    limit rate 1/second log prefix "look "
    reject
  }
}
R
$bb chroot /base /usr/sbin/nft -f /tmp/rules && echo "rules: taken"
$bb ip link add look0 type bridge && $bb ip link add look1 type veth peer name look2 &&
    $bb ip link set look1 master look0 && echo "bridge: made"
$bb mount -t tmpfs space /space && $bb mkdir /space/upper /space/work &&
    $bb mount -t overlay -o lowerdir=/base,upperdir=/space/upper,workdir=/space/work union /union && echo "overlay: mounted"
echo "nfs: $($bb mount -t nfs4 -o addr=127.0.0.1,vers=4.2,clientaddr=127.0.0.1,timeo=10,retrans=1 127.0.0.1:/ /remote 2>&1 |
    $bb sed 's/.*failed: //')"
