#!/usr/bin/env bash
# test.sh all|unit|machine: installs what the tests need, builds what they run, runs them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
what=${1:-all}
case $what in all | unit | machine) ;; *) die "test.sh: say all, unit or machine, not '$what'" ;; esac
need_jdk
need_maven
# Real parts for the tests: host Podman for the parity table, a registry, tools that make images.
need_packages skopeo e2fsprogs attr acl uidmap busybox-static docker-registry apache2-utils openssl podman runc
if [ "$what" = unit ]; then
    exec scripts/maven.sh test
fi
scripts/fcvm-init.sh
scripts/build-dist.sh build/dist
profile=machine
[ "$what" = all ] || export FCVM_TEST_ONLY_MACHINES=1
scripts/maven.sh -P"$profile" test
