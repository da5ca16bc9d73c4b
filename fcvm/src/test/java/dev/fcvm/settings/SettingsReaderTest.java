package dev.fcvm.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.user.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {

    @TempDir
    Path directory;

    @Test
    void shouldHaveTheseDefaultsWhenNothingIsSet() throws Exception {
        Settings settings = SettingsReader.read(Map.of(), Map.of("HOME", "/home/ann"), Path.of("/"));

        assertThat(settings.directories().data()).isEqualTo(Path.of("/home/ann/.local/share/fcvm"));
        assertThat(settings.mode()).isEqualTo(Mode.AUTO);
        assertThat(settings.vmm()).isEqualTo(VmmKind.AUTO);
        assertThat(settings.kvm()).isEqualTo(KvmUse.AUTO);
        assertThat(settings.init()).isEqualTo(InitSystem.TINY);
        assertThat(settings.qemu()).isEmpty();
        assertThat(settings.firecracker()).isEmpty();
        assertThat(settings.networkPool()).hasToString("10.231.0.0/16");
        assertThat(settings.networkPool6()).hasToString("fd5e:7a1c:93d2::/64");
        assertThat(settings.kernel()).isEmpty();
        assertThat(settings.bootTimeout()).isEmpty();
        assertThat(settings.home()).isEmpty();
    }

    @Test
    void shouldTakeEverySettingFromTheEnvironment() throws Exception {
        Settings settings = SettingsReader.read(
                Map.of(),
                Map.ofEntries(
                        Map.entry("FCVM_DATA_DIR", "/data"),
                        Map.entry("FCVM_MODE", "rootless"),
                        Map.entry("FCVM_VMM", "qemu"),
                        Map.entry("FCVM_KVM", "no"),
                        Map.entry("FCVM_INIT", "systemd"),
                        Map.entry("FCVM_QEMU", "/opt/qemu"),
                        Map.entry("FIRECRACKER_BIN", "/opt/firecracker"),
                        Map.entry("FCVM_NETWORK_POOL", "10.9.0.0/24"),
                        Map.entry("FCVM_NETWORK_POOL6", "fd09::/32"),
                        Map.entry("FCVM_KERNEL", "/opt/vmlinux"),
                        Map.entry("FCVM_KERNEL_ARGS", " mitigations=off  debug "),
                        Map.entry("FCVM_NO_LIMITS", "yes"),
                        Map.entry("FCVM_WARM_BASE", "no"),
                        Map.entry("FCVM_DISK_SIZE", "2g"),
                        Map.entry("FCVM_DISK_FLOOR", "300M"),
                        Map.entry("FCVM_IMAGE_MAX_SIZE", "3g"),
                        Map.entry("FCVM_IMAGE_MAX_FILES", "1000"),
                        Map.entry("FCVM_SUPERVISOR", "off"),
                        Map.entry("FCVM_SUPERVISOR_IDLE", "90s"),
                        Map.entry("FCVM_BOOT_TIMEOUT", "90"),
                        Map.entry("FCVM_HOME", directory.toString())),
                Path.of("/"));

        assertThat(settings)
                .isEqualTo(new Settings(
                        new Directories(Path.of("/data"), settings.directories().runtime()),
                        Mode.ROOTLESS,
                        VmmKind.QEMU,
                        KvmUse.NO,
                        InitSystem.SYSTEMD,
                        Optional.of(Path.of("/opt/qemu")),
                        Optional.of(Path.of("/opt/firecracker")),
                        Optional.empty(),
                        Optional.empty(),
                        NetworkKind.DEFAULT,
                        NetworkPool.parse("10.9.0.0/24").orElseThrow(),
                        NetworkPool6.parse("fd09::/32").orElseThrow(),
                        Optional.of(Path.of("/opt/vmlinux")),
                        List.of("mitigations=off", "debug"),
                        true,
                        false,
                        Optional.of(new DataSize(2L << 30)),
                        new DataSize(300L << 20),
                        new DataSize(3L << 30),
                        1000,
                        Optional.of(Duration.ofSeconds(90)),
                        false,
                        Duration.ofSeconds(90),
                        Optional.of(directory)));
    }

    @Test
    void shouldTakeTheJailerFromTheEnvironment() throws Exception {
        assertThat(SettingsReader.read(
                                Map.of(), Map.of("HOME", "/root", "FIRECRACKER_JAILER", "/opt/jailer"), Path.of("/"))
                        .jailer())
                .contains(Path.of("/opt/jailer"));
    }

    @Test
    void shouldTakeARangeOfUsersForMachinesAndRefuseWhatIsNone() throws Exception {
        assertThat(SettingsReader.read(Map.of(), Map.of("HOME", "/root", "FCVM_JAILER_UIDS", "5000-5009"), Path.of("/"))
                        .jailerUids())
                .contains(new UserRange(5000, 5009));
        for (String wrong : List.of("5000", "5009-5000", "0-5000", "5000-2147483647", "5000-99999999999", "a-b")) {
            assertThatThrownBy(() -> SettingsReader.read(
                            Map.of(), Map.of("HOME", "/root", "FCVM_JAILER_UIDS", wrong), Path.of("/")))
                    .hasMessageContaining("FCVM_JAILER_UIDS in the environment is \"" + wrong + "\"");
        }
    }

    @Test
    void shouldRefuseAPoolThatIsNoNetworkForMachines() throws Exception {
        for (String wrong : List.of(
                "10.9.0.0",
                "10.9.0.1/24",
                "10.9.0.0/31",
                "10.0.0.0/7",
                "10.256.0.0/16",
                "127.0.0.0/16",
                "169.254.0.0/16",
                "172.16.0.0/12",
                "224.0.0.0/8",
                "fd00::/64")) {
            assertThatThrownBy(() -> SettingsReader.read(
                            Map.of(), Map.of("HOME", "/root", "FCVM_NETWORK_POOL", wrong), Path.of("/")))
                    .hasMessageContaining("FCVM_NETWORK_POOL in the environment is \"" + wrong + "\"");
        }
    }

    @Test
    void shouldRefuseAnIpv6PoolThatIsNoNetworkForMachines() throws Exception {
        for (String wrong : List.of(
                "fd09::",
                "fd09::1/64",
                "fd09::/97",
                "fc00::/7",
                "::/64",
                "fe80::/64",
                "ff05::/64",
                "fd00::/16",
                "fd00:ac1e::/96",
                "10.9.0.0/24",
                "::ffff:10.9.0.0/96",
                "fd09:::/64")) {
            assertThatThrownBy(() -> SettingsReader.read(
                            Map.of(), Map.of("HOME", "/root", "FCVM_NETWORK_POOL6", wrong), Path.of("/")))
                    .hasMessageContaining("FCVM_NETWORK_POOL6 in the environment is \"" + wrong + "\"");
        }
    }

    @Test
    void shouldPreferFlagsToTheEnvironmentAndThatToTheFile() throws Exception {
        Map<String, String> environment = withFile("FCVM_MODE=rootless", "FCVM_VMM=firecracker", "FCVM_KVM=no");
        environment.put("FCVM_MODE", "privileged");
        environment.put("FCVM_VMM", "qemu");

        Settings settings = SettingsReader.read(Map.of(Key.MODE, "auto"), environment, Path.of("/"));

        assertThat(settings.mode()).isEqualTo(Mode.AUTO);
        assertThat(settings.vmm()).isEqualTo(VmmKind.QEMU);
        assertThat(settings.kvm()).isEqualTo(KvmUse.NO);
    }

    @Test
    void shouldReadTheFileOfTheDistributionOrTheOneAboveIt() throws Exception {
        Files.writeString(directory.resolve(".env"), "FCVM_KVM=yes\n");
        Path distribution = Files.createDirectory(directory.resolve("dist"));
        Map<String, String> environment = Map.of("HOME", "/h", "FCVM_HOME", distribution.toString());
        assertThat(SettingsReader.read(Map.of(), environment, Path.of("/")).kvm())
                .isEqualTo(KvmUse.YES);

        Files.writeString(distribution.resolve(".env"), "FCVM_KVM=no\n");
        assertThat(SettingsReader.read(Map.of(), environment, Path.of("/")).kvm())
                .isEqualTo(KvmUse.NO);
    }

    @Test
    void shouldTellEveryProblemAtOnceAndWhereItStands() throws Exception {
        Map<String, String> environment = withFile("# settings", "FCVM_KVM=maybe", "this is no assignment");
        environment.put("FCVM_VMM", "xen");
        environment.put("FCVM_BOOT_TIMEOUT", "soon");
        environment.put("FCVM_DATA_DIR", "relative/path");

        assertThatThrownBy(() -> SettingsReader.read(Map.of(Key.MODE, "sudo"), environment, Path.of("/")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--mode is \"sudo\"; it must be one of: rootless, privileged, auto")
                .hasMessageContaining("FCVM_VMM in the environment is \"xen\"")
                .hasMessageContaining("FCVM_KVM in " + directory.resolve("env") + ":2 is \"maybe\"")
                .hasMessageContaining(directory.resolve("env") + ":3 is not NAME=VALUE")
                .hasMessageContaining("FCVM_BOOT_TIMEOUT in the environment is \"soon\"")
                .hasMessageContaining("FCVM_DATA_DIR in the environment is \"relative/path\"");
    }

    @Test
    void shouldTakeDurationsInSecondsMinutesAndMilliseconds() throws Exception {
        assertThat(timeout("2m")).isEqualTo(Duration.ofMinutes(2));
        assertThat(timeout("30s")).isEqualTo(Duration.ofSeconds(30));
        assertThat(timeout("1500ms")).isEqualTo(Duration.ofMillis(1500));
        assertThatThrownBy(() -> timeout("0s")).isInstanceOf(FcvmException.class);
        assertThatThrownBy(() -> timeout("-1")).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldKeepSocketsInTheSessionsDirectoryOnlyWhenItIsOursAndShort() throws Exception {
        assertThat(runtime(directory.toString())).isEqualTo(directory.resolve("fcvm"));
        assertThat(runtime("/no/such/directory")).isNotEqualTo(Path.of("/no/such/directory/fcvm"));
        Path deep = Files.createDirectory(directory.resolve("d".repeat(100)));
        assertThat(runtime(deep.toString())).isNotEqualTo(deep.resolve("fcvm"));
    }

    private static Duration timeout(String text) throws FcvmException {
        return SettingsReader.read(Map.of(), Map.of("HOME", "/h", "FCVM_BOOT_TIMEOUT", text), Path.of("/"))
                .bootTimeout()
                .orElseThrow();
    }

    private static Path runtime(String session) throws FcvmException {
        return SettingsReader.read(Map.of(), Map.of("HOME", "/h", "XDG_RUNTIME_DIR", session), Path.of("/"))
                .directories()
                .runtime();
    }

    private Map<String, String> withFile(String... lines) throws IOException {
        Path file = directory.resolve("env");
        Files.writeString(file, String.join("\n", lines) + "\n");
        return new HashMap<>(Map.of("HOME", "/home/ann", "FCVM_ENV_FILE", file.toString()));
    }

    @Test
    void shouldFindTheHomeInTheTableOfUsersWhereTheEnvironmentHasNone() throws Exception {
        var problems = new Problems();
        Directories found =
                new DirectoriesReader(Map.of(), problems, () -> Optional.of("/home/ann")).directories(Optional.empty());

        assertThat(found.data()).isEqualTo(Path.of("/home/ann/.local/share/fcvm"));
        assertThat(problems.all()).isEmpty();
    }

    @Test
    void shouldSayThatThereIsNoHomeAtAll() throws Exception {
        var problems = new Problems();
        new DirectoriesReader(Map.of(), problems, Optional::empty).directories(Optional.empty());

        assertThat(problems.all()).singleElement().asString().contains("set FCVM_DATA_DIR");
    }
}
