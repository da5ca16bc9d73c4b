package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What {@code scripts/preflight.sh} says of a host, to people and to programs. */
class PreflightTest {

    /** All that a bare Debian has of what the script calls; everything else must not be needed. */
    private static final List<String> BARE_TOOLS = List.of(
            "awk",
            "bash",
            "cat",
            "cut",
            "date",
            "df",
            "dirname",
            "env",
            "getent",
            "grep",
            "head",
            "id",
            "perl",
            "readlink",
            "sed",
            "stat",
            "tail",
            "true",
            "uname",
            "unshare");

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);

    @Test
    void shouldDescribeEveryCheckInJson() {
        Outcome outcome = tree.call("preflight.sh", "--json").run();

        Map<?, ?> answer = json(outcome);
        assertThat(checks(answer).stream().map(check -> String.valueOf(check.get("id"))))
                .containsExactly(
                        "kernel",
                        "cgroup",
                        "kvm",
                        "tun",
                        "userns",
                        "subids",
                        "newuidmap",
                        "ip",
                        "slirp4netns",
                        "nft",
                        "dnsmasq",
                        "conntrack",
                        "vde",
                        "skopeo",
                        "rootfs-tool",
                        "mke2fs",
                        "tar",
                        "qemu",
                        "firecracker",
                        "jdk",
                        "disk");
        assertThat(checks(answer)).allSatisfy(check -> {
            assertThat(check.get("status")).isIn("ok", "warn", "missing");
            assertThat((String) check.get("detail")).isNotBlank();
        });
        assertThat(answer.get("kvm")).isIn("usable", "slow", "no-permission", "absent");
    }

    @Test
    void shouldNameACommandForEverythingThatIsMissing() {
        Outcome outcome = onABareSystem("--json").run();

        assertThat(checks(json(outcome)))
                .filteredOn(check -> "missing".equals(check.get("status")))
                .isNotEmpty()
                .allSatisfy(check -> assertThat((String) check.get("fix")).isNotBlank());
    }

    @Test
    void shouldEndWithZeroExactlyWhenAMachineCanRun() {
        for (Child.Call call : List.of(tree.call("preflight.sh", "--json"), onABareSystem("--json"))) {
            Outcome outcome = call.run();

            Map<?, ?> answer = json(outcome);
            Map<?, ?> modes = (Map<?, ?>) Objects.requireNonNull(answer.get("modes"));
            boolean usable = Boolean.TRUE.equals(modes.get("rootless")) || Boolean.TRUE.equals(modes.get("privileged"));
            assertThat(answer.get("usable")).isEqualTo(usable);
            assertThat(outcome.exitCode()).isEqualTo(usable ? 0 : 1);
        }
    }

    @Test
    void shouldRunBeforeAnythingIsInstalled() {
        Outcome outcome = onABareSystem().run().expect(1);

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .contains("missing  QEMU")
                .contains("mend: sudo apt-get install qemu-system-x86")
                .contains("missing  skopeo")
                .contains("No machine can run here yet");
    }

    @Test
    void shouldTellAUserWithoutSubordinateIdsHowToGetThem() {
        List<String> nobody = List.of("unshare", "--user", "--map-user=65534", "--map-group=65534");
        Outcome outcome = tree.call(nobody, "preflight.sh", "--json").run();

        assertThat(checks(json(outcome)))
                .filteredOn(check -> "subids".equals(check.get("id")))
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.get("status")).isEqualTo("missing");
                    assertThat((String) check.get("fix")).startsWith("sudo usermod --add-subuids ");
                });
    }

    @Test
    void shouldBelieveTheUserAboutKvm() {
        assertThat(json(tree.call("preflight.sh", "--json")
                                .env("FCVM_KVM", "yes")
                                .run())
                        .get("kvm"))
                .isEqualTo("usable");
        assertThat(json(tree.call("preflight.sh", "--json")
                                .env("FCVM_KVM", "no")
                                .run())
                        .get("kvm"))
                .isEqualTo("absent");
    }

    /** A stand-in for a QEMU that has much to say after its machine types: nobody may stop listening to it. */
    @Test
    void shouldFindTheMachineTypeWhateverElseQemuSays() throws IOException {
        Path talkative = place.file(
                "qemu", "#!/bin/sh\necho 'Supported machines are:'\necho 'microvm  microvm (i386)'\nexec seq 200000\n");
        assertThat(talkative.toFile().setExecutable(true)).isTrue();

        Outcome outcome = tree.call("preflight.sh", "--json")
                .env("FCVM_QEMU", talkative.toString())
                .run();

        assertThat(checks(json(outcome)))
                .filteredOn(check -> "qemu".equals(check.get("id")))
                .singleElement()
                .satisfies(check -> assertThat(check.get("status")).isEqualTo("ok"));
    }

    @Test
    void shouldReadTheSettingsFileOfTheDistribution() throws IOException {
        Files.writeString(tree.home().resolve(".env"), "# a comment\n\nFCVM_DATA_DIR=\"/proc/nowhere\"\n");

        Outcome outcome =
                tree.call("preflight.sh", "--json").without("FCVM_DATA_DIR").run();

        assertThat(outcome.out()).contains("for /proc/nowhere");
    }

    @Test
    void shouldNameTheLineOfTheSettingsFileThatIsWrong() throws IOException {
        Files.writeString(tree.home().resolve(".env"), "FCVM_MODE=auto\nexport FCVM_VMM=qemu\n");

        Outcome outcome = tree.call("preflight.sh").run().expect(1);

        assertThat(outcome.err()).contains(".env:2: not NAME=VALUE: export FCVM_VMM=qemu");
    }

    private Child.Call onABareSystem(String... arguments) {
        Path bin = place.directory("bin");
        for (String tool : BARE_TOOLS) {
            Path target = Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")
                    .map(directory -> Path.of(directory, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            try {
                Files.deleteIfExists(bin.resolve(tool));
                Files.createSymbolicLink(bin.resolve(tool), target);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        // An own root, so that /usr/sbin and /usr/lib/jvm are hidden as well, which the scripts look into by
        // themselves.
        List<String> hidden = List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "for d in /usr/sbin /usr/local/sbin /usr/lib/jvm; do [ ! -d $d ] || mount -t tmpfs none $d; done;"
                        + " PATH=\"$1\"; shift; exec \"$@\"",
                "sh",
                bin.toString());
        return tree.call(hidden, "preflight.sh", arguments).without("JAVA_HOME");
    }

    private static Map<?, ?> json(Outcome outcome) {
        return (Map<?, ?>) Jsonb.builder().build().type(Object.class).fromJson(outcome.out());
    }

    private static List<Map<?, ?>> checks(Map<?, ?> answer) {
        return ((List<?>) Objects.requireNonNull(answer.get("checks")))
                .stream().<Map<?, ?>>map(check -> (Map<?, ?>) check).toList();
    }
}
