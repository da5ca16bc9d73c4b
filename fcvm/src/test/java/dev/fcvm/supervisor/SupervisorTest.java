package dev.fcvm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.command.CommandContext;
import dev.fcvm.command.Subscription;
import dev.fcvm.command.Terminal;
import dev.fcvm.host.process.CallerEnvironment;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.text.RawText;
import dev.fcvm.link.message.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SupervisorTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    @Test
    void shouldRunACommandInTheCallersSurroundingsAndReturnItsExitCode() throws Exception {
        var seen = new CompletableFuture<CommandContext>();
        var words = new CompletableFuture<List<String>>();
        try (var house = new TestSupervisor(directory, LONG, (context, given) -> {
                    seen.complete(context);
                    words.complete(given);
                    return 42;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "ps", "na\u00efve")) {
            assertThat(launcher.exit()).isEqualTo(42);
            // The byte EF alone is no UTF-8, and still the same byte.
            assertThat(RawText.encode(words.join().get(1))).isEqualTo(new byte[] {'n', 'a', (byte) 0xef, 'v', 'e'});
            assertThat(seen.join().environment()).containsEntry("A", "B").containsEntry("FCVM_HOME", "/opt/fcvm");
            assertThat(seen.join().directory()).isEqualTo(Path.of("/somewhere"));
            assertThat(seen.join().umask()).isEqualTo(027);
            assertThat(seen.join().process()).isEqualTo(4711);
            assertThat(seen.join().outputIsTerminal()).isFalse();
            assertThat(seen.join().errorIsTerminal()).isTrue();
            assertThat(seen.join().terminal().map(Terminal::size)).contains(new TerminalSize(80, 25));
        }
    }

    @Test
    void shouldStartToolsInTheCallersEnvironmentFromEveryThreadOfItsCommand() throws Exception {
        var found = new CompletableFuture<String>();
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    found.complete(Tool.named("printenv", "coreutils")
                                            .with("A")
                                            .run()
                                            .output());
                                } catch (Exception e) {
                                    found.completeExceptionally(e);
                                }
                            })
                            .join();
                    return 0;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
            launcher.exit();
            assertThat(found.join()).isEqualTo("B\n");
            assertThat(CallerEnvironment.get()).isEqualTo(System.getenv());
        }
    }

    @Test
    void shouldSendNoMoreOutputThanTheLauncherHasRoomFor() throws Exception {
        byte[] much = new byte[3 * ClientOutput.WINDOW];
        var finished = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    context.output().write(much);
                    finished.countDown();
                    return 0;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "cat")) {
            launcher.await(Frame.Type.WELCOME);
            int received = 0;
            while (received < ClientOutput.WINDOW) {
                received += launcher.await(Frame.Type.OUTPUT).payload().length;
            }
            assertThat(received).isEqualTo(ClientOutput.WINDOW);
            assertThat(finished.getCount()).isEqualTo(1);
            launcher.written(0, received);
            assertThat(launcher.exit()).isZero();
        }
    }

    @Test
    void shouldEndACommandOnlyWhenItsOutputIsWritten() throws Exception {
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    context.print("hello");
                    context.settle();
                    return 0;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
            launcher.await(Frame.Type.WELCOME);
            assertThat(launcher.await(Frame.Type.OUTPUT).text()).isEqualTo("hello\n");
            assertThat(house.supervisor().running()).isEqualTo(1);
            launcher.written(0, 6);
            assertThat(launcher.await(Frame.Type.EXIT).payload()).containsExactly(0);
        }
    }

    @Test
    void shouldFailACommandsWriteForTheReasonForWhichTheLaunchersFailed() throws Exception {
        var reason = new CompletableFuture<String>();
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    try {
                        context.print("hello");
                        context.settle();
                    } catch (CommandContext.NobodyReads unwritten) {
                        reason.complete(unwritten.why().getMessage());
                    }
                    return 0;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
            launcher.await(Frame.Type.OUTPUT, Frame.Type.WELCOME);
            launcher.send(
                    Frame.Type.LOST,
                    ByteBuffer.allocate(5).put((byte) 0).putInt(28).array());
            launcher.exit();
            assertThat(reason.join()).isEqualTo("No space left on device");
        }
    }

    @Test
    void shouldReadNothingFromTheCallersInputBeforeTheCommandDoes() throws Exception {
        var open = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    open.await();
                    var all = new ByteArrayOutputStream();
                    ByteBuffer buffer = ByteBuffer.allocate(1000);
                    try (ReadableByteChannel input = context.input()) {
                        while (input.read(buffer.clear()) >= 0) {
                            all.write(buffer.array(), 0, buffer.position());
                        }
                    }
                    return all.size() / 1000;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "cat")) {
            launcher.await(Frame.Type.WELCOME);
            open.countDown();
            int left = 200_000;
            while (left > 0) {
                int wanted = ByteBuffer.wrap(launcher.await(Frame.Type.WANTED).payload())
                        .getInt();
                for (int sent = 0; sent < wanted && left > 0; ) {
                    int part = Math.min(Math.min(wanted - sent, 50_000), left);
                    launcher.send(Frame.Type.INPUT, new byte[part]);
                    sent += part;
                    left -= part;
                }
            }
            launcher.send(Frame.Type.INPUT_END);
            assertThat(launcher.exit()).isEqualTo(200);
        }
    }

    @Test
    void shouldKeepASignalUntilTheCommandAsksForIt() throws Exception {
        var sent = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    sent.await();
                    var signals = new LinkedBlockingQueue<LinuxSignal>();
                    try (Subscription _ = context.signals().subscribe(signals::add)) {
                        return 128 + signals.take().number();
                    }
                });
                var launcher = PlayedLauncher.asking(house.socket(), "run")) {
            launcher.await(Frame.Type.WELCOME);
            launcher.send(Frame.Type.SIGNAL, (byte) 15);
            sent.countDown();
            assertThat(launcher.exit()).isEqualTo(143);
        }
    }

    @Test
    void shouldTellACommandOfTheTerminalsSizeAndSetItRawForAsLongAsItWants() throws Exception {
        var sizes = new LinkedBlockingQueue<TerminalSize>();
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    Terminal terminal = context.terminal().orElseThrow();
                    try (Subscription _ = terminal.onResize(sizes::add);
                            Subscription _ = terminal.raw()) {
                        sizes.take();
                        return terminal.size().columns();
                    }
                });
                var launcher = PlayedLauncher.asking(house.socket(), "run")) {
            assertThat(launcher.await(Frame.Type.RAW, Frame.Type.WELCOME).payload())
                    .containsExactly(1);
            launcher.send(Frame.Type.SIZE, (byte) 0, (byte) 132, (byte) 0, (byte) 50);
            assertThat(launcher.await(Frame.Type.RAW).payload()).containsExactly(0);
            assertThat(launcher.exit()).isEqualTo(132);
        }
    }

    @Test
    void shouldTellACommandThatItsCallerWasKilled() throws Exception {
        var told = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
            context.print("begun");
            try (Subscription _ = context.signals().onGone(told::countDown)) {
                told.await();
            }
            return 0;
        })) {
            try (var launcher = PlayedLauncher.asking(house.socket(), "run")) {
                launcher.await(Frame.Type.OUTPUT, Frame.Type.WELCOME);
            }
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldInterruptACommandWhoseKilledCallerItDoesNotMind() throws Exception {
        var interrupted = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
            context.print("begun");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return 0;
        })) {
            try (var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
                launcher.await(Frame.Type.OUTPUT, Frame.Type.WELCOME);
            }
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldMakeRoomForAnotherDistributionsSupervisorAndFinishWhatItRuns() throws Exception {
        var finish = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
            finish.await();
            return 7;
        })) {
            try (var first = PlayedLauncher.asking(house.socket(), "run");
                    var second = new PlayedLauncher(house.socket())) {
                first.await(Frame.Type.WELCOME);
                second.greet("e".repeat(64));
                second.send(Frame.Type.BEGIN);
                second.await(Frame.Type.AGAIN);
                assertThat(house.socket()).doesNotExist();
                assertThatThrownBy(() -> new PlayedLauncher(house.socket())).isInstanceOf(IOException.class);
                finish.countDown();
                assertThat(first.exit()).isEqualTo(7);
            }
            house.awaitEnd();
        }
    }

    @Test
    void shouldNotWaitForCommandsThatGoOnWhenItIsInAHurry() throws Exception {
        var never = new CountDownLatch(1);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    never.await();
                    return 7;
                });
                var launcher = PlayedLauncher.asking(house.socket(), "events")) {
            launcher.await(Frame.Type.WELCOME);
            house.supervisor().end("first it had time");
            house.supervisor().hurry("then it had none");
            house.awaitEnd();
            assertThat(house.log()).contains("1 commands are cut off");
            never.countDown();
        }
    }

    @Test
    void shouldSendALauncherWhereItsCommandBelongs() throws Exception {
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> 0);
                var own = PlayedLauncher.asking(house.socket(), "init");
                var other = new PlayedLauncher(house.socket())) {
            own.await(Frame.Type.YOURSELF);
            other.greet(PlayedLauncher.DIGEST);
            other.send(Frame.Type.REQUEST, PlayedLauncher.request(List.of("ps"), List.of("DATA=/other/data"), "/"));
            other.send(Frame.Type.BEGIN);
            assertThat(other.await(Frame.Type.ELSEWHERE).text()).isEqualTo("/other/data");
        }
    }

    @Test
    void shouldEndAfterAWhileWithNothingToDo() throws Exception {
        try (var house = new TestSupervisor(directory, Duration.ofMillis(1), (context, words) -> 0)) {
            house.awaitEnd();
            assertThat(house.socket()).doesNotExist();
        }
    }

    @Test
    void shouldEndWhenItsSocketIsGoneSoThatNobodyFindsIt() throws Exception {
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> 0)) {
            try (var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
                launcher.exit();
            }
            Files.delete(house.socket());
            house.awaitEnd();
            assertThat(house.log()).contains("its socket is gone");
        }
    }

    @Test
    void shouldServeManyAtOnce() throws Exception {
        var all = new CountDownLatch(100);
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
            all.countDown();
            all.await();
            return Integer.parseInt(words.getFirst());
        })) {
            List<PlayedLauncher> launchers = new ArrayList<>();
            for (int number = 0; number < 100; number++) {
                launchers.add(PlayedLauncher.asking(house.socket(), Integer.toString(number)));
            }
            for (int number = 0; number < 100; number++) {
                try (PlayedLauncher launcher = launchers.get(number)) {
                    assertThat(launcher.exit()).isEqualTo(number);
                }
            }
        }
    }

    @Test
    void shouldReportADefectOfACommandAndGoOn() throws Exception {
        try (var house = new TestSupervisor(directory, LONG, (context, words) -> {
                    throw new IllegalStateException("broken");
                });
                var launcher = PlayedLauncher.asking(house.socket(), "ps")) {
            assertThat(launcher.await(Frame.Type.ERRORS, Frame.Type.WELCOME).text())
                    .contains("this is a defect of fcvm");
            assertThat(launcher.await(Frame.Type.EXIT).payload()).containsExactly(125);
        }
    }
}
