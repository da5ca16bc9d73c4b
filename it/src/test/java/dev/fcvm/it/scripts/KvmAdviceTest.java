package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That {@code scripts/preflight.sh} names what mends KVM on the host at hand. The hosts are files, laid out as the real
 * ones have them.
 */
class KvmAdviceTest {

    private static final String INTEL = "vendor_id\t: GenuineIntel\n";
    private static final String AMD = "vendor_id\t: AuthenticAMD\n";
    private static final String DISK_ROOT = "26 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n";
    private static final String CONTAINER_ROOT = "700 600 0:55 / / rw,relatime - overlay overlay rw\n";

    @AutoClose
    private final Place place = Place.make();

    /**
     * A host.
     *
     * @param name what it is
     * @param call what is asked, in shell
     * @param flags the processor's flags
     * @param maker the processor's maker
     * @param files what else there is, as path and content in turn
     * @param what what must be said of it
     * @param mend what must be said to mend it
     */
    record Host(String name, String call, String flags, String maker, List<String> files, String what, String mend) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Host> hosts() {
        return Stream.of(
                absent(
                        "bare metal, Intel, no module",
                        "vmx",
                        INTEL,
                        List.of(),
                        "the processor has VT-x",
                        "modprobe kvm_intel"),
                absent(
                        "bare metal, AMD, no module",
                        "svm",
                        AMD,
                        List.of(),
                        "the processor has AMD-V",
                        "modprobe kvm_amd"),
                absent(
                        "bare metal, Intel, off in the firmware",
                        "sse",
                        INTEL,
                        dmi("Dell Inc.", "PowerEdge R650"),
                        "shows no VT-x",
                        "turn on VT-x (Intel Virtualization Technology) in the firmware's settings"),
                absent("bare metal, AMD, off in the firmware", "sse", AMD, List.of(), "shows no VT-x", "turn on SVM"),
                slow("bare metal, slow", "vmx", INTEL, dmi("LENOVO", "20XW"), "does not really run guests", "dmesg"),
                new Host(
                        "bare metal, VirtualBox runs",
                        "poor_kvm 'the test guest did not run: cannot create a machine: Device or resource busy; does"
                                + " VirtualBox or VMware run a machine?'",
                        "vmx",
                        INTEL,
                        List.of(),
                        "busy",
                        "end the machines of VirtualBox"),
                absent(
                        "a virtual machine of KVM, without nested virtualisation",
                        "hypervisor sse",
                        INTEL,
                        dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"),
                        "virtual machine without nested",
                        "options kvm_intel nested=1"),
                absent(
                        "the same on AMD",
                        "hypervisor sse",
                        AMD,
                        dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"),
                        "virtual machine without nested",
                        "options kvm_amd nested=1"),
                absent(
                        "a virtual machine with nested virtualisation",
                        "hypervisor svm",
                        AMD,
                        dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"),
                        "the processor has AMD-V",
                        "modprobe kvm_amd"),
                absent(
                        "a virtual machine that hides its hypervisor",
                        "sse",
                        INTEL,
                        dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"),
                        "virtual machine without nested",
                        "on the host of this virtual machine"),
                slow(
                        "a virtual machine of a kind nobody knows, without DMI",
                        "hypervisor sse",
                        AMD,
                        List.of(),
                        "this is a virtual machine",
                        "on the host of this virtual machine"),
                absent("EC2", "hypervisor sse", INTEL, dmi("Amazon EC2", "m5.large"), "virtual machine", "*.metal"),
                absent(
                        "EC2, a computer of its own",
                        "vmx",
                        INTEL,
                        dmi("Amazon EC2", "m5.metal"),
                        "the processor has VT-x",
                        "modprobe kvm_intel"),
                slow(
                        "EC2, a computer of its own, slow",
                        "vmx",
                        INTEL,
                        dmi("Amazon EC2", "m5.metal"),
                        "guests",
                        "dmesg"),
                absent(
                        "Google",
                        "hypervisor sse",
                        INTEL,
                        dmi("Google", "Google Compute Engine"),
                        "virtual machine",
                        "--enable-nested-virtualization"),
                absent(
                        "Azure",
                        "hypervisor sse",
                        INTEL,
                        with(
                                dmi("Microsoft Corporation", "Virtual Machine"),
                                "sys/class/dmi/id/chassis_asset_tag",
                                "7783-7084-3265-9085-8269-3286-77\n"),
                        "virtual machine",
                        "Dv3"),
                absent(
                        "Hyper-V",
                        "hypervisor sse",
                        INTEL,
                        dmi("Microsoft Corporation", "Virtual Machine"),
                        "virtual machine",
                        "Set-VMProcessor"),
                absent(
                        "a laptop of Microsoft's",
                        "vmx",
                        INTEL,
                        dmi("Microsoft Corporation", "Surface Laptop 5"),
                        "the processor has VT-x",
                        "modprobe kvm_intel"),
                absent(
                        "VMware",
                        "hypervisor",
                        INTEL,
                        dmi("VMware, Inc.", "VMware7,1"),
                        "virtual",
                        "Virtualize Intel VT-x"),
                absent("VirtualBox", "sse", INTEL, dmi("innotek GmbH", "VirtualBox"), "virtual", "--nested-hw-virt on"),
                absent("Hetzner's cloud", "hypervisor", AMD, dmi("Hetzner", "vServer"), "virtual", "ask the provider"),
                absent(
                        "Xen",
                        "hypervisor",
                        INTEL,
                        List.of("sys/hypervisor/type", "xen\n"),
                        "virtual machine",
                        "nestedhvm=1"),
                absent(
                        "Xen's first domain",
                        "hypervisor",
                        INTEL,
                        List.of("sys/hypervisor/type", "xen\n", "proc/xen/capabilities", "control_d\n"),
                        "shows no VT-x",
                        "firmware"),
                absent(
                        "Windows' subsystem for Linux",
                        "hypervisor",
                        INTEL,
                        List.of("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n"),
                        "virtual machine",
                        ".wslconfig"),
                absent(
                        "a container of Podman's",
                        "vmx",
                        INTEL,
                        with(List.of("run/.containerenv", ""), "proc/self/mountinfo", CONTAINER_ROOT),
                        "a container without the device",
                        "podman run --device /dev/kvm"),
                absent(
                        "a container of docker's in a cloud",
                        "hypervisor",
                        INTEL,
                        with(
                                with(dmi("Amazon EC2", "m5.large"), ".dockerenv", ""),
                                "proc/self/mountinfo",
                                CONTAINER_ROOT),
                        "a container without the device",
                        "docker run --device /dev/kvm"),
                absent(
                        "a container of LXC's",
                        "vmx",
                        INTEL,
                        List.of("run/systemd/container", "lxc\n"),
                        "a container",
                        "lxc config device add"),
                absent(
                        "a virtual machine made of a container's image",
                        "hypervisor",
                        INTEL,
                        with(List.of(".dockerenv", ""), "proc/self/mountinfo", DISK_ROOT),
                        "virtual machine",
                        "on the host of this virtual machine"),
                closed("a user outside the group", "660", "kvm", "users", "not in the group kvm", "usermod -aG kvm"),
                closed("a user who was added after logging in", "660", "kvm", "users kvm", "before that", "newgrp kvm"),
                closed("a device its group may not open", "600", "kvm", "users kvm", "600", "chmod 0660 /dev/kvm"),
                closed("a device of root's", "600", "root", "users", "600, of group root", "setfacl -m u:somebody:rw"));
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void shouldNameWhatMendsKvm(Host host) {
        Path root = place.directory("root");
        write(root, "proc/cpuinfo", host.maker() + "flags\t\t: fpu " + host.flags() + " nx\n");
        for (int index = 0; index < host.files().size(); index += 2) {
            write(root, host.files().get(index), host.files().get(index + 1));
        }

        List<String> said = Child.of(
                        "bash",
                        "-euc",
                        ". \"$1\"; " + host.call() + "; printf '%s\\n' \"$what\" \"$mend\"",
                        "bash",
                        ScriptTree.repository().resolve("scripts/kvm-advice.sh").toString())
                .env("FCVM_PREFLIGHT_ROOT", root.toString())
                .run()
                .expect(0)
                .out()
                .lines()
                .toList();

        assertThat(said).hasSize(2);
        assertThat(said.getFirst()).contains(host.what());
        assertThat(said.getLast()).contains(host.mend());
        if (!said.getFirst().contains("virtual machine")) {
            assertThat(said.getLast()).doesNotContain("virtual machine");
        }
    }

    /** The probe is a stand-in that says what a bare host's says. */
    @Test
    void shouldStandInThePreflightReport() throws IOException {
        ScriptTree tree = ScriptTree.bare(place);
        Files.writeString(
                tree.home().resolve("scripts/kvm-probe"), "#!/bin/sh\necho 'absent: there is no /dev/kvm'\nexit 1\n");
        Path root = place.directory("root");
        write(root, "proc/cpuinfo", AMD + "flags\t\t: fpu svm nx\n");

        String report = tree.call("preflight.sh")
                .env("FCVM_PREFLIGHT_ROOT", root.toString())
                .run()
                .out();

        assertThat(report)
                .contains("warn     KVM              there is no /dev/kvm, though the processor has AMD-V;")
                .contains("mend: sudo modprobe kvm_amd");
    }

    private static Host absent(String name, String flags, String maker, List<String> files, String what, String mend) {
        return new Host(name, "no_kvm 'there is no /dev/kvm'", flags, maker, files, what, mend);
    }

    private static Host slow(String name, String flags, String maker, List<String> files, String what, String mend) {
        return new Host(name, "poor_kvm 'it runs 1.3 million instructions'", flags, maker, files, what, mend);
    }

    /** A user who is somebody, in these groups by the system's files. */
    private static Host closed(String name, String mode, String group, String groups, String what, String mend) {
        String user = "id() { case $* in '-nG somebody') echo '%s' ;; -un) echo somebody ;; -u) echo 1000 ;; esac; }"
                .formatted(groups);
        String device = "stat() { echo '%s %s'; }".formatted(mode, group);
        return new Host(
                name, user + "; " + device + "; closed_kvm '/dev/kvm is closed'", "vmx", INTEL, List.of(), what, mend);
    }

    private static List<String> dmi(String maker, String product) {
        return List.of("sys/class/dmi/id/sys_vendor", maker + "\n", "sys/class/dmi/id/product_name", product + "\n");
    }

    private static List<String> with(List<String> files, String path, String content) {
        return Stream.concat(files.stream(), Stream.of(path, content)).toList();
    }

    private static void write(Path root, String path, String content) {
        Path file = root.resolve(path);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
