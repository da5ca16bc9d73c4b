# shellcheck shell=dash
# Shuts a program that serves machines from beside their monitor into a root of its own, in memory. Run by sh in the
# namespaces it is to have, a mount namespace of its own among them, with all capabilities in them and the host's files
# still around it:
#
#   MOUNTS   what is mounted below /sys, as an fstab: /sys is there on every host, and nothing of ours lies below it
#   POINTS   the files and directories (with a slash behind) to mount on, one a line
#   WHO      setpriv's options for the user, one a line
#   CAPS     the capabilities it keeps, as setpriv's list: -all, then +NAME
#   NOFILE   how many descriptors it may have
#   MEMORY   its address space, in KiB
#   TUN      how it comes by /dev/net/tun: made, bound, or none
#   FILTER   the program that filters its system calls; empty for no filter
#   PROCS... --   the cgroup.procs files it registers with
#   PROGRAM ARGUMENTS...
#
# Nothing here outlives the processes.
set -eu
umask 022
mounts=$1 points=$2 who=$3 caps=$4 nofile=$5 memory=$6 tun=$7 filter=$8
shift 8
while [ "$1" != -- ]; do
    echo 0 >"$1"
    shift
done
shift
tree=/sys
mount -t tmpfs -o mode=0755,nosuid,size=1m helper $tree
cd $tree
mkdir old dev dev/net
mkfifo loaded gone never
# A copy: its user may not enter the directory the program lies in.
[ -z "$filter" ] || {
    cp "$filter" filter
    chmod 0755 filter
}
newline='
'
IFS=$newline
set -f
for point in $points; do
    case $point in
    */) mkdir -p "$point" ;;
    */*)
        mkdir -p "${point%/*}"
        : >"$point"
        ;;
    *) : >"$point" ;;
    esac
done
# The host's device is open to whom the host's administrator likes. This one is for the program alone.
[ "$tun" != made ] || mknod -m 0666 dev/net/tun c 10 200
# By them umount(8) is found once the host's files lie in "old", and nothing afterwards.
for link in usr bin sbin lib lib64 proc; do
    [ -e "$link" ] || ln -s "old/$link" "$link"
done
exec 5>/dev/null 6<>never 8<>loaded 9<>gone
# The child is in the PID namespace. It gives all privilege up, says so and waits; see own.sh of the monitors. What it
# reads from standard input never comes, and never ends.
# shellcheck disable=SC2016,SC2086 # for the inner shell; the options are split at newlines alone
setpriv --no-new-privs $who --inh-caps="$caps" --ambient-caps="$caps" --bounding-set="$caps" --pdeathsig KILL -- \
    ${filter:+./filter} sh -c 'ulimit -c 0
        # Of what it says 64 KiB are kept: a guest can make it talk. To say more is no reason to end.
        trap "" XFSZ
        ulimit -f 128
        ulimit -n "$1"
        ulimit -v "$2"
        shift 2
        echo >&8
        read -r _ <&9
        exec 0<&6
        exec 6<&- 8>&- 9>&-
        cd /
        export LD_LIBRARY_PATH=/libs
        exec "$@"' sh "$nofile" "$memory" "$@" 5>&- &
helper=$!
exec 7<loaded 6<&- 8>&-
rm loaded gone never
printf '%s\n' "$mounts" >fstab
mount --all --fstab fstab
rm fstab
# No line but the end of the pipe: the child could not be loaded, and has said why.
read -r _ <&7 || {
    exec 2>&5
    wait $helper
    exit
}
rm -f filter
mount -o remount,bind,ro,nosuid $tree
pivot_root . old
umount -l /old
echo >&9
exec 7<&- 9>&- 2>&5 # from here on only the program speaks
wait $helper
