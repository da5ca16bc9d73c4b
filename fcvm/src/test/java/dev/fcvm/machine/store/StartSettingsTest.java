package dev.fcvm.machine.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.NetworkNamespace;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartSettingsTest {

    @TempDir
    Path home;

    @Test
    void shouldGiveWhoeverSetsNothingWhatTheMachineWasStartedWith() throws Exception {
        Settings user = settings(Map.of(
                "FCVM_KVM", "yes",
                "FIRECRACKER_BIN", "/opt/firecracker",
                "FCVM_NETWORK_POOL", "10.99.0.0/16",
                "FCVM_NO_LIMITS", "yes",
                "FCVM_DISK_FLOOR", "7m",
                "FCVM_BOOT_TIMEOUT", "77s",
                "FCVM_JAILER_UIDS", "300000-300999"));
        Settings supervisor = settings(Map.of());
        MachineFiles files = new MachineFiles(MachineId.random(), home, home);

        assertThat(StartSettings.over(supervisor, files)).as("unknown").isEqualTo(supervisor);
        StartSettings.write(files, user);
        assertThat(StartSettings.over(supervisor, files)).isEqualTo(user);
        StartSettings.write(files, supervisor);
        assertThat(StartSettings.over(supervisor, files)).isEqualTo(supervisor);
        Files.writeString(files.start(), "{ \"kvm\": ");
        assertThat(StartSettings.over(supervisor, files)).as("damaged").isEqualTo(supervisor);
    }

    @Test
    void shouldKnowWhetherTheMachinesPortsAreThoseOfAnotherNamespace() throws Exception {
        MachineFiles files = new MachineFiles(MachineId.random(), home, home);
        assertThat(StartSettings.isElsewhere(files)).as("unknown").isFalse();
        StartSettings.write(files, settings(Map.of()));
        assertThat(StartSettings.isElsewhere(files)).isFalse();
        String own = NetworkNamespace.own().inode();
        rewrite(files, " " + own, " 1");
        assertThat(StartSettings.isElsewhere(files)).isTrue();
        rewrite(files, NetworkNamespace.own().boot(), "another-start");
        assertThat(StartSettings.isElsewhere(files)).as("all of them are gone").isFalse();
    }

    private static void rewrite(MachineFiles files, String from, String to) throws Exception {
        Files.writeString(files.start(), Files.readString(files.start()).replace(from, to));
    }

    private Settings settings(Map<String, String> variables) throws Exception {
        var environment = new HashMap<>(variables);
        environment.put("FCVM_DATA_DIR", home.toString());
        return SettingsReader.read(Map.of(), environment, home);
    }
}
