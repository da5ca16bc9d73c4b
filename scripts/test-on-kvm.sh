#!/usr/bin/env bash
# test-on-kvm.sh REPORTS CLASS[,CLASS...]...: passes machine tests where there is an ordinary KVM, whatever this host has:
# in L1 (scripts/ordinary-kvm), with a Java runtime and the classes made here. Each argument has an L1 of its own, in which
# two of its classes run at a time. The reports go to the directory REPORTS.
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

# l1 CLASS...: passes them in an L1 of their own
l1() {
    rm -rf "$work/out"
    mkdir "$work/out"
    as_root "$SCRIPTS/ordinary-kvm" ${FCVM_TEST_KVM_KERNEL:+--kernel "$FCVM_TEST_KVM_KERNEL"} --cache "$D/cache/ordinary-kvm" --cpus 2 --memory 6144 \
        --console "$PWD/$work/console" --timeout "$one" \
        --share "$PWD/$work/share:fcvm" --share "$D/images:images" --out "$work/out" \
        --env FCVM_TEST_VMM="${FCVM_TEST_VMM:-auto}" --env FCVM_TEST_BASE=/share/images \
        --env FCVM_TEST_FIRECRACKER=/share/fcvm/firecracker --env FCVM_TEST_KVM_EMULATED=yes --env FCVM_BOOT_TIMEOUT=300s \
        -- /share/fcvm/runtime/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
        --enable-native-access=ALL-UNNAMED -Dfcvm.test.repository=/share/fcvm/project \
        -cp '/share/fcvm/lib/*' org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
        --config=junit.jupiter.execution.timeout.mode=disabled --details=none --reports-dir=/out "${@/#/--select-class=}"
}
# died: L1 itself has ended and not what ran in it. QEMU's emulation of a processor is not perfect: now and then a kernel dies
# of it, or loses its timer and stands still. In an L1 that is well, tests that do not end in time have failed.
died() {
    [ "$code" = 125 ] || { [ "$code" = 124 ] && grep -qE 'rcu: .*(starved|stall|timer)|soft lockup|BUG: ' "$work/console"; }
}
# tell CLASS ELEMENT: the one thing to be said of a class that has given no report
tell() {
    printf '<testsuite name="%s"><testcase name="all of it" classname="%s">%s</testcase></testsuite>\n' "$1" "$1" "$2" >"$reports/TEST-$1.xml"
}
# failed_classes FILE: those with a test that failed, by this report.
failed_classes() {
    perl -0777 -ne 'while (m{<testcase [^>]*classname="([^"]+)"[^>]*[^/]>(.*?)</testcase>}gs) { my ($class, $said) = ($1, $2); print "$class\n" if $said =~ /<(failure|error)[ >]/ }' "$1" |
        sort -u
}
# forget_classes FILE CLASS...: takes their tests out of this report.
forget_classes() {
    local class file=$1
    shift
    for class in "$@"; do
        perl -0777 -pi -e 'BEGIN { $class = quotemeta shift } s{<testcase [^>]*classname="$class"[^>]*?(/>|>.*?</testcase>)}{}gs' "$class" "$file"
    done
}

# How long anything takes there says nothing: the deadlines of single tests are wide. There is one for each L1 (seconds), and
# one for all of them, after which no other is started.
one=${FCVM_TEST_KVM_SECONDS:-600}
all=$((one * 5 / 2))
# A group that L1 has left without a report, and classes that failed, are run once more, as in the other lanes: where
# everything is so slow, a limit of time is met now and then.
failed='' ran=''
number=0
for group in "$@"; do
    IFS=, read -ra left <<<"$group"
    for try in first second; do
        code=124
        : >"$work/console"
        if [ "$SECONDS" -lt "$all" ]; then
            code=0
            l1 "${left[@]}" || code=$?
        fi
        found=$(find "$work/out" -name 'TEST-junit-jupiter.xml' 2>/dev/null || true)
        if [ -n "$found" ]; then
            number=$((number + 1)) ran=1
            mv "$found" "$reports/TEST-group-$number.xml"
            mapfile -t left < <(failed_classes "$reports/TEST-group-$number.xml")
            [ ${#left[@]} -gt 0 ] || break
        fi
        echo "L1's exit code is $code at the $try try of ${left[*]}"
        if [ "$try" = second ]; then
            break
        elif [ -n "$found" ]; then
            forget_classes "$reports/TEST-group-$number.xml" "${left[@]}"
        fi
    done
    if [ -z "$found" ]; then
        for class in "${left[@]}"; do
            if died; then
                tell "$class" '<skipped message="the emulated machine itself ended, twice, before the tests in it did"/>'
            else
                tell "$class" "<failure message=\"no report in time; exit code $code\"/>"
            fi
        done
        died || failed=1
    elif [ ${#left[@]} -gt 0 ]; then
        failed=1
    fi
done
[ "$(id -u)" = 0 ] || as_root chown -R "$(id -u):$(id -g)" "$reports"
[ -n "$ran" ] || die "no test has been run in L1; the end of its console is in $work/console"
[ -z "$failed" ]
