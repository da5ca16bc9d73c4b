package dev.fcvm.it.surroundings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller whose surroundings are not what a program expects: it works, or one line says what to do. */
@MachineTest
class OddSurroundingsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ulimit -n 24           | fcvm needs 256 open files, and your limit is 24: raise it with: ulimit -n"
                        + " 1024",
                "ulimit -n 64           | fcvm needs 256 open files, and your limit is 64: raise it with: ulimit -n"
                        + " 1024",
                "ulimit -v 1000000      | fcvm needs 8388608 KiB of address space, and your limit is 1000000",
                "ulimit -d 10000        | fcvm needs 1048576 KiB of data, and your limit is 10000",
                "ulimit -f 0            | fcvm writes files of 1048576 KiB and more, and your limit is 0",
            })
    void shouldSayInOneLineWhatToDoAboutALimitThatIsTooTight(String limit, String line, Fcvm fcvm) {
        Outcome outcome = in(fcvm, limit + "; exec \"$@\"", "ps").run();

        assertThat(outcome.expect(125).err().strip()).startsWith("Error: " + line);
        assertThat(outcome.err().strip().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ps",
                "images --json",
                "--help",
                "run --help",
                "network ls",
                "--version",
                "version",
                "info",
                "doctor",
                "volume ls",
                "secret ls",
                "snapshot ls",
                "config show",
                "config schema"
            })
    void shouldFailWhenTheOutputCannotBeWritten(String command, Fcvm fcvm) {
        Outcome outcome = in(fcvm, "exec \"$@\" >/dev/full", command.split(" ")).run();

        assertThat(outcome.expect(125).err()).contains("Error: cannot write the output");
        assertThat(outcome.err().strip().lines()).hasSize(1);
    }

    @Test
    void shouldFailWhenTheContainersOutputCannotBeWritten(Fcvm fcvm, Archives archives) {
        Outcome outcome = in(fcvm, "exec \"$@\" >/dev/full", "run", "--rm", image(archives), "echo", "lost")
                .run();

        assertThat(outcome.expect(125).err())
                .contains("Error: cannot write the container's output: No space left on device");
    }

    @Test
    void shouldRunFromADirectoryThatIsGoneWithoutToolsOnThePathWithIgnoredSignalsAnOddLocaleAndOptionsForAnotherJava(
            Fcvm fcvm, Archives archives) {
        // The first word is the harness's env, which must be found before the PATH is gone.
        String gone =
                "env=$(command -v \"$1\"); shift; cd \"$(mktemp -d)\"; rmdir \"$PWD\"; trap '' INT TERM HUP; umask 0;"
                        + " unset HOME; export PATH=/nonexistent LC_ALL=xx_YY.UTF-8 TMPDIR=/nonexistent"
                        + " JAVA_TOOL_OPTIONS=-Done=1 JDK_JAVA_OPTIONS=-version _JAVA_OPTIONS=-Xmx1m; exec \"$env\""
                        + " \"$@\"";

        Outcome outcome = in(
                        fcvm,
                        gone,
                        "run",
                        "--rm",
                        "-e",
                        "JAVA_TOOL_OPTIONS",
                        image(archives),
                        "sh",
                        "-c",
                        "echo unharmed $JAVA_TOOL_OPTIONS")
                .run();

        assertThat(outcome.expect(0).out()).isEqualTo("unharmed -Done=1\n");
        assertThat(outcome.err()).doesNotContain("-Done", "-Xmx1m");
    }

    @Test
    void shouldTakeClosedDescriptorsForEmptyOnes(Fcvm fcvm, Archives archives) {
        Outcome outcome = in(
                        fcvm, "exec \"$@\" <&- 2>&-", "run", "-i", "--rm", image(archives), "sh", "-c", "cat; echo end")
                .run();

        assertThat(outcome.expect(0).out()).isEqualTo("end\n");
        in(fcvm, "exec \"$@\" >&-", "ps").run().expect(0);
    }

    @Test
    void shouldShowNoValueOfTheEnvironmentInTheHostsProcessTable(Fcvm fcvm, Archives archives) {
        try (Child child = fcvm.call("run", "--rm", "-e", "TOKEN=geheim", image(archives), "/bin/signals", "TERM")
                .start()) {
            child.awaitOut("ready\n");

            assertThat(Child.of("ps", "-eo", "args", "-ww").run().expect(0).out())
                    .doesNotContain("geheim");
            child.signal("TERM");
            child.outcome().expect(40);
        }
    }

    @Test
    void shouldRefuseRootsMachineWhereItCannotBeLimitedUnlessTold(Fcvm fcvm, Archives archives) {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root's machines are privileged");
        Fcvm bare = fcvm.within(List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "umount -R -l /sys/fs/cgroup; exec \"$@\"",
                "sh"));

        Outcome refused = bare.run("run", "--rm", "--mode", "privileged", image(archives), "true");

        assertThat(refused.expect(125).err())
                .contains("the machine's monitor cannot be limited (memory, cpu, pids)", "--no-limits");
        assertThat(refused.err().strip().lines()).hasSize(1);
        bare.run("run", "--rm", "--mode", "privileged", "--no-limits", image(archives), "true")
                .expect(0);
        assertThat(bare.run("doctor").out()).contains("no cgroup can be made for: memory, cpu, pids");
    }

    /** Calls the command line by a shell that does this first. */
    private static Child.Call in(Fcvm fcvm, String script, String... words) {
        return fcvm.within(List.of("sh", "-c", script, "sh"))
                .call(Stream.of(words).toList());
    }

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
