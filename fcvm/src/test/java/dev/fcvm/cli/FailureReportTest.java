package dev.fcvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever fails, the user hears why things ended first, and then what failed besides. */
final class FailureReportTest {

    @TempDir
    Path directory;

    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @Test
    void shouldTellTheFirstFailureAndInALineEachWhatFailedBesides() {
        FcvmException stays = new FcvmException(Kind.HOST, "cannot take the cgroup back\nand so on");
        stays.addSuppressed(new FcvmException(Kind.HOST, "cannot take the disk back"));
        FcvmException first = new FcvmException(Kind.VMM, "the machine was not booted");
        first.addSuppressed(stays);

        assertThat(tell(first)).isEqualTo("""
                Error: the machine was not booted
                fcvm: besides, cannot take the cgroup back
                fcvm: besides, cannot take the disk back
                """);
    }

    @Test
    void shouldTellAFailedFileOfAPlaceThatDeclaresNone() {
        assertThat(tell(new UncheckedIOException("cannot measure /disk", new NoSuchFileException("/disk"))))
                .isEqualTo("Error: cannot measure /disk: no such file or directory\n");
        assertThat(tell(new UncheckedIOException(new IOException("no space"))))
                .isEqualTo("Error: java.io.IOException: no space\n");
    }

    @Test
    void shouldSayNothingWhereTheOutputLeadsNowhere() {
        CommandContext closed = context(new OutputStream() {
            @Override
            public void write(int data) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        assertThat(FailureReport.tell(new FcvmException(Kind.VMM, "x"), false, closed))
                .isEqualTo(125);
        assertThat(new Program(closed).run("network")).isEqualTo(125);
        // What SIGPIPE ends has this code; so ends Podman.
        assertThat(new Program(closed).run("network", "rm", "none")).isEqualTo(141);
        assertThat(unread("Broken pipe")).isEqualTo(141);
        assertThat(error.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(unread("No space left on device")).isEqualTo(125);
        assertThat(error.toString(StandardCharsets.UTF_8)).contains("No space left on device");
    }

    private int unread(String why) {
        return FailureReport.tell(new CommandContext.NobodyReads(new IOException(why)), false, context(error));
    }

    @Test
    void shouldTellInOneLineThatItsOwnMemoryDidNotSuffice() {
        var error = new ByteArrayOutputStream();
        var exhausted = new OutputStream() {
            @Override
            public void write(int one) {
                throw new StackOverflowError();
            }
        };
        assertThat(new Program(CommandContext.of(Map.of(), CommandContext.Streams.of(exhausted, error))).run("version"))
                .isEqualTo(125);
        assertThat(error.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "Error: this is a defect of fcvm: java.lang.StackOverflowError; run it with --debug and report"
                                + " the trace\n");
    }

    private String tell(Exception failure) {
        error.reset();
        assertThat(FailureReport.tell(failure, false, context(error))).isEqualTo(125);
        return error.toString(StandardCharsets.UTF_8);
    }

    private CommandContext context(OutputStream error) {
        return CommandContext.of(
                Map.of(
                        "HOME", directory.toString(),
                        "FCVM_DATA_DIR", directory.resolve("data").toString(),
                        "XDG_RUNTIME_DIR", directory.toString()),
                new CommandContext.Streams(
                        () -> {
                            throw new IllegalStateException("nothing is read");
                        },
                        new ByteArrayOutputStream(),
                        error,
                        false,
                        false));
    }
}
