package dev.fcvm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandContextTest {

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final CommandContext context = CommandContext.of(
                    Map.of(), CommandContext.Streams.of(output, new ByteArrayOutputStream()))
            .in(Path.of("/home/ann"));

    @ParameterizedTest
    @CsvSource({
        "file, /home/ann/file",
        "../file, /home/ann/../file",
        "/etc/hosts, /etc/hosts",
        "'', /home/ann",
        "/dev/null, /dev/null",
        "/dev/fdx, /dev/fdx"
    })
    void shouldTakeAPathAsTheCallersOwnProcessWould(String given, String meant) {
        assertThat(context.path(given)).isEqualTo(Path.of(meant));
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/stdin, fd/0",
        "/dev/stdout, fd/1",
        "/dev/stderr, fd/2",
        "/dev/fd/63, fd/63",
        "/proc/self/fd/9, fd/9",
        "/proc/./self/environ, environ"
    })
    void shouldFindTheCallersDescriptorsFromAnotherProcessToo(String given, String below) {
        assertThat(context.path(given))
                .isEqualTo(Path.of("/proc/" + ProcessHandle.current().pid(), below));
    }

    @Test
    void shouldWriteWholeLines() {
        context.print("one");
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("one\n");
    }

    @Test
    void shouldPrintForProgramsWhatIsThereAndForATerminalNothingItObeys() {
        String hostile = "\u001b[2J\u009b31m\u202ename";
        context.print(hostile);
        context.printJson("\"" + hostile.substring(1) + "\"");
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo(hostile + "\n\"[2J\\u009b31m\\u202ename\"\n");

        output.reset();
        var watched = CommandContext.of(
                Map.of(),
                new CommandContext.Streams(
                        () -> {
                            throw new AssertionError("nothing is read");
                        },
                        output,
                        output,
                        true,
                        true));
        watched.print(hostile);
        watched.complain(hostile);
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("\ufffd[2J\ufffd31m\ufffdname\n".repeat(2));
    }

    @Test
    void shouldSayThatNoSignalsComeWhereNoneCan() throws FcvmException {
        assertThat(context.signals().available()).isFalse();
        assertThatThrownBy(() -> context.signals().subscribe(_ -> {})).hasMessageContaining("use bin/fcvm");
    }
}
