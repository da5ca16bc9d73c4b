#!/bin/sh
# fcvm: starts the program from the distribution this file lies in (bin/fcvm), wherever that was put.
#
# It puts right what Java cannot live with, by the shell's own means, so that it costs no process: closed descriptors, a
# working directory that is gone, limits that are too tight, a PATH that leads nowhere.
#
# The program's arguments go to Java through a pipe: what is on a command line, `-e NAME=VALUE` too, every user of the
# host can see in ps for as long as the process lives; this shell's own lives for some milliseconds.
#
# The signals fcvm passes on to a container are blocked before the virtual machine of Java starts and are read from
# a signalfd by the program, so that none is lost in between and Java takes none for itself (-Xrs; SIGUSR2, which
# HotSpot uses to suspend threads, is moved to an unused number).

# shellcheck disable=SC3013,SC3045 # ulimit and -ef: not POSIX's, but dash, bash and busybox have them alike

# What is opened next would else become what is written to.
true 2>/dev/null 3<&0 || exec </dev/null
true 2>/dev/null 3>&1 || exec >/dev/null
true 3>&2 || exec 2>/dev/null

fail() {
    echo "Error: $1" >&2
    exit 125
}
# tool NAME: sets $found to where it lies.
tool() {
    found=$(command -v "$1") || found=/usr/bin/$1
    [ -x "$found" ] || fail "$1 is not installed: install it with: apt install coreutils"
}

self=$0
while [ -L "$self" ]; do
    tool readlink
    link=$("$found" "$self")
    case $link in
        /*) self=$link ;;
        *) self=${self%/*}/$link ;;
    esac
done
case $self in
    */*) here=${self%/*} ;;
    *) here=. ;;
esac
# One shell for all that the shell can only say on its standard output.
limits=$(ulimit -n && ulimit -v && ulimit -d && ulimit -f && cd "$here/.." && pwd -P) || fail "cannot enter $here/..; is it there, and may you?"
nofile=${limits%%
*}
limits=${limits#*
}
memory=${limits%%
*}
limits=${limits#*
}
data=${limits%%
*}
limits=${limits#*
}
blocks=${limits%%
*}
FCVM_HOME=${limits#*
}
# What never changes in a distribution needs no Java to be told.
if [ $# -eq 1 ] && [ "$1" = --version ] && [ -r "$FCVM_HOME/lib/version" ]; then
    while IFS= read -r line; do echo "$line" 2>/dev/null || fail "cannot write the output"; done <"$FCVM_HOME/lib/version"
    exit
fi
# Java and a machine have some 100 files open; Java reserves addresses that it does not use; a machine's disk has some GiB.
[ "$nofile" = unlimited ] || [ "$nofile" -ge 256 ] ||
    fail "fcvm needs 256 open files, and your limit is $nofile: raise it with: ulimit -n 1024"
[ "$memory" = unlimited ] || [ "$memory" -ge 8388608 ] ||
    fail "fcvm needs 8388608 KiB of address space, and your limit is $memory: lift it with: ulimit -v unlimited"
[ "$data" = unlimited ] || [ "$data" -ge 1048576 ] ||
    fail "fcvm needs 1048576 KiB of data, and your limit is $data: lift it with: ulimit -d unlimited"
[ "$blocks" = unlimited ] || [ "$blocks" -ge 2097152 ] || # blocks of 512 bytes, in bash of 1024
    fail "fcvm writes files of 1048576 KiB and more, and your limit is $((blocks / 2)): lift it with: ulimit -f unlimited"
# Names in a directory that has been deleted mean nothing: those in an empty one mean the same.
[ . -ef "${PWD:-}" ] || [ -n "$(pwd -P 2>/dev/null)" ] || cd "$FCVM_HOME/lib/nowhere" || cd /

# Each argument as a netstring: its length in bytes, a colon, its bytes, a comma.
locale=${LC_ALL-unset}
LC_ALL=C
arguments=
for argument; do
    arguments=$arguments${#argument}:$argument,
done
# For Java names of files are what the locale says; here they are UTF-8, as in the supervisor.
[ "$locale" != unset ] || locale=
export FCVM_CALLER_LC_ALL="$locale"
export LC_ALL=C.UTF-8
# Meant for the user's own Java; this one would say on standard error that it has picked them up, or not start.
for name in JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do
    eval "value=\${$name-unset}"
    # shellcheck disable=SC2154 # set by eval
    [ "$value" = unset ] || export "FCVM_CALLER_$name=$value"
    unset "$name"
done
tool env
export FCVM_HOME _JAVA_SR_SIGNUM=16
exec "$found" --block-signal=HUP,INT,QUIT,TERM,USR1,USR2 "$FCVM_HOME/lib/runtime/bin/java" "@$FCVM_HOME/lib/java.args" \
    -XX:+ErrorFileToStderr -XX:AOTCache="$FCVM_HOME/lib/fcvm.aot" -Dfcvm.arguments=/proc/self/fd/3 -m dev.fcvm/dev.fcvm.cli.Main 3<<ARGUMENTS
$arguments
ARGUMENTS
