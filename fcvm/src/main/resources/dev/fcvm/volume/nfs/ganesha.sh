# shellcheck shell=dash
# Serves one file system to one machine by NFS. Run by sh in the machine's network, IPC and UTS namespaces, and in a mount
# namespace of its own; what it starts is in the machine's PID namespace.
#
#   PROGRAM   ganesha.nfsd
#   PLUGIN    its library for file systems of the kernel's
#   EXPORT    the mount point of the file system
#   ACCESS    RW or RO
#   CONFIG    its configuration
#   NAME      by which its process is known
#   PROCS...  the cgroup.procs files it registers with
#
# A client names files by numbers, and the server finds them by open_by_handle_at(2), on every file system of which it
# has any mount. So its root has none of the host's but the exported one: what it needs is copied into memory.
#
# Nothing here outlives the processes.
set -eu
umask 022
program=$1 plugin=$2 export=$3 access=$4 config=$5 name=$6
shift 6
for procs; do echo 0 >"$procs"; done
tree=/sys
mount -t tmpfs -o mode=0755,nosuid,size=64m,nr_inodes=1k nfs $tree
cd $tree
mkdir -p old dev etc proc run tmp share libs lib64 plugins var/lib/nfs/ganesha
setpriv=$(command -v setpriv)
ldd "$program" "$plugin" "$setpriv" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | sort -u |
    while read -r library; do
        case $library in
        */ld-*) cp -L "$library" lib64/ ;;
        *) cp -L "$library" libs/ ;;
        esac
    done
# Loaded when a thread ends.
for library in /lib/*/libgcc_s.so.1 /usr/lib/libgcc_s.so.1; do
    [ ! -e "$library" ] || cp -L "$library" libs/
done
cp -L "$program" "$name"
cp -L "$setpriv" setpriv
cp -L "$plugin" plugins/
printf '%s\n' "$config" >etc/ganesha.conf
printf 'root:x:0:0::/:\nnobody:x:65534:65534::/:\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
cp -L /etc/netconfig etc/ # of libtirpc
ln -s /proc/self/mounts etc/mtab
mknod -m 0666 dev/null c 1 3
mknod -m 0666 dev/urandom c 1 9
mount --bind "$export" share
# A device or a program that changes its user is of no use to a server, and must not be one here.
mount -o "remount,bind,nosuid,nodev,noexec$([ "$access" = RW ] || echo ,ro)" share
mount -t proc -o nosuid,nodev,noexec proc proc
for link in usr bin sbin lib; do ln -s old/$link $link; done
pivot_root . old
umount -l /old
cd /
ulimit -c 0
ulimit -n 4096
keep=-all,+chown,+dac_override,+dac_read_search,+fowner,+fsetid,+setgid,+setuid
export LD_LIBRARY_PATH=/libs
/setpriv --no-new-privs --inh-caps=$keep --bounding-set=$keep --pdeathsig KILL -- \
    "/$name" -F -L /run/log -f /etc/ganesha.conf -p /run/pid &
wait $!
