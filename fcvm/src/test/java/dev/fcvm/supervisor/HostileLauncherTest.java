package dev.fcvm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a launcher sends, it harms no other. */
@Timeout(60)
class HostileLauncherTest {

    @TempDir
    Path directory;

    /** What one sends. */
    @FunctionalInterface
    interface Lie {
        void tell(PlayedLauncher launcher) throws IOException;
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie(
                        "nothing of the protocol",
                        launcher -> launcher.write(
                                ByteBuffer.wrap("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)))),
                lie("a frame of no known type", launcher -> launcher.sendRaw(77, 0)),
                lie("a frame of the supervisor's", launcher -> launcher.sendRaw(Frame.Type.EXIT.number(), 1, (byte) 0)),
                lie("a frame that is too long", launcher -> launcher.sendRaw(1, Frame.LARGEST + 1)),
                lie("a frame of a negative length", launcher -> launcher.sendRaw(1, -1)),
                lie("a request before the greeting", launcher -> launcher.send(Frame.Type.REQUEST)),
                lie("a greeting of nobody", launcher -> launcher.send(Frame.Type.HELLO, (byte) 1)),
                lie("input in the middle of a request", launcher -> {
                    launcher.greet(PlayedLauncher.DIGEST);
                    launcher.send(Frame.Type.INPUT, (byte) 1);
                }),
                lie("a request that never ends", launcher -> {
                    launcher.greet(PlayedLauncher.DIGEST);
                    for (int sent = 0; sent <= Request.LARGEST; sent += Frame.LARGEST) {
                        launcher.send(Frame.Type.REQUEST, new byte[Frame.LARGEST]);
                    }
                }),
                lie("a request that is none", launcher -> ask(launcher, new byte[] {'a', 0, 0, 1, 0, 'x'})),
                lie("a request of half a field", launcher -> ask(launcher, new byte[] {'a', 0})),
                lie("a field nobody knows", launcher -> ask(launcher, new byte[] {'?', 0, 0, 0, 0})),
                lie("a request without a directory", launcher -> ask(launcher, without("directory"))),
                lie(
                        "a relative directory",
                        launcher -> ask(launcher, PlayedLauncher.request(List.of(), List.of(), "x"))),
                lie(
                        "a directory with a NUL",
                        launcher -> ask(launcher, PlayedLauncher.request(List.of(), List.of(), "/\0"))),
                lie("a umask of no mask", launcher -> ask(launcher, without("umask"))));
    }

    static Stream<Arguments> laterLies() {
        return Stream.of(
                lie("more written than was sent", launcher -> launcher.written(0, 1)),
                lie("a negative count of written bytes", launcher -> launcher.written(0, -5)),
                lie("a stream that there is not", launcher -> launcher.written(2, 0)),
                lie("input nobody asked for", launcher -> launcher.send(Frame.Type.INPUT, (byte) 1)),
                lie("a second greeting", launcher -> launcher.greet(PlayedLauncher.DIGEST)),
                lie("a second beginning", launcher -> launcher.send(Frame.Type.BEGIN)),
                lie("a signal of two bytes", launcher -> launcher.send(Frame.Type.SIGNAL, (byte) 1, (byte) 2)),
                lie("a size of one byte", launcher -> launcher.send(Frame.Type.SIZE, (byte) 1)));
    }

    private static Arguments lie(String name, Lie lie) {
        return Arguments.of(name, lie);
    }

    private static void ask(PlayedLauncher launcher, byte[] request) throws IOException {
        launcher.greet(PlayedLauncher.DIGEST);
        launcher.send(Frame.Type.REQUEST, request);
        launcher.send(Frame.Type.BEGIN);
    }

    private static byte[] without(String what) {
        var body = new ByteArrayOutputStream();
        PlayedLauncher.field(body, 'p', new byte[] {0, 0, 0, 1});
        if (what.equals("umask")) {
            PlayedLauncher.field(body, 'd', new byte[] {'/'});
            PlayedLauncher.field(body, 'u', new byte[] {0, 0, 127, 0});
        } else {
            PlayedLauncher.field(body, 'u', new byte[] {0, 0, 0, 0});
        }
        return body.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void shouldCutOffWhoAsksForNothingAndServeTheNext(String name, Lie lie) throws Exception {
        try (var house = new TestSupervisor(directory, Duration.ofMinutes(10), (context, words) -> 3)) {
            try (var launcher = new PlayedLauncher(house.socket())) {
                tell(lie, launcher);
                assertThat(rest(launcher)).isEmpty();
            }
            try (var next = PlayedLauncher.asking(house.socket(), "ps")) {
                assertThat(next.exit()).isEqualTo(3);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("laterLies")
    void shouldCutOffWhoLiesWhileItsCommandRunsAndEndThat(String name, Lie lie) throws Exception {
        var ended = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, Duration.ofMinutes(10), (context, words) -> {
            if (words.equals(List.of("ps"))) {
                return 3;
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException gone) {
                ended.countDown();
            }
            return 0;
        })) {
            try (var launcher = PlayedLauncher.asking(house.socket(), "run")) {
                launcher.await(Frame.Type.WELCOME);
                tell(lie, launcher);
                ended.await();
            }
            try (var next = PlayedLauncher.asking(house.socket(), "ps")) {
                assertThat(next.exit()).isEqualTo(3);
            }
            house.awaitLog("a launcher was cut off: ");
        }
    }

    @Test
    void shouldIgnoreASignalThatIsNotPassedOn() throws Exception {
        try (var house = new TestSupervisor(directory, Duration.ofMinutes(10), (context, words) -> {
                    context.input().read(ByteBuffer.allocate(1));
                    return 3;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "run")) {
            launcher.await(Frame.Type.WELCOME);
            launcher.send(Frame.Type.SIGNAL, (byte) 9);
            launcher.send(Frame.Type.SIGNAL, (byte) 200);
            launcher.send(Frame.Type.INPUT_END);
            assertThat(launcher.exit()).isEqualTo(3);
        }
    }

    /** So many that the lane does not wait for them; {@code -Dfcvm.test.frames=1000000} has a million. */
    private static final int FRAMES = Integer.getInteger("fcvm.test.frames", 20_000);

    private static final int FRAMES_A_LAUNCHER = 5_000;

    @Test
    @Timeout(600)
    void shouldTakeEveryFrameOfChanceAndCutOffWhoseLastIsNone() throws Exception {
        var random = new Random(11);
        try (var house = new TestSupervisor(directory, Duration.ofMinutes(10), (context, words) -> {
            if (words.equals(List.of("ps"))) {
                return 3;
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException gone) {
                return 0;
            }
            return 1;
        })) {
            for (int taken = 0; taken < FRAMES; taken += FRAMES_A_LAUNCHER) {
                try (var launcher = PlayedLauncher.asking(house.socket(), "run")) {
                    launcher.await(Frame.Type.WELCOME);
                    for (int number = 0; number < FRAMES_A_LAUNCHER; number++) {
                        chance(random, launcher);
                    }
                    assertThat(house.log().lines().filter(line -> line.contains("cut off")))
                            .as("those before")
                            .hasSizeLessThanOrEqualTo(taken / FRAMES_A_LAUNCHER);
                    var none = new byte[random.nextInt(64)];
                    random.nextBytes(none);
                    launcher.sendRaw(64 + random.nextInt(64), random.nextInt(), none);
                    // Its command is ended, whose word may be quicker than the end of the connection.
                    assertThat(rest(launcher)).allMatch(received -> received.type() == Frame.Type.EXIT);
                }
            }
            try (var next = PlayedLauncher.asking(house.socket(), "ps")) {
                assertThat(next.exit()).isEqualTo(3);
            }
        }
    }

    /** Sends a frame that belongs to a running command, with whatever in it. */
    private static void chance(Random random, PlayedLauncher launcher) throws IOException {
        var payload = new byte[5];
        random.nextBytes(payload);
        switch (random.nextInt(5)) {
            case 0 -> launcher.send(Frame.Type.SIGNAL, payload[0]);
            case 1 -> launcher.send(Frame.Type.SIZE, Arrays.copyOf(payload, 4));
            case 2 -> {
                payload[0] &= 1;
                launcher.send(Frame.Type.LOST, payload);
            }
            case 3 -> launcher.written(payload[0] & 1, 0);
            default -> launcher.send(Frame.Type.INPUT_END);
        }
    }

    /** The supervisor may have hung up already. */
    private static void tell(Lie lie, PlayedLauncher launcher) {
        try {
            lie.tell(launcher);
        } catch (IOException cutOff) {
            assertThat(cutOff).hasMessageMatching("Broken pipe|Connection reset.*");
        }
    }

    private static List<PlayedLauncher.Received> rest(PlayedLauncher launcher) {
        try {
            return launcher.next().stream().toList();
        } catch (IOException reset) {
            return List.of();
        }
    }
}
