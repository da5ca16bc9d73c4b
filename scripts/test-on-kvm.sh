#!/usr/bin/env bash
# test-on-kvm.sh REPORTS CLASS...: passes machine tests where there is an ordinary KVM, whatever this host has:
# in L1 (scripts/ordinary-kvm), with a Java runtime and the classes made here. The report goes to the directory REPORTS.
# For scripts/test.sh, which has made what is tested; the classes are named with their packages.
#
# FCVM_TEST_VMM (auto) is the lane of harness/Lane.java; FCVM_TEST_FIRECRACKER names the Firecracker; FCVM_TEST_KVM_KERNEL is
# L1's kernel, such as bookworm (scripts/ordinary-kvm --kernel).
# shellcheck disable=SC2317 # its functions are run by run_logged
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$FCVM_HOME"
load_settings
reports=$1
shift
work=build/test-kvm
mkdir -p "$reports" "$work"
reports=$(realpath "$reports")

# What the tests are made of: jars, since a runtime keeps no classes of directories in its AOT cache.
classes() {
    rm -rf "$work/share"
    mkdir -p "$work/share/lib"
    maven -Pmachine -pl it -am -DskipTests package dependency:copy-dependencies -DincludeScope=test \
        -Dmdep.overWriteSnapshots=true "-DoutputDirectory=$PWD/$work/share/lib"
    "$JAVA_HOME/bin/jar" --create --file "$work/share/lib/it-tests.jar" -C it/target/test-classes .
}
runtime() {
    local release
    release=$("$JAVA_HOME/bin/java" -version 2>&1)
    if [ ! -f "$work/runtime/.of" ] || [ "$(cat "$work/runtime/.of")" != "$release" ]; then
        rm -rf "$work/runtime"
        "$JAVA_HOME/bin/jlink" --add-modules java.se,jdk.unsupported --no-header-files --no-man-pages --compress zip-0 \
            --output "$work/runtime"
        printf '%s\n' "$release" >"$work/runtime/.of"
    fi
    cp -al "$work/runtime" "$work/share/runtime"
}
# The project as the tests look for it, without what is not asked for there.
project() {
    mkdir -p "$work/share/project/build"
    cp -a scripts network "$work/share/project/"
    cp -al build/dist "$work/share/project/build/dist"
    cp -a "$FCVM_TEST_FIRECRACKER" "$(dirname "$FCVM_TEST_FIRECRACKER")/jailer" "$work/share/"
}
run_logged "the tests' classes" classes
run_logged "a Java runtime for the tests" runtime
run_logged "the project for L1" project

# How long anything takes there says nothing: the deadlines of single tests are wide, and there is one for all of them.
# l1 CLASS...: passes them there
l1() {
    as_root "$SCRIPTS/ordinary-kvm" ${FCVM_TEST_KVM_KERNEL:+--kernel "$FCVM_TEST_KVM_KERNEL"} --cache "$D/cache/ordinary-kvm" --cpus 2 --memory 6144 --console "$PWD/$work/console" --timeout "${FCVM_TEST_KVM_SECONDS:-1200}" \
        --share "$PWD/$work/share:fcvm" --share "$D/images:images" --out "$reports" \
        --env FCVM_TEST_VMM="${FCVM_TEST_VMM:-auto}" --env FCVM_TEST_BASE=/share/images \
        --env FCVM_TEST_FIRECRACKER=/share/fcvm/firecracker --env FCVM_TEST_KVM_EMULATED=yes --env FCVM_BOOT_TIMEOUT=300s \
        -- /share/fcvm/runtime/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
        --enable-native-access=ALL-UNNAMED -Dfcvm.test.repository=/share/fcvm/project \
        -cp '/share/fcvm/lib/*' org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
        --config=junit.jupiter.execution.timeout.mode=disabled --details=none --reports-dir=/out "${@/#/--select-class=}"
}
# failed_classes: those with a test that failed, by the reports.
failed_classes() {
    cat "$reports"/TEST-*.xml |
        perl -0777 -ne 'while (m{<testcase [^>]*classname="([^"]+)"[^>]*[^/]>(.*?)</testcase>}gs) { my ($class, $said) = ($1, $2); print "$class\n" if $said =~ /<(failure|error)[ >]/ }' |
        sort -u
}
# forget_classes CLASS...: takes their tests out of the reports.
forget_classes() {
    local class
    for class in "$@"; do
        perl -0777 -pi -e 'BEGIN { $class = quotemeta shift } s{<testcase [^>]*classname="$class"[^>]*?(/>|>.*?</testcase>)}{}gs' "$class" "$reports"/TEST-*.xml
    done
}

code=0
l1 "$@" || code=$?
# QEMU's emulation of a processor is not perfect: a kernel that rewrites its own code may die of it, once in many hours. Then
# there is no report, and no test has failed.
if [ "$code" = 125 ] && [ -z "$(find "$reports" -name 'TEST-*.xml')" ]; then
    echo "L1 itself has ended; it is started once more"
    code=0
    l1 "$@" || code=$?
fi
# Once more for what failed, as in the other lanes: where everything is so slow, a limit of time is met now and then.
if [ "$code" = 1 ] && [ -n "$(find "$reports" -name 'TEST-*.xml')" ]; then
    mapfile -t again < <(failed_classes)
    if [ ${#again[@]} -gt 0 ]; then
        echo "once more, since they failed: ${again[*]}"
        forget_classes "${again[@]}"
        for report in "$reports"/TEST-*.xml; do mv "$report" "${report%/*}/TEST-first-${report##*TEST-}"; done
        code=0
        l1 "${again[@]}" || code=$?
    fi
fi
[ "$(id -u)" = 0 ] || as_root chown -R "$(id -u):$(id -g)" "$reports"
exit $code
