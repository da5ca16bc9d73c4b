package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Captured;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Standard input, output and error of a container: byte for byte, apart, and each with its end. */
@MachineTest
class StreamsTest {

    private static final int MIB = 1 << 20;

    @Test
    void shouldPassEveryByteValueBothWaysAndTheExitCodeWhenInteractive(Fcvm fcvm, Archives archives) {
        byte[] all = new byte[256];
        IntStream.range(0, all.length).forEach(value -> all[value] = (byte) value);

        Outcome outcome = fcvm.call(run(archives, "-i"), "/bin/sh", "-c", "tee /dev/stderr; exit 42")
                .stdin(all)
                .run();

        outcome.expect(42);
        assertThat(outcome.stdout().bytes()).isEqualTo(all);
        assertThat(outcome.stderr().bytes()).isEqualTo(all);
    }

    @Test
    void shouldDeliverFiftyMegabytesOfOutputUnchanged(Fcvm fcvm, Archives archives) {
        int size = 50 * MIB;
        byte[] line = "0123456789abcdef\n".getBytes(StandardCharsets.US_ASCII);
        byte[] expected = new byte[size];
        IntStream.range(0, size).forEach(at -> expected[at] = line[at % line.length]);

        Outcome outcome = fcvm.call(
                        run(archives), "/bin/sh", "-c", "yes 0123456789abcdef | head -c " + size + "; echo end >&2")
                .run();

        outcome.expect(0);
        assertThat(outcome.stdout().length()).isEqualTo(size);
        assertThat(outcome.stdout().sha256()).isEqualTo(Captured.digest(expected));
        assertThat(outcome.err()).isEqualTo("end\n");
    }

    @Test
    void shouldTakeAHundredMegabytesOfInputAndItsEnd(Fcvm fcvm, Archives archives) throws NoSuchAlgorithmException {
        byte[] block = new byte[MIB];
        new Random(3).nextBytes(block);
        MessageDigest expected = MessageDigest.getInstance("MD5");
        IntStream.range(0, 100).forEach(ignored -> expected.update(block));
        InputStream input =
                new SequenceInputStream(Collections.enumeration(Stream.generate(() -> new ByteArrayInputStream(block))
                        .limit(100)
                        .toList()));

        Outcome outcome =
                fcvm.call(run(archives, "-i"), "/bin/md5sum").stdin(input).run();

        outcome.expect(0);
        assertThat(outcome.out()).isEqualTo(HexFormat.of().formatHex(expected.digest()) + "  -\n");
    }

    @Test
    void shouldAnswerEachLineBeforeTheNextIsTyped(Fcvm fcvm, Archives archives) throws IOException {
        PipedInputStream input = new PipedInputStream(1 << 16);
        PipedOutputStream keyboard = new PipedOutputStream(input);
        try (Child child = fcvm.call(
                        run(archives, "-i"),
                        "/bin/sh",
                        "-c",
                        "while read line; do echo \"got $line\"; done; echo the end; exit 7")
                .stdin(input)
                .start()) {
            for (String word : new String[] {"one", "two", "three"}) {
                keyboard.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
                keyboard.flush();
                child.awaitOut("got " + word + "\n");
            }
            keyboard.close();

            assertThat(child.outcome().expect(7).out()).endsWith("got three\nthe end\n");
        }
    }

    @Test
    void shouldEndWithTheContainerEvenWhenInputStaysOpen(Fcvm fcvm, Archives archives) throws IOException {
        PipedInputStream input = new PipedInputStream(1 << 16);
        try (PipedOutputStream keyboard = new PipedOutputStream(input)) {
            keyboard.write('x');

            fcvm.call(run(archives, "-i"), "/bin/sh", "-c", "exit 3")
                    .stdin(input)
                    .run()
                    .expect(3);
        }
    }

    @Test
    void shouldEndWhenNobodyReadsItsOutputAnyMore(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.through(
                        "| head -n 1; echo \"${PIPESTATUS[0]}\"", run(archives), "/bin/sh", "-c", "yes; exit 9")
                .run();

        outcome.expect(0);
        assertThat(outcome.out()).startsWith("y\n").doesNotContain("y\n0\n");
    }

    private static String[] run(Archives archives, String... options) {
        return Stream.of(
                        Stream.of("run", "--quiet", "--rm"),
                        Stream.of(options),
                        Stream.of("oci-archive:" + archives.ociArchive(TestImages.plain())))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }
}
