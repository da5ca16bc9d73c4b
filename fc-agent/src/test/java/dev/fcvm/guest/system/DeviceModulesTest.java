package dev.fcvm.guest.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.TestGuest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceModulesTest {

    @TempDir
    Path directory;

    @Test
    void shouldLoadWhatNoOpeningOfADeviceLoads() throws Exception {
        GuestFiles files = guest("flags\t\t: fpu vmx sse\n");

        load(files, "--rm", "--device=/dev/net/tun", "--device=/dev/loop-control", "--device=/dev/kvmx");
        assertThat(directory.resolve("loaded")).doesNotExist();

        load(files, "--device=/dev/loop3:/dev/loop0:rw", "--device=/dev/loop4", "--device=/dev/kvm:r");
        assertThat(directory.resolve("loaded")).hasContent("-q kvm_intel\n-q loop\n");
    }

    @Test
    void shouldLoadTheDriverOfMachinesForAPrivilegedContainerWhereTheProcessorRunsThem() throws Exception {
        load(guest("flags\t\t: fpu sse\n"), "--privileged");
        assertThat(directory.resolve("loaded")).doesNotExist();

        Files.writeString(directory.resolve("guest/proc/cpuinfo"), "processor: 0\nflags\t\t: svm fpu\n");
        load(new TestGuest(directory.resolve("guest")).files, "--privileged");
        assertThat(directory.resolve("loaded")).hasContent("-q kvm_amd\n");
    }

    @Test
    void shouldSayThatTheProcessorRunsNoMachines() throws Exception {
        GuestFiles files = guest("flags\t\t: fpu sse\n");

        assertThatThrownBy(() -> load(files, "--device=/dev/kvm:/dev/other"))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("shows no virtualization");
        assertThat(directory.resolve("loaded")).doesNotExist();
    }

    private void load(GuestFiles files, String... options) throws Exception {
        DeviceModules.load(List.of(options), files, new TestGuest(directory.resolve("guest")).console);
    }

    private GuestFiles guest(String processors) throws Exception {
        GuestFiles files = new TestGuest(Files.createDirectories(directory.resolve("guest"))).files;
        Files.writeString(files.processes().resolve("cpuinfo"), processors);
        Path modprobe = Path.of(files.modprobe());
        Files.createDirectories(directory.resolve("sbin"));
        Files.writeString(modprobe, "#!/bin/sh\necho \"$@\" >>" + directory.resolve("loaded") + "\n");
        Files.setPosixFilePermissions(modprobe, PosixFilePermissions.fromString("rwxr-xr-x"));
        return files;
    }
}
