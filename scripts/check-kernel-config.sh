#!/usr/bin/env bash
# check-kernel-config.sh FRAGMENT CONFIG: whether every option of FRAGMENT stands in CONFIG, a kernel's .config, as it was
# asked for. Kconfig drops without a word what lacks a dependency or is not known; this names it. Exit code 1 then.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: check-kernel-config.sh FRAGMENT CONFIG" >&2 && exit 2; }

# "is not set" and no line at all are the same.
awk '
    function value(line) {
        if (match(line, /^CONFIG_[A-Za-z0-9_]+=/)) { name = substr(line, 1, RLENGTH - 1); said = substr(line, RLENGTH + 1); return 1 }
        if (match(line, /^# CONFIG_[A-Za-z0-9_]+ is not set$/)) { name = $2; said = "n"; return 1 }
        return 0
    }
    { sub(/[ \t\r]+$/, "") }
    file == 1 && value($0) { if (!(name in wanted)) order[++count] = name; wanted[name] = said; next }
    file == 1 && !/^(#.*)?$/ { printf "error: %s:%d: not an option: %s\n", FILENAME, FNR, $0; failed = 1; next }
    file == 2 && value($0) { got[name] = said }
    END {
        for (i = 1; i <= count; i++) {
            name = order[i]
            if (!(name in got)) got[name] = "n"
            if (got[name] != wanted[name]) {
                printf "error: %s=%s did not take: it is %s\n", name, wanted[name], got[name] == "n" ? "not set" : got[name]
                failed = 1
            }
        }
        if (!count) { print "error: no option in the fragment"; failed = 1 }
        exit failed
    }' file=1 "$1" file=2 "$2" >&2 || { echo "error: the kernel's configuration is not what $1 asks for; mend the option or what it depends on" >&2 && exit 1; }
