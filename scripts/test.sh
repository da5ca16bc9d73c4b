#!/usr/bin/env bash
# test.sh all|unit|machine|qemu|firecracker|kvm|scripts: installs what the tests need, builds what they run, runs them, and
# ends with one line: how many passed, failed and were skipped.
#
#   unit          tests that boot nothing
#   qemu          tests on machines in QEMU, and the quick ones of the scripts
#   firecracker   tests on machines in Firecracker; skipped where KVM does not run guests, unless
#                 FCVM_TEST_FIRECRACKER_KERNEL names a kernel (also .xz) that this host's KVM boots
#   kvm           what users have: an ordinary KVM and the base's own kernel, in both monitors; where this host's KVM is no
#                 ordinary one, in a machine that emulates one (scripts/ordinary-kvm; needs root, and takes minutes)
#   scripts       tests of the scripts that take minutes: whole bases made, interrupted and made again
#   machine       these four
#   all           unit, qemu, firecracker and kvm
#
# The table of parity with Podman runs on machines that start from the warm base, and in Firecracker on machines that boot,
# too; with FCVM_TEST_WARM=no, on such alone. With FCVM_TEST_WARM=yes all machines in Firecracker of the test run's own user
# start from it, where nothing else is asked for.
#
# FCVM_TEST_ONLY=CLASS,… has only these run, of each lane that has them. With `kvm` alone it may name any class, and
# FCVM_TEST_VMM=firecracker or qemu the lane that it belongs to.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
load_settings
what=${1:-all}
case $what in all | unit | machine | qemu | firecracker | kvm | scripts) ;; *) die "test.sh: say all, unit, machine, qemu, firecracker, kvm or scripts, not '$what'" ;; esac
runs() { case $what in "$1") ;; all) [ "$1" != scripts ] ;; machine) [ "$1" != unit ] ;; *) false ;; esac }

need_jdk
need_maven
# Real parts for the tests: host Podman for the parity table, a registry, tools that make images.
need_packages skopeo e2fsprogs attr acl uidmap util-linux procps python3 busybox-static docker-registry apache2-utils openssl podman runc vde2 \
    iproute2 nftables slirp4netns dnsmasq-base socat nfs-ganesha nfs-ganesha-vfs tmux
rm -rf ./*/target/surefire-reports*
failed=''

if runs unit; then
    mvn -B -ntp -fae -Djunit.jupiter.execution.parallel.enabled=false test || failed=1
fi

# What the lane of an ordinary KVM has, below dev.fcvm.it. An L1 has this many of them. WarmStartOnKvmTest takes minutes there, and
# runs when FCVM_TEST_ONLY names it.
kvm_tests=(net.RootlessOnKvmTest net.PrivilegedOnKvmTest vmm.FirecrackerLimitsTest ChoiceOnKvmTest vmm.FirecrackerVmmTest vmm.QemuOnKvmTest
    vmm.SnapshotOnKvmTest)
kvm_group=4

# kvm_classes: those of them that are to run, with their packages.
kvm_classes() {
    local test only=${FCVM_TEST_ONLY:-} name file
    if [ -n "$only" ] && [ "$what" = kvm ]; then
        for name in ${only//,/ }; do
            file=$(find it/src/test/java -name "$name.java")
            [ -n "$file" ] || die "FCVM_TEST_ONLY: there is no test $name"
            file=${file#it/src/test/java/}
            file=${file%.java}
            echo "${file//\//.}"
        done
        return
    fi
    for test in "${kvm_tests[@]}"; do
        if [ -z "$only" ] || [[ ,$only, == *,"${test##*.}",* ]]; then echo "dev.fcvm.it.$test"; fi
    done
}

# kvm_lane: here where this host's KVM is an ordinary one, else in L1.
kvm_lane() {
    local classes vmm=${FCVM_TEST_VMM:-auto}
    mapfile -t classes < <(kvm_classes)
    [ ${#classes[@]} -gt 0 ] || return 0
    if scripts/kvm-probe >/dev/null; then
        unset FCVM_TEST_FIRECRACKER_KERNEL
        FCVM_TEST_ONLY='' FCVM_TEST_REPORTS=kvm lane "$vmm" "$(IFS=, && echo "${classes[*]}")"
    else
        local groups=() first
        for ((first = 0; first < ${#classes[@]}; first += kvm_group)); do
            groups+=("$(IFS=, && echo "${classes[*]:first:kvm_group}")")
        done
        FCVM_TEST_VMM=$vmm scripts/test-on-kvm.sh it/target/surefire-reports-kvm "${groups[@]}" || failed=1
    fi
}

# lane VMM TESTS OPTION…
lane() {
    local vmm=$1 tests=${FCVM_TEST_ONLY:-$2}
    shift 2
    FCVM_TEST_VMM=$vmm mvn -B -ntp -Pmachine -pl it -am -Dfcvm.test.reports="surefire-reports-${FCVM_TEST_REPORTS:-$vmm}" -Dtest="$tests" \
        -Dsurefire.failIfNoSpecifiedTests=false "$@" test || failed=1
}

slow='InterruptedInitTest,PackagesTest,BuildKernelTest'
if [ "$what" != unit ]; then
    scripts/fcvm-init.sh
    scripts/build-dist.sh build/dist
    FCVM_TEST_FIRECRACKER=$(scripts/test-firecracker.sh "$PWD/build/test-firecracker")
    export FCVM_TEST_FIRECRACKER
    if [ -n "${FCVM_TEST_FIRECRACKER_KERNEL:-}" ]; then
        scripts/test-guest-kernel.sh "$FCVM_TEST_FIRECRACKER_KERNEL" build/test-firecracker/vmlinux
        export FCVM_TEST_FIRECRACKER_KERNEL=$PWD/build/test-firecracker/vmlinux
    fi
    # The tests set their own surroundings.
    unset FCVM_HOME FCVM_KVM FCVM_VMM FCVM_KERNEL FIRECRACKER_BIN
fi
# What concerns images, registries and refusals is the same on every monitor: these run on the one that boots faster.
anywhere=''
for class in BadInput HostileImages ImageCommands Images PullInterrupt PullPolicy RegistryPull Registry ShortNames Transports OrdinaryUserImages DiskFull NfsMapping supervisor.SharedDirectory supervisor.Readiness; do
    anywhere=$anywhere,dev.fcvm.it.${class}Test
done
left='' # by QEMU's lane to Firecracker's
if runs qemu && runs firecracker && { [ -n "${FCVM_TEST_FIRECRACKER_KERNEL:-}" ] || scripts/kvm-probe >/dev/null; }; then
    left=${anywhere//,/,!}
fi
if runs qemu; then lane qemu "dev.fcvm.it.**$left,!dev.fcvm.it.net.OutlivingNetworkTest,!dev.fcvm.it.surroundings.BytesTest,!dev.fcvm.it.ParityTableBootedTest,!dev.fcvm.it.supervisor.ExecParityTest,!dev.fcvm.it.supervisor.InsideTest,!dev.fcvm.it.supervisor.KillMatrixTest,!dev.fcvm.it.snapshot.Saving*,!dev.fcvm.it.net.OrdinaryUserSavingTest,!dev.fcvm.it.supervisor.ContainerTerminalTest,!dev.fcvm.it.volume.KeptMappingsTest,!dev.fcvm.it.volume.MappingParityTest,!dev.fcvm.it.volume.SecretsTest,!dev.fcvm.it.volume.CopiesTest#shouldBring*,!dev.fcvm.it.volume.CopiesTest#shouldKeep*,!dev.fcvm.it.volume.CopiesTest#shouldMend*,!dev.fcvm.it.vmm.Firecracker*,!dev.fcvm.it.vmm.Jailer*,!dev.fcvm.it.confine.*,!dev.fcvm.it.hostile.*,!*OnKvmTest,!${slow//,/,!}" -Dsurefire.rerunFailingTestsCount=1; fi
if runs scripts; then FCVM_TEST_REPORTS=scripts lane qemu "$slow"; fi
if runs firecracker; then
    # What concerns the monitor, and what is the same on every one; the scripts have been seen to in the other lane.
    machines='dev.fcvm.it.vmm.*Test,dev.fcvm.it.confine.*Test,dev.fcvm.it.hostile.*Test,dev.fcvm.it.guest.*Test,dev.fcvm.it.surroundings.*Test,dev.fcvm.it.net.*NetworkTest,!QemuVmmTest,!*OnKvmTest'
    for class in BootFailure DeepDoctor Guest HostDisk Interrupt OrdinaryUser ParityTable PodmanFlagsInTheGuest Reports ParityTableBooted SeveralMachines Signals Streams Sweep supervisor.SupervisedRun supervisor.Lifecycle supervisor.KillMatrix supervisor.ExecParity supervisor.Inside supervisor.ContainerTerminal snapshot.MappedClone snapshot.SavingKill snapshot.Snapshot snapshot.WarmStart volume.Copies volume.KeptMappings volume.MappingParity volume.Secrets; do
        machines=dev.fcvm.it.${class}Test,$machines
    done
    if [ "${FCVM_TEST_WARM:-}" = yes ]; then
        FCVM_TEST_WARM_STORE=$(scripts/test-warm-bases.sh build/test-warm)
        export FCVM_TEST_WARM_STORE
    fi
    lane firecracker "$machines$anywhere" -Dsurefire.rerunFailingTestsCount=1
fi
if runs kvm; then kvm_lane; fi

# Adds up what the reports say. A test that passed when it was run again counts as passed; Surefire has named it.
shopt -s nullglob globstar
reports=(./*/target/surefire-reports*/TEST-*.xml)
[ ${#reports[@]} -gt 0 ] || die "no test has been run"
# Of an assumption the reason is in the element's text, of a test switched off in its attribute.
skips=$(grep -hoE '<skipped.*' "${reports[@]}" | sed -nE 's/.*(TestAbortedException: |message="|CDATA\[)([^]"&<]*).*/\2/p' | sort | uniq -c | sort -rn || true)
[ -z "$skips" ] || printf 'Skipped, and why:\n%s\n' "$skips"
# Surefire writes one element a test; its own attributes of the suite do not count reruns alike in all versions.
sum() { { grep -hcE "$1" "${reports[@]}" || true; } | awk '{sum += $1} END {print sum}'; }
tests=$(sum '<testcase ') failures=$(sum '<(failure|error)[ >]') skipped=$(sum '<skipped[ />]')
echo "$((tests - failures - skipped)) passed, $failures failed, $skipped skipped"
[ -z "$failed" ] || [ "$failures" -gt 0 ] || die "a lane failed though no test did; see above"
[ -z "$failed" ]
