# shellcheck shell=dash
# Runs a program that handles what strangers have sent, for root: in a user namespace whose root is nobody on the host,
# in a tree with the host's programs, the work directory and what it is handed. Run by sh as root, as process 1 of fresh
# mount and PID namespaces:
#
#   WORK         the work directory; what the program may write is below it
#   FIRST COUNT HIGH  the ids of the host that are the namespace's 0 and so on; those behind them are the namespace's HIGH
#                and so on, to the last there is
#   SOURCE... -- what it may read, where it lies
#   SECRET... -- files and directories it gets a copy of, in memory, under the same path
#   PROGRAM ARGUMENTS...
#
# Nothing here outlives the processes: mounts and namespaces go with the last of them.
set -eu
umask 022
work=$1 first=$2 count=$3 high=$4
shift 4
root=$work/root
mkdir -p "$root"
mount -t tmpfs -o mode=0755,size=64m,nosuid,nodev fcvm "$root"
# here FROM TO: shows a file or directory of the host in the tree.
here() {
    if [ -d "$1" ]; then
        mkdir -p "$root$2"
        mount --rbind "$1" "$root$2"
    else
        mkdir -p "$root$(dirname "$2")"
        [ -e "$root$2" ] || : >"$root$2"
        mount --bind "$1" "$root$2"
    fi
}
for name in usr bin sbin lib lib32 lib64 libx32 etc; do
    if [ -L "/$name" ]; then
        cp -P "/$name" "$root/$name"
    elif [ -d "/$name" ]; then
        here "/$name" "/$name"
        mount -o remount,bind,ro "$root/$name"
    fi
done
for name in null zero full random urandom; do
    here "/dev/$name" "/dev/$name"
done
# Where systemd keeps what the name servers are.
servers=$(readlink -f /etc/resolv.conf) || servers=''
case $servers in /run/* | /var/*) [ ! -f "$servers" ] || here "$servers" "$servers" ;; esac
mkdir -p "$root/proc" "$root/old" "$root/.copies" "$root/tmp" "$root/var/tmp"
chmod 1777 "$root/tmp" "$root/var/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# The work directory stays root's, so that what is in it cannot be exchanged for a link; these in it do not.
chmod 0711 "$work"
for name in tmp store run fetched; do
    mkdir -p "$work/$name"
    chown -h "$first:$first" "$work/$name"
done
here "$work" "$work"
while [ "$1" != -- ]; do
    # A file that only root may read is not what a stranger to this host can read: a copy is.
    if [ -n "$(find -H "$1" \( -type f ! -perm -o=r -o -type d ! -perm -o=rx \) -print -quit)" ]; then
        mkdir -p "$work/source"
        cp -RL --reflink=auto --sparse=always -- "$1" "$work/source/"
        chown -R "$first:$first" "$work/source"
        chmod -R u+rX "$work/source"
        here "$work/source/$(basename "$1")" "$1"
    else
        here "$1" "$1"
    fi
    mount -o remount,bind,ro "$root$1"
    shift
done
shift
copies=0
while [ "$1" != -- ]; do
    copies=$((copies + 1))
    # What is missing in it, such as the end of a link that leads nowhere, is for the program to complain of.
    cp -RL -- "$1" "$root/.copies/$copies" || :
    chown -R "$first:$first" "$root/.copies/$copies"
    here "$root/.copies/$copies" "$1"
    shift
done
shift
mkfifo "$root/ready" "$root/go"
cd "$root"
pivot_root . old
umount -l /old
cd /
exec 3<&0 4<>/ready 5<>/go
# Holds the namespaces until their ids are given, which only this shell can: it is root outside.
# shellcheck disable=SC2016 # for the inner shell
unshare --user --mount --propagation private sh -c 'echo >&4; read -r _ <&5' 3<&- &
holder=$!
read -r _ <&4
ids="0 $first $count
$high $((first + count)) $((4294967295 - high))"
echo "$ids" >/proc/$holder/uid_map
echo "$ids" >/proc/$holder/gid_map
nsenter --target "$holder" --user --mount --setuid 0 --setgid 0 -- \
    setpriv --no-new-privs -- "$@" <&3 3<&- 4>&- 5>&- &
tool=$!
exec 3<&- 4>&-
code=0
wait $tool || code=$?
echo >&5
exit $code
