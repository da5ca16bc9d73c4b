package dev.fcvm.machine.podman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.podman.RunFlag.Disposition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/podman.md says of each flag what the program does. */
class PodmanPageTest {

    private static final Path PAGE = Path.of("../docs/podman.md");

    private final List<RunFlag> flags = RunFlags.load().all();

    @Test
    void shouldSayOfEachFlagOfPodmansWhatBecomesOfIt() throws IOException {
        List<String> rows = flags.stream()
                .filter(flag -> flag.disposition() != Disposition.FCVM)
                .map(PodmanPageTest::row)
                .toList();

        assertThat(Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| `-")))
                .containsExactlyElementsOf(rows);
    }

    @Test
    void shouldNameTheFlagsPodmanHasNot() throws IOException {
        assertThat(Files.readString(PAGE))
                .contains(flags.stream()
                        .filter(flag -> flag.disposition() == Disposition.FCVM)
                        .map(flag -> "`" + flag.name() + "`")
                        .collect(Collectors.joining(", ")));
    }

    @Test
    void shouldGiveAReasonForEachFlagThatIsRefusedAndAHelpForEachThatIsPassedOn() {
        for (RunFlag flag : flags) {
            switch (flag.disposition()) {
                case REFUSE -> assertThat(flag.difference()).as(flag.name()).isNotEmpty();
                case PASS -> {
                    assertThat(flag.description()).as(flag.name()).isNotEmpty();
                    assertThat(flag.group()).as(flag.name()).isNotEmpty();
                }
                case OWN, FCVM -> assertThat(flag.group()).as(flag.name()).isNotEmpty();
            }
        }
    }

    private static String row(RunFlag flag) {
        String names = flag.names().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
        String word = flag.disposition() == Disposition.REFUSE
                ? "refused"
                : flag.difference().isEmpty() ? "same" : "differs";
        return "| %s | %s | %s |".formatted(names, word, flag.difference().replace("|", "\\|"));
    }
}
