#!/usr/bin/env bash
# fuzz-launcher.sh [ROUNDS [SEED]]: plays to the launcher's own code a supervisor that sends anything, under the address
# and undefined-behaviour sanitizers. A round has up to 600 frames; 1000 rounds take some seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
has_tool cc || need_packages gcc libc6-dev
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=c17 -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all \
    launcher/fuzz/fuzz.c launcher/carry.c launcher/frames.c launcher/terminal.c -o "$work/fuzz"
# The output a played supervisor sends to standard error is not for whoever watches.
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99 "$work/fuzz" "${1:-1000}" "${2:-1}" 2>"$work/err" || {
    code=$?
    grep -a -A30 'ERROR: AddressSanitizer\|runtime error\|the launcher ended' "$work/err" >&2 || tail -c 2000 "$work/err" >&2
    exit "$code"
}
