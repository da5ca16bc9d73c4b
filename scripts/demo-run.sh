#!/usr/bin/env bash
# demo-run.sh FCVM IMAGE: what `make demo` ends with: the same questions to this host and to a container of IMAGE in a
# microVM, side by side.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
fcvm=${1:?usage: demo-run.sh FCVM IMAGE} image=${2:?usage: demo-run.sh FCVM IMAGE}

# shellcheck disable=SC2016 # the container's shell expands it
questions='echo "kernel   $(uname -sr)"; [ ! -r /etc/os-release ] || . /etc/os-release; echo "system   ${PRETTY_NAME:-none}"; echo "pid 1    $(cat /proc/1/comm)"; echo "cpus     $(nproc)"; echo "memory   $(awk "/MemTotal/{print int(\$2/1024)}" /proc/meminfo) MiB"'
log_step "the same questions here and in a container in a microVM"
guest=$("$fcvm" run --rm --quiet --network none "$image" sh -c "$questions")
host=$(sh -c "$questions")
log_done
printf '\n%-48s | %s\n' "this host" "the container in its microVM"
printf -- '-%.0s' {1..100}
echo
paste -d $'\x01' <(echo "$host") <(echo "$guest") | while IFS=$'\001' read -r left right; do
    printf '%-48.48s | %s\n' "$left" "$right"
done
