# shellcheck shell=dash
# Starts Firecracker's jailer with the machine's files in the place it makes. Run by sh as the first process in fresh
# namespaces, as root:
#
#   BASE     the jailer's --chroot-base-dir, an empty directory
#   ROOT     what becomes the machine's root, below it
#   MOUNTS   what is mounted in there, as an fstab
#   GONE     a named pipe: all is mounted
#   SIZE     of the file system that is made for it
#   NETWORK  for network.sh; empty for nothing
#   RULES    for network.sh
#   POINTS... --  the files, and directories with a slash behind, to mount on, below ROOT; and NAME=TARGET, links
#   JAILER ARGUMENTS...
#
# The jailer makes device nodes, so the place is a file system of its own: the one around it may be mounted nodev. Like
# the mounts it goes with the last process in here.
set -eu
umask 022
base=$1 root=$2 mounts=$3 gone=$4 size=$5 network=$6 rules=$7
shift 7
exec 5>/dev/null 9<>"$gone"
ulimit -c 0
# Process 1 of the PID namespace, which becomes the jailer and then Firecracker. The points are its first words as well.
# shellcheck disable=SC2016 # for the inner shell
sh -c 'read -r _ <&9; exec 9>&-
while [ "$1" != -- ]; do shift; done
shift
exec "$@"' sh "$@" 5>&- &
monitor=$!
# It waits for what will not come if this script ends early, and would keep the machine's cgroups busy.
trap 'kill -KILL $monitor' EXIT
mount -t tmpfs -o "mode=0755,nosuid,size=$size" jail "$base"
mkdir -p "$root/sockets"
while [ "$1" != -- ]; do
    case $1 in
    *=*) ln -s "${1#*=}" "$root/${1%%=*}" ;;
    */) mkdir "$root/$1" ;;
    *) : >"$root/$1" ;;
    esac
    shift
done
mount --all --fstab "$mounts"
[ -z "$network" ] || sh "${0%/*}/network.sh" "$network" "$rules"
echo >&9
exec 9>&- 2>&5
trap - EXIT
wait $monitor
