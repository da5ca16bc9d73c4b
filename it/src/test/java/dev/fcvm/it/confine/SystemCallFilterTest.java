package dev.fcvm.it.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a program can ask the kernel for that was started by the distribution's {@code fcvm-filter}. It needs the
 * distribution, so it runs with the tests on machines.
 */
@Tag("machine")
class SystemCallFilterTest {

    @Test
    void shouldLetAProgramReadItsFilesSpeakToOthersAndStartItselfAnew() {
        Outcome outcome = perl(
                "socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or socket($a, AF_UNIX, SOCK_STREAM, 0) or die $!;"
                        + "socket(my $c, AF_INET, SOCK_DGRAM, 0) or die $!; socket(my $d, 16, SOCK_RAW, 12) or die $!;"
                        + "my $p = fork() // die $!; exit unless $p; waitpid($p, 0); open(my $f, '<', '/proc/self/status') or die $!;"
                        + "print grep { /^(Seccomp|NoNewPrivs):/ } <$f>");

        assertThat(outcome.expect(0).out()).contains("NoNewPrivs:\t1", "Seccomp:\t2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "raw frames              | socket(my $s, 17, SOCK_RAW, 768)                    | Address family not supported",
                "vsock                   | socket(my $s, 40, SOCK_STREAM, 0)                   | Address family not supported",
                "namespaces              | my $f = 0x10000011; -1 != syscall(56, $f, 0, 0, 0, 0) | Operation not permitted",
                "namespaces, another way | -1 != syscall(435, 0, 0)                            | Function not implemented",
                "unshare                 | -1 != syscall(272, 0x10000000)                      | Function not implemented",
                "other processes         | -1 != syscall(101, 16, 1, 0, 0)                     | Function not implemented",
                "mounts                  | -1 != syscall(165, 0, 0, 0, 0, 0)                   | Function not implemented",
                "programs of the kernel  | -1 != syscall(321, 0, 0, 0)                         | Function not implemented",
                "io_uring                | -1 != syscall(425, 1, 0)                            | Function not implemented",
                "keys                    | -1 != syscall(250, 0, 0, 0, 0, 0)                   | Function not implemented",
                "files by number         | -1 != syscall(304, 0, 0, 0)                         | Function not implemented",
                "words for a terminal    | open(my $n, '<', '/dev/null'); my $w = 'x'; ioctl($n, 0x5412, $w) | Operation not permitted",
            })
    void shouldRefuseWhatAServerHasNoUseFor(String what, String request, String reason) {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are those of x86_64");

        assertThat(perl("print(eval { " + request + " } ? 'allowed' : \"$!\")")
                        .expect(0)
                        .out())
                .as(what)
                .startsWith(reason);
    }

    @Test
    void shouldSayWhichProgramCannotBeStarted() {
        assertThat(filtered("/no/such").expect(125).err())
                .isEqualTo("fcvm-filter: /no/such: No such file or directory\n");
    }

    private static Outcome perl(String script) {
        return filtered("perl", "-MSocket", "-e", script);
    }

    private static Outcome filtered(String... command) {
        Path filter = Path.of(Place.setting("FCVM_TEST_LAUNCHER", "../build/dist/bin/fcvm"))
                .resolve("../../lib/fcvm-filter")
                .normalize();
        return Child.of(Stream.concat(Stream.of(filter.toString()), List.of(command).stream())
                        .toArray(String[]::new))
                .run();
    }
}
