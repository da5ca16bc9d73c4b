# shellcheck shell=dash
# Runs a program, keeps the last of what it says and its exit code in files, and so lets whoever started it go. Run by sh
# with its standard error appended to SAID:
#
#   OUTPUT   the file for its standard output; what is older than HALF bytes goes to OUTPUT.1, and then away
#   HALF     of what is kept of it, in bytes
#   SAID     the file for the last of its standard error, written when it ends
#   PIPES    two named pipes: PIPES.out and PIPES.err
#   PID      the file for its process id
#   EXIT     the file for its exit code, 128+N for signal N; when this shell has ended, too, all it said is in the files
#   PROCS... --   the cgroup.procs files it registers with
#   PROGRAM ARGUMENTS...
#
# Nothing here understands what the program says: dd and tail copy bytes.
set -eu
umask 077
output=$1 half=$2 said=$3 pipes=$4 pid=$5 exit=$6
shift 6
while [ "$1" != -- ]; do
    echo 0 >"$1"
    shift
done
shift

# Copies byte by byte: what has been said is in the file at once, and no more than HALF comes into one. A full disk ends
# the file and not the program.
keep() {
    while dd bs=1 count="$half" of="$output" 2>/dev/null; do
        [ "$(wc -c <"$output")" -ge "$half" ] || return 0
        mv -f "$output" "$output.1"
    done
    exec cat >/dev/null
}

# Opened for both first, so that neither end waits for the other.
exec 3<>"$pipes.out" 4<"$pipes.out" 5>"$pipes.out"
exec 3<>"$pipes.err" 6<"$pipes.err" 7>"$pipes.err" 3<&-
# By exec: for a function's redirections the shell would keep the descriptors that are closed here.
{
    exec <&4 >/dev/null 4<&- 5>&- 6<&- 7>&-
    keep
} &
tail -c 8192 <&6 >>"$said" 4<&- 5>&- 7>&- 6<&- &
"$@" >&5 2>&7 4<&- 5>&- 6<&- 7>&- &
program=$!
exec 4<&- 5>&- 6<&- 7>&-
echo $program >"$pid"
code=0
wait $program || code=$?
echo $code >"$exit"
wait
exit $code
