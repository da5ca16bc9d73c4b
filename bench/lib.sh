# shellcheck shell=bash
# What the benchmarks share; sourced by them.

# median FILE: of the numbers, one a line; anything else there is a fault of the benchmark.
median() {
    sort -n "$@" | awk '
        !/^-?[0-9]+(\.[0-9]+)?$/ {print "a figure that is no number: " $0 >"/dev/stderr"; wrong = 1; exit 1}
        {v[NR] = $1}
        END {if (wrong || NR == 0) exit 1; print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}
