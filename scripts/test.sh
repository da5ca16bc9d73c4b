#!/usr/bin/env bash
# test.sh all|unit|machine: installs what the tests need, builds what they run, runs them.
#
#   unit      tests that boot nothing
#   all       those, and the machine tests CI runs: streams, signals and exit codes, in real machines
#   machine   every machine test, the parity table among them; about half an hour where there is no KVM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
what=${1:-all}
case $what in all | unit | machine) ;; *) die "test.sh: say all, unit or machine, not '$what'" ;; esac
need_jdk
need_maven
# Real parts for the tests: host Podman for the parity table, a registry, tools that make images.
need_packages skopeo e2fsprogs attr acl uidmap busybox-static docker-registry apache2-utils openssl podman runc
if [ "$what" = unit ]; then
    exec mvn -B -ntp test
fi
scripts/fcvm-init.sh
scripts/build-dist.sh build/dist
# The tests that follow set their own surroundings.
unset FCVM_HOME
if [ "$what" = all ]; then
    mvn -B -ntp test
    exec mvn -B -ntp -Pmachine -pl it -am -Dtest='StreamsTest,SignalsTest' -Dsurefire.failIfNoSpecifiedTests=false test
fi
exec mvn -B -ntp -Pmachine -pl it -am -Dtest='dev.fcvm.it.**' -Dsurefire.failIfNoSpecifiedTests=false test
