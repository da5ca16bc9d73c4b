#!/usr/bin/env bash
# maven.sh ARGUMENT...: Maven with the JDK the project needs, quietly.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
need_jdk
need_maven
maven "$@"
