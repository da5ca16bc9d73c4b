# shellcheck shell=dash
# Shuts a monitor into a tree of its own. Run by sh as the first process in fresh namespaces, with all capabilities
# in them and the host's files still around it:
#
#   TREE     the directory that becomes its root
#   MOUNTS   what is mounted in there, as an fstab
#   LOADED   a named pipe: the child is in memory and needs no file of the host any more
#   GONE     a named pipe: the host's files are gone
#   NOFILE   how many descriptors it may have
#   FSIZE    how large a file it may write, in blocks of 512 bytes
#   USER     who it becomes, as a number; empty to stay
#   GROUPS   setpriv's option for the other groups; empty to keep them
#   NETWORK  for network.sh; empty for nothing
#   RULES    for network.sh
#   DEVICES... --  those of the host of which USER gets nodes of its own, below TREE
#   PROGRAM ARGUMENTS...
#
# Nothing here outlives the processes: mounts and namespaces go with the last of them.
set -eu
umask 022
tree=$1 mounts=$2 loaded=$3 gone=$4 nofile=$5 fsize=$6 user=$7 groups=$8 network=$9 rules=${10}
shift 10
devices=
while [ "$1" != -- ]; do
    devices="$devices $1"
    shift
done
shift
exec 5>/dev/null 8<>"$loaded" 9<>"$gone"
# The first child is process 1 of the PID namespace. It gives all privilege up, says so and waits. What it takes to
# finish stays with this shell, which is out of the monitor's reach. Its working directory is changed last: the one it
# begins with is one of the host's, from which ".." would lead to all of them.
# shellcheck disable=SC2016 # for the inner shell
setpriv --no-new-privs ${user:+--reuid="$user" --regid="$user"} ${groups:+"$groups"} \
    --inh-caps=-all --ambient-caps=-all --bounding-set=-all --pdeathsig KILL -- \
    sh -c 'ulimit -c 0
        # Where the limit of the caller is tighter it stays.
        ulimit -n "$1" 2>/dev/null || :
        ulimit -f "$2" 2>/dev/null || :
        shift 2
        echo >&8
        read -r _ <&9
        exec 8>&- 9>&-
        cd /
        exec "$@"' sh "$nofile" "$fsize" "$@" 5>&- &
monitor=$!
exec 7<"$loaded" 8>&-
[ -z "$network" ] || sh "${0%/*}/network.sh" "$network" "$rules"
mount --all --fstab "$mounts"
# Whoever may use them on the host, USER may, who could not be given a group or a permission there.
for device in $devices; do
    mkdir -p "$tree/${device%/*}"
    cp -R "/$device" "$tree/$device"
    chown "$user:$user" "$tree/$device"
    chmod 0600 "$tree/$device"
done
cd "$tree"
# No line but the end of the pipe: the child could not be loaded, and has said why.
read -r _ <&7 || {
    exec 2>&5
    wait $monitor
    exit
}
pivot_root . old
# Found by way of links in the tree that lead into "old", and nowhere from here on.
umount -l /old
echo >&9
exec 7<&- 9>&- 2>&5 # from here on only the monitor speaks
wait $monitor
