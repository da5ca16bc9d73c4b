#!/bin/sh
# fcvm: starts the program from the distribution this file lies in (bin/fcvm), wherever that was put.
#
# The signals fcvm passes on to a container are blocked before the virtual machine of Java starts and are read from
# a signalfd by the program, so that none is lost in between and Java takes none for itself (-Xrs; SIGUSR2, which
# HotSpot uses to suspend threads, is moved to an unused number).
self=$0
while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in
        /*) self=$link ;;
        *) self=${self%/*}/$link ;;
    esac
done
case $self in
    */*) here=${self%/*} ;;
    *) here=. ;;
esac
FCVM_HOME=$(cd "$here/.." && pwd -P) || exit 125
# What never changes in a distribution needs no Java to be told.
if [ $# -eq 1 ] && [ "$1" = --version ] && [ -r "$FCVM_HOME/lib/version" ]; then
    exec cat "$FCVM_HOME/lib/version"
fi
export FCVM_HOME _JAVA_SR_SIGNUM=16
exec env --block-signal=HUP,INT,QUIT,TERM,USR1,USR2 "$FCVM_HOME/lib/runtime/bin/java" "@$FCVM_HOME/lib/java.args" \
    -XX:AOTCache="$FCVM_HOME/lib/fcvm.aot" -m dev.fcvm/dev.fcvm.cli.Main "$@"
