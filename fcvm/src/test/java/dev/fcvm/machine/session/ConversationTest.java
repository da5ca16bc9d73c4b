package dev.fcvm.machine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ContainerStart;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.link.Link;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import dev.fcvm.machine.log.LogQuery;
import dev.fcvm.machine.log.LogView;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.log.Position;
import dev.fcvm.vmm.VmExit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A conversation over a real link with a scripted guest. */
@Timeout(30)
class ConversationTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();
    private final BlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();
    private final Recorder recorder = new Recorder();
    private final FakeVm vm = new FakeVm();
    private ScriptedGuest guest;
    private boolean interactive;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws Exception {
        guest = new ScriptedGuest();
    }

    @AfterEach
    void stop() {
        guest.close();
    }

    @Test
    void shouldCarryStreamsAndReturnTheContainersExitCode() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            var start = (Message.Start) link.receive();
            assertThat(start.container()).isEqualTo("c");
            assertThat(start.environment()).containsExactly("A=secret");
            assertThat(start.plan()).isEqualTo("{plan}");
            var run = (Message.Attach) link.receive();
            link.send(new Message.Attached("c", 0, 0));
            link.send(new Message.Started("c", 20));
            byte[] input = link.joinStream(run.stdin()).input().readAllBytes();
            try (var stdout = link.joinStream(run.stdout()).output();
                    var stderr = link.joinStream(run.stderr()).output()) {
                stdout.write(input);
                stderr.write("oops".getBytes(StandardCharsets.UTF_8));
            }
            link.send(exited(42));
        });
        var input = Channels.newChannel(new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8)));
        var stdio = new Stdio(Optional.of(input), Optional.of(output), Optional.of(error));

        int code = converse(stdio, conversation -> {
            return run(conversation, "{plan}", List.of("A=secret"));
        });

        assertThat(code).isEqualTo(42);
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("hello");
        assertThat(error.toString(StandardCharsets.UTF_8)).isEqualTo("oops");
        assertThat(recorder.phases()).containsExactlyInAnyOrder(Phase.CONTAINER_STARTED, Phase.FIRST_BYTE);
    }

    @Test
    void shouldLogTheOutputThatNobodyWatches() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            var run = (Message.Attach) link.receive();
            assertThat(run.stdin()).isZero();
            link.send(new Message.Attached("c", 0, 0));
            try (var stdout = link.joinStream(run.stdout()).output();
                    var stderr = link.joinStream(run.stderr()).output()) {
                stdout.write("out".getBytes(StandardCharsets.UTF_8));
                stderr.write("err".getBytes(StandardCharsets.UTF_8));
            }
            link.send(exited(0));
        });

        assertThat(converse(silent(), conversation -> run(conversation, "", List.of())))
                .isZero();

        assertThat(logged(Output.STDOUT)).isEqualTo("out");
        assertThat(logged(Output.STDERR)).isEqualTo("err");
    }

    @Test
    void shouldHaveAllOutputOfAContainerThatIsOverBeforeItsOutputBegins() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            link.send(exited(3));
            var run = (Message.Attach) link.receive();
            link.send(new Message.Attached("c", 0, 0));
            try (var stdout = link.joinStream(run.stdout()).output();
                    var _ = link.joinStream(run.stderr()).output()) {
                stdout.write("out".getBytes(StandardCharsets.UTF_8));
            }
        });
        var stdio = new Stdio(Optional.empty(), Optional.of(output), Optional.empty());

        assertThat(converse(stdio, conversation -> run(conversation, "", List.of())))
                .isEqualTo(3);

        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("out");
    }

    @Test
    void shouldBeginTheLogWhereTheGuestsOutputDoes() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            var run = (Message.Attach) link.receive();
            link.send(new Message.Attached("c", 1000, 0));
            try (var stdout = link.joinStream(run.stdout()).output();
                    var _ = link.joinStream(run.stderr()).output()) {
                stdout.write("rest".getBytes(StandardCharsets.UTF_8));
            }
            link.send(exited(0));
        });

        assertThat(converse(silent(), conversation -> run(conversation, "", List.of())))
                .isZero();

        try (OutputLog log = OutputLog.open(directory, OutputLog.DEFAULT_LIMIT, Clock.systemUTC())) {
            assertThat(log.position()).isEqualTo(new Position(1004, 0));
        }
    }

    @Test
    void shouldGiveUpWithTheConsolesLastLinesWhenTheAgentNeverAnswers() {
        guest.play(link -> link.receive());

        assertThatThrownBy(() -> converse(silent(), conversation -> {
                    conversation.awaitReady(Duration.ofMillis(300));
                    return 0;
                }))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("did not answer within 0.3 s")
                .hasMessageContaining("FCVM_BOOT_TIMEOUT")
                .hasMessageContaining(FakeVm.CONSOLE);
    }

    @Test
    void shouldTellTheConsolesLastLinesWhenTheMachineDiesAtBoot() {
        events.add(new RunEvent.MachineEnded(new VmExit.Panicked()));

        assertThatThrownBy(() -> converse(silent(), conversation -> {
                    conversation.awaitReady(LONG);
                    return 0;
                }))
                .hasMessageContaining("the machine panicked while it booted")
                .hasMessageContaining(FakeVm.CONSOLE);
    }

    @Test
    void shouldFailWhenTheMachineEndsBeforeTheContainer() {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            link.receive();
            events.add(new RunEvent.MachineEnded(new VmExit.MonitorFailed(137, "killed\u001b[2J")));
            link.receive();
        });

        assertThatThrownBy(() -> converse(silent(), conversation -> {
                    return run(conversation, "", List.of());
                }))
                .hasMessageContaining("before the container's exit code was known")
                .hasMessageContaining("killed by signal 9")
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\u001b"));
    }

    @Test
    void shouldEndTheRunWhenTheAgentDoesNotEvenSayThatASignalHasArrived() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            link.receive();
            events.add(new RunEvent.Signalled(LinuxSignal.TERM));
            link.receive();
        });

        Conversation.End end = converse(silent(), Duration.ofMillis(50), conversation -> {
            return end(conversation, "", List.of());
        });

        assertThat(end).isEqualTo(new Conversation.End.Over(143, false, true));
        assertThat(recorder.notes()).singleElement().asString().contains("did not answer signal TERM");
    }

    @Test
    void shouldWaitForAContainerThatTakesItsTimeOverASignalItHas() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            silence(link);
            events.add(new RunEvent.Signalled(LinuxSignal.TERM));
            assertThat(link.receive()).isEqualTo(new Message.Signal("c", 15));
            link.send(new Message.Signalled("c", 15));
            // USR1 ends nothing, so nobody waits for its answer.
            events.add(new RunEvent.Signalled(LinuxSignal.USR1));
            assertThat(link.receive()).isEqualTo(new Message.Signal("c", 10));
            Thread.sleep(Duration.ofMillis(300)); // three times what would be too long without an answer
            link.send(exited(0));
        });

        Conversation.End end = converse(silent(), Duration.ofMillis(100), conversation -> {
            return end(conversation, "", List.of());
        });

        assertThat(end).isEqualTo(new Conversation.End.Over(0, false, false));
    }

    @Test
    void shouldNotWaitForStreamsThatAGuestNeverEnds() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            var run = (Message.Attach) link.receive();
            link.send(new Message.Attached("c", 0, 0));
            link.joinStream(run.stdout()).output().write('x');
            link.send(exited(3));
        });
        var stdio = new Stdio(Optional.empty(), Optional.of(output), Optional.empty());

        Conversation.End end = converse(stdio, Duration.ofMillis(50), conversation -> {
            return end(conversation, "", List.of());
        });

        assertThat(end).isEqualTo(new Conversation.End.Over(3, false, false));
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("x");
        assertThat(recorder.notes()).hasSize(2).allMatch(note -> note.contains("did not end the container's output"));
    }

    @Test
    void shouldFailWhenTheContainersOutputCannotBeWritten() {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            var run = (Message.Attach) link.receive();
            link.send(new Message.Attached("c", 0, 0));
            link.joinStream(run.stdout()).output().write('x');
            link.send(exited(0));
        });
        var full = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("No space left on device");
            }
        };

        assertThatThrownBy(() ->
                        converse(new Stdio(Optional.empty(), Optional.of(full), Optional.empty()), conversation -> {
                            return run(conversation, "", List.of());
                        }))
                .hasMessageContaining("cannot write the container's output: No space left on device");
    }

    @Test
    void shouldHaveTheMonitorForgetThePlanOnceTheContainerIsStarted() throws Exception {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            silence(link);
            link.send(new Message.Started("c", 20));
            vm.forgotten().await();
            link.send(exited(0));
        });

        assertThat(converse(silent(), conversation -> {
                    return run(conversation, "", List.of());
                }))
                .isZero();
    }

    @Test
    void shouldTellTheAgentsReasonMadeHarmless() {
        guest.play(link -> {
            link.send(new Message.Ready("1", 10, List.of(), List.of()));
            link.receive();
            link.receive();
            link.send(new Message.Failed("c", "no podman\u001b]0;x\u0007 here"));
        });

        assertThatThrownBy(() -> converse(silent(), conversation -> {
                    return run(conversation, "", List.of());
                }))
                .hasMessageContaining("no podman")
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\u001b", "\u0007"));
    }

    @Test
    void shouldRefuseAnAgentThatSpeaksOfAContainerBeforeItIsReady() {
        guest.play(link -> link.send(exited(0)));

        assertThatThrownBy(() -> converse(silent(), conversation -> {
                    conversation.awaitReady(LONG);
                    return 0;
                }))
                .hasMessageContaining("before it was ready");
    }

    @Test
    void shouldLetAMachineGoThatIsTakenOverAndPausedAndCannotAnswer() throws Exception {
        guest.play(link -> events.add(new RunEvent.LetGo()));

        Conversation.Answer answer = converse(silent(), LONG, conversation -> conversation.awaitAnswer(LONG));

        assertThat(answer).isEqualTo(new Conversation.Answer.LetGo());
    }

    /** Has a container that writes nothing. */
    private static void silence(Link link) throws Exception {
        var run = (Message.Attach) link.receive();
        link.send(new Message.Attached("c", 0, 0));
        link.joinStream(run.stdout()).output().close();
        link.joinStream(run.stderr()).output().close();
    }

    private static Message.Exited exited(int code) {
        return new Message.Exited("c", new ExitRecord(code, false, 0, 0, 0));
    }

    private static Stdio silent() {
        return new Stdio(Optional.empty(), Optional.empty(), Optional.empty());
    }

    private String logged(Output which) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (LogView view = LogView.open(directory, LogQuery.ALL, ZoneOffset.UTC, Map.of(which, bytes))
                .orElseThrow()) {
            view.show();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private int run(Conversation conversation, String plan, List<String> environment)
            throws FcvmException, InterruptedException {
        return ((Conversation.End.Over) end(conversation, plan, environment)).code();
    }

    private Conversation.End end(Conversation conversation, String plan, List<String> environment)
            throws FcvmException, InterruptedException {
        conversation.awaitReady(LONG);
        try (OutputLog log = OutputLog.open(directory, OutputLog.DEFAULT_LIMIT, Clock.systemUTC())) {
            conversation.start(new ContainerStart(
                    "c", plan, environment, List.of(), false, Optional.empty(), ContainerStart.OUTPUT_LIMIT));
            conversation.join(log, interactive, false, Optional.empty());
            return conversation.awaitEnd(log, () -> recorder.reached(Phase.CONTAINER_STARTED));
        } catch (IOException unclosed) {
            throw new UncheckedIOException(unclosed);
        }
    }

    private int converse(Stdio stdio, Talk<Integer> talk) throws FcvmException, InterruptedException {
        return converse(stdio, LONG, talk);
    }

    private <T> T converse(Stdio stdio, Duration patience, Talk<T> talk) throws FcvmException, InterruptedException {
        AgentSession agent = AgentSession.open(guest.hostsEnd(), this::note);
        var audience = new Audience(recorder);
        interactive = stdio.input().isPresent();
        try (var conversation = new Conversation("c", events, agent, vm, audience, patience);
                var _ = audience.join(stdio, recorder, true)) {
            return talk.with(conversation);
        }
    }

    private void note(AgentEvent event) {
        events.add(new RunEvent.FromAgent(event));
    }

    private interface Talk<T> {
        T with(Conversation conversation) throws FcvmException, InterruptedException;
    }
}
