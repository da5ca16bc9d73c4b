# shellcheck shell=dash
# Runs a program, keeps the last of what it says and its exit code in files, and so lets whoever started it go. Run by sh
# with its standard error appended to SAID:
#
#   OUTPUT   the file for its standard output; what is older than HALF bytes goes to OUTPUT.1, and then away
#   HALF     of what is kept of it, in bytes
#   SAID     the file for the last of its standard error, written when it ends
#   PID      the file for its process id
#   EXIT     the file for its exit code, 128+N for signal N; when this shell has ended, too, all it said is in the files
#   PROCS... --   the cgroup.procs files it registers with
#   PROGRAM ARGUMENTS...
#
# Nothing here understands what the program says: dd and tail copy bytes.
set -eu
umask 077
output=$1 half=$2 said=$3 pid=$4 exit=$5
shift 5
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

# Standard output goes through 4 into the outer pipe, standard error into the inner one. The pipes have no name: the program
# has nothing of the host's file system by them. Whoever waits for the program holds neither.
{
    {
        "$@" 2>&1 >&4 4>&- &
        program=$!
        exec >/dev/null 4>&-
        echo $program >"$pid"
        code=0
        wait $program || code=$?
        echo $code >"$exit"
    } | tail -c 8192 >>"$said" 4>&-
} 4>&1 | keep >/dev/null
