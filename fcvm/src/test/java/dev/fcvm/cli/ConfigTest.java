package dev.fcvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.cli.config.ConfigSection;
import dev.fcvm.cli.config.ConfigText;
import dev.fcvm.command.CommandContext;
import dev.fcvm.machine.live.RehearsalVmm;
import dev.fcvm.settings.Key;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The configuration files, as a user meets them. The machine is one of the rehearsal: none boots. */
class ConfigTest {

    private static final Path EXAMPLE = Path.of("../config/fcvm.example.yml");
    private static final Path SCHEMA = Path.of("../docs/config.schema.json");
    private static final Path ENV = Path.of("../.env");

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    @BeforeEach
    void furnish() throws Exception {
        RehearsalVmm.furnish(home);
        environment.putAll(
                Map.of("FCVM_DATA_DIR", home.toString(), "HOME", home.toString(), "XDG_RUNTIME_DIR", home.toString()));
    }

    @Test
    void shouldShipTheExampleAndTheSchemaOfWhatThereIs() throws Exception {
        Map<String, ConfigSection> sections = new Program(context()).sections();

        assertThat(EXAMPLE).as("make it anew: fcvm config example").hasContent(ConfigText.example(sections));
        assertThat(SCHEMA).as("make it anew: fcvm config schema").hasContent(ConfigText.schema(sections));
        assertThat(sections.keySet()).containsExactlyInAnyOrder(Program.SECTIONS.split(" "));
        assertThat(sections)
                .hasEntrySatisfying("run", run -> assertThat(run.options()).hasSizeGreaterThan(100));
        for (Key key : Key.values()) {
            assertThat(Files.readString(ENV)).as("in .env").contains("#" + key.variable() + "=");
        }
    }

    @Test
    void shouldTakeEveryKeyOfTheExample() throws Exception {
        String keys = Files.readString(EXAMPLE)
                .replaceAll("(?m)^#( *[a-z0-9-]+:).*$", "$1")
                .replaceAll("(?m)^#.*\n", "");
        write(keys);

        assertThat(call("config", "show"))
                .as(errors.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(keys).contains("run:\n").contains("  memory:\n").contains("data-dir:\n");
    }

    @Test
    void shouldTellEverythingThatIsWrongAtOnceAndWhereItStands() throws Exception {
        write("""
            mode: sometimes
            colour: red
            run:
              memory: 12 parsecs
              rm: 1
              env: [A=1, [B]]
              pod: x
              vmm: qemu
              tz: true
            dance:
              fast: true
            """);

        for (List<String> command : List.of(List.of("run", RehearsalVmm.IMAGE), List.of("config", "show"))) {
            errors.reset();
            assertThat(call(command.toArray(String[]::new))).isEqualTo(125);
            assertEverythingIsTold();
        }
    }

    @Test
    void shouldTellThatANumberOfAnyCommandIsNone() throws Exception {
        write("""
            stats:
              interval: soon
            ps:
              last: 1.5
            run:
              cpus: 1e0
            """);

        assertThat(call("config", "show")).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("fcvm.yml:2:13: interval is \"soon\": it must be a whole number")
                .contains("fcvm.yml:4:9: last is \"1.5\": it must be a whole number")
                .doesNotContain("cpus");
    }

    private void assertEverythingIsTold() {
        Path file = home.resolve(".config/fcvm/fcvm.yml");
        assertThat(errors.toString(StandardCharsets.UTF_8).replace(file.toString(), "F"))
                .contains("F:1:7")
                .contains("F:2:9: there is no setting colour")
                .contains("F:4:11: memory is \"12 parsecs\": it must be a number with b, k, m or g")
                .contains("F:5:7: rm must be true or false")
                .contains("F:6:14: the items of env must be texts")
                .contains("F:7:8: fcvm run has no flag --pod to set")
                .contains("F:8:8: fcvm run takes vmm from the settings")
                .contains("F:9:7: tz must be a text, not true or false")
                .contains("F:11:9: the section dance is none");
    }

    @Test
    @Timeout(30)
    void shouldNotWaitForWhatIsNoFileAndTakeNothingForNone() throws Exception {
        Path file = home.resolve(".config/fcvm/fcvm.yml");
        Files.createDirectories(file);
        assertThat(call("ps")).isEqualTo(125);
        assertThat(errors.toString(StandardCharsets.UTF_8)).contains(file + " is no file");
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        assertThat(call("ps")).isEqualTo(125);

        environment.put("FCVM_CONFIG", "/dev/null");
        assertThat(call("ps")).isZero();
    }

    @Test
    void shouldSayWhereTheYamlEndsToBeOne() throws Exception {
        write("mode: auto\nrun: {rm: true\n");

        assertThat(call("ps")).isEqualTo(125);
        assertThat(errors.toString(StandardCharsets.UTF_8)).containsPattern("fcvm.yml:3:1: no YAML: ");
    }

    @Test
    void shouldRefuseAWrongSettingWithItsPlace() throws Exception {
        write("vmm: qemu\nmode: sometimes\n");

        assertThat(call("ps")).isEqualTo(125);
        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("fcvm.yml:2:7: mode is \"sometimes\"; it must be one of: rootless, privileged, auto");
    }

    @Test
    void shouldLetFlagsWinOverTheEnvironmentAndThatOverTheFile() throws Exception {
        write("kvm: no\nmode: rootless\nboot-timeout: 7s\n");
        environment.put("FCVM_MODE", "privileged");

        assertThat(call("config", "show", "--origin")).isZero();

        assertThat(output.toString(StandardCharsets.UTF_8))
                .contains("mode: 'privileged'  # FCVM_MODE in the environment\n")
                .containsPattern("kvm: 'no'  # .*fcvm.yml:1:6: kvm\n")
                .contains("boot-timeout: '7s'")
                .contains("#init-system:  # default: tiny\n");
    }

    @Test
    void shouldTakeADefaultOfAFlagAndLetTheCommandLineReplaceIt() throws Exception {
        write("run:\n  rm: true\n  name: from-the-file\n  init: true\n");
        environment.put("FCVM_NETWORK", "none");

        assertThat(call("run", "--rm=false", "--name", "mine", RehearsalVmm.IMAGE, "true"))
                .as(errors.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(call("ps", "-a")).isZero();

        assertThat(output.toString(StandardCharsets.UTF_8)).contains("mine").doesNotContain("from-the-file");
    }

    @Test
    void shouldReadOneFileAloneWhenItIsNamed() throws Exception {
        write("mode: rootless\n");
        Path other = Files.writeString(home.resolve("other.yml"), "mode: privileged\n");
        environment.put("FCVM_CONFIG", other.toString());

        assertThat(call("config", "show")).isZero();
        assertThat(output.toString(StandardCharsets.UTF_8)).contains("mode: 'privileged'\n");
    }

    private void write(String text) throws Exception {
        Path directory = Files.createDirectories(home.resolve(".config/fcvm"));
        Files.writeString(directory.resolve("fcvm.yml"), text);
    }

    private int call(String... words) {
        return new Program(context(), _ -> RehearsalVmm.choice()).run(words);
    }

    private CommandContext context() {
        return CommandContext.of(
                environment,
                new CommandContext.Streams(
                        () -> Channels.newChannel(InputStream.nullInputStream()), output, errors, false, false));
    }
}
