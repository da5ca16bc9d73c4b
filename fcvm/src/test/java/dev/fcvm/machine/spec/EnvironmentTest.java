package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {

    private static final Map<String, String> CALLER =
            Map.of("USER", "ann", "LC_ALL", "C", "LC_TIME", "de", "EMPTY", "");

    @TempDir
    Path directory;

    @Test
    void shouldSetWhatHasAValueEvenAnEmptyOne() throws Exception {
        assertThat(of("A=1", "B=", "C=x=y", "D= two words ")).containsExactly("A=1", "B=", "C=x=y", "D= two words ");
    }

    @Test
    void shouldPassTheCallersOnAndLeaveOutWhatTheCallerLacks() throws Exception {
        assertThat(of("USER", "EMPTY", "NOT_THERE")).containsExactly("USER=ann", "EMPTY=");
    }

    @Test
    void shouldPassOnAllThatBeginWithAPrefix() throws Exception {
        assertThat(of("LC_*")).containsExactlyInAnyOrder("LC_ALL=C", "LC_TIME=de");
        assertThat(of("*")).hasSize(CALLER.size());
    }

    @Test
    void shouldLetTheLaterEntryWinAndFlagsWinOverFiles() throws Exception {
        Path file = file("A=file", "B=file", "B=later");

        assertThat(Environment.of(List.of(file), List.of("A=flag"), CALLER, false))
                .containsExactly("A=flag", "B=later");
    }

    @Test
    void shouldReadFilesAsPodmanDoes() throws Exception {
        Path file = file("# a comment", "", "  \t A=1 # kept", "B=\"quotes stay\"", "USER", "LC_A*", "NOT_THERE");

        assertThat(Environment.of(List.of(file), List.of(), CALLER, false))
                .containsExactly("A=1 # kept", "B=\"quotes stay\"", "USER=ann", "LC_ALL=C");
    }

    @Test
    void shouldTakeOneEmptyEntryForNoneAsPodmanDoes() throws Exception {
        assertThat(of("")).isEmpty();
        assertThatThrownBy(() -> of("", "A=1")).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldRefuseAnEntryWithoutAName() {
        assertThatThrownBy(() -> of("=x")).isInstanceOf(FcvmException.class).hasMessageContaining("--env: \"=x\"");
        assertThatThrownBy(() -> of("=")).isInstanceOf(FcvmException.class).hasMessageContaining("write NAME=VALUE");
    }

    @Test
    void shouldNameTheFileThatCannotBeRead() {
        Path absent = directory.resolve("absent");

        assertThatThrownBy(() -> Environment.of(List.of(absent), List.of(), CALLER, false))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--env-file: cannot read " + absent);
    }

    private static List<String> of(String... entries) throws FcvmException {
        return Environment.of(List.of(), List.of(entries), CALLER, false);
    }

    private Path file(String... lines) throws Exception {
        return Files.writeString(directory.resolve("env"), String.join("\n", lines));
    }

    @Test
    void shouldPassTheCallersProxiesOnToAContainerThatHasANetworkUnlessToldOtherwise() throws FcvmException {
        Map<String, String> caller = Map.of("http_proxy", "http://p:1", "NO_PROXY", "localhost", "HOME", "/root");
        assertThat(Environment.of(List.of(), List.of(), caller, true))
                .containsExactly("http_proxy=http://p:1", "NO_PROXY=localhost");
        assertThat(Environment.of(List.of(), List.of("http_proxy=other"), caller, true))
                .containsExactly("http_proxy=other", "NO_PROXY=localhost");
        assertThat(Environment.of(List.of(), List.of(), caller, false)).isEmpty();
    }

    @Test
    void shouldReadAFileThatIsNoUtf8AndHasLinesOfWindowsAsPodmanDoes(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("env");
        Files.write(file, "A=gr\u00f6\u00dfe\r\nB=x\ry\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(Environment.of(List.of(file), List.of(), Map.of(), false))
                .containsExactly("A=gr\ufffd\ufffde", "B=x\ry");
    }
}
