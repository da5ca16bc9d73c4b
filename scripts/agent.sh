#!/bin/sh
# fc-agent: starts the agent in the guest. FC_AGENT_OPTIONS are more options of Java.
home=${0%/*}
[ -x "$home/bin/java" ] || home=$home/agent
# File names and arguments are UTF-8 whatever the guest says.
export LC_ALL=C.UTF-8
# shellcheck disable=SC2086 # The options are words.
exec "$home/bin/java" "@$home/lib/fc-agent.args" "-XX:AOTCache=$home/lib/fc-agent.aot" ${FC_AGENT_OPTIONS-} \
    -m dev.fcvm.guest/dev.fcvm.guest.Main "$@"
