#!/bin/sh
# as-user COMMAND…: in L1, as its ordinary user.
export HOME=/home/fcuser USER=fcuser LOGNAME=fcuser XDG_RUNTIME_DIR=/run/user/1000
exec setpriv --reuid fcuser --regid fcuser --init-groups --inh-caps=-all "$@"
