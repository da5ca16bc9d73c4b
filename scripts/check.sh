#!/usr/bin/env bash
# check.sh: what a change must pass before it is looked at: format, Error Prone, NullAway, the floors of the house
# (ArchUnit), shellcheck.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
need_jdk
need_maven
need_packages shellcheck
log_step "format"
maven spotless:check
log_done
log_step "Error Prone and NullAway"
maven -Pcheck clean test-compile
log_done
log_step "floors"
maven -pl fcvm -am -Dtest='*ArchitectureTest' -Dsurefire.failIfNoSpecifiedTests=false test >/dev/null
log_done
log_step "shellcheck"
git ls-files '*.sh' scripts/ordinary-kvm | xargs shellcheck -x
log_done
