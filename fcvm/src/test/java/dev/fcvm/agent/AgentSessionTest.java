package dev.fcvm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExecStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AgentSessionTest {

    @TempDir
    private Path directory;

    private final LinkedBlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();

    private AgentEvent next() throws InterruptedException {
        return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "nothing was heard");
    }

    @Test
    void shouldHandOnWhatTheAgentSaysInOrder() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            var exit = new ExitRecord(3, true, 5, 6, 7);
            var status = new ContainerStatus("c", 1, 2, 3, 4, Optional.of(exit));
            pair.agent.send(new Message.Ready("1", 5, List.of(status), List.of()));
            pair.agent.send(new Message.Started("c", 6));
            pair.agent.send(new Message.Attached("c", 7, 8));
            pair.agent.send(new Message.Signalled("c", 9));
            pair.agent.send(new Message.Exited("c", exit));
            assertThat(next()).isEqualTo(new AgentEvent.Ready("1", 5, List.of(status), List.of()));
            assertThat(next()).isEqualTo(new AgentEvent.Started("c", 6));
            assertThat(next()).isEqualTo(new AgentEvent.Attached("c", 7, 8));
            assertThat(next()).isEqualTo(new AgentEvent.Signalled("c", 9));
            assertThat(next()).isEqualTo(new AgentEvent.Exited("c", exit));
            assertThat(client.signal("c", 1)).isTrue();
        }
    }

    @Test
    void shouldSayWhyTheSessionIsOver() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            assertThat(client.signal("c", 1)).isTrue();
            assertThat(pair.agent.receive()).isEqualTo(new Message.Signal("c", 1));
            pair.agent.close();
            assertThat(next())
                    .isInstanceOfSatisfying(
                            AgentEvent.Gone.class,
                            gone -> assertThat(gone.reason()).contains("the guest's agent has ended the session"));
        }
    }

    @Test
    void shouldNeverHoldTheCallerUpForAnAgentThatDoesNotListen() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            // Fourteen bytes each: a window of whole ones, one on its way into it, and the queue.
            int most = AgentPair.WINDOW / 14 + 1 + 64;
            int taken = 0;
            while (taken < most) {
                // Refused while the queue is full, which it is until its other end has caught up.
                if (client.signal("c", 10)) {
                    taken++;
                } else {
                    Thread.onSpinWait();
                }
            }
            assertThat(client.signal("c", 11)).isFalse();
            for (int i = 0; i < taken; i++) {
                assertThat(pair.agent.receive()).isEqualTo(new Message.Signal("c", 10));
            }
        }
    }

    @Test
    void shouldTellTheListenerOnceWhenItIsClosedAndEndTheSession() throws Exception {
        try (var pair = new AgentPair(directory)) {
            AgentSession.open(pair.host, events::add).close();
            assertThat(next()).isInstanceOf(AgentEvent.Gone.class);
            assertThatThrownBy(pair.host::openStream).isInstanceOf(LinkException.class);
            assertThat(events).isEmpty();
        }
    }

    @Test
    void shouldEndTheSessionOfAnAgentThatSendsMessagesWithoutEnd() throws Exception {
        try (var pair = new AgentPair(directory);
                var _ = AgentSession.open(pair.host, events::add)) {
            Thread.startVirtualThread(() -> {
                try {
                    while (true) {
                        pair.agent.send(new Message.Started("c", 1));
                    }
                } catch (LinkException | InterruptedException over) {
                    return;
                }
            });
            AgentEvent last = next();
            int heard = 0;
            for (; !(last instanceof AgentEvent.Gone); heard++) {
                last = next();
            }
            assertThat(((AgentEvent.Gone) last).reason()).contains("sends messages without end");
            assertThat(heard).isEqualTo(1000);
        }
    }

    @Test
    void shouldHandOnNoTextThatATerminalObeys() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            // An agent of ours strips what a terminal obeys; one that does not is cut off by the link
            // (HostileMessageTest).
            pair.agent.send(new Message.Failed("c", "\u001b[31mred\u0007\u009b1m"));
            assertThat(next())
                    .isInstanceOfSatisfying(
                            AgentEvent.Failed.class,
                            failed -> assertThat(failed.reason().chars()).noneMatch(Character::isISOControl));
            assertThat(client.signal("c", 1)).isTrue();
        }
    }

    @Test
    void shouldSayWhichStreamsAreAContainers() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            var streams = client.attach("c", false, true, false, 5, 0);
            assertThat(streams.input()).isEmpty();
            assertThat(streams.error()).isEmpty();
            var output = streams.output().orElseThrow();
            assertThat(pair.agent.receive()).isEqualTo(new Message.Attach("c", 0, output.number(), 0, 5, 0));
        }
    }

    @Test
    void shouldTellTheNewestOfWhatIsKeptAndNothingLessInBetween() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            for (int i = 1; i <= 100_000; i++) {
                assertThat(client.kept("c", i, 2L * i)).isTrue();
            }
            Message.Kept last = (Message.Kept) pair.agent.receive();
            while (last.stdout() < 100_000) {
                var next = (Message.Kept) pair.agent.receive();
                assertThat(next.stdout()).isGreaterThan(last.stdout());
                last = next;
            }
            assertThat(last.stderr()).isEqualTo(200_000);
        }
    }

    @Test
    void shouldGiveACommandsOutcomeToWhoeverHasStartedIt() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            try (var one = client.exec(command("a"));
                    var two = client.exec(command("b"));
                    var three = client.exec(command("c"))) {
                var first = (Message.Exec) pair.agent.receive();
                var second = (Message.Exec) pair.agent.receive();
                pair.agent.receive();
                assertThat(first.command()).containsExactly("a");
                assertThat(first.stdin()).isEqualTo(one.stdin().orElseThrow().number());
                pair.agent.send(new Message.ExecStarted(first.exec()));
                pair.agent.send(new Message.ExecExited(second.exec(), 7, false));
                pair.agent.send(new Message.ExecFailed(first.exec(), "no\u0007"));
                pair.agent.send(new Message.ExecExited(first.exec(), 1, false));
                pair.agent.send(new Message.ExecExited(99, 1, false));
                assertThat(two.exit().get(20, TimeUnit.SECONDS)).isEqualTo(7);
                assertThat(one.started().get(20, TimeUnit.SECONDS)).isNull();
                assertThatThrownBy(() -> one.exit().get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(ExecFailure.class)
                        .hasMessageContaining("no");
                pair.agent.close();
                assertThatThrownBy(() -> three.exit().get(20, TimeUnit.SECONDS))
                        .hasMessageContaining("the session with the machine's agent is over");
            }
            assertThatThrownBy(() -> client.exec(command("d"))).isInstanceOf(LinkException.class);
        }
    }

    @Test
    void shouldTellHowCommandsOfEarlierSessionsEndAndGiveNoneOfTheirNumbersAgain() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentSession.open(pair.host, events::add)) {
            var runs = new ExecStatus(7, "left", Optional.empty());
            var over = new ExecStatus(9, "done", Optional.of(3));
            pair.agent.send(new Message.Ready("1", 5, List.of(), List.of(runs, over)));
            List<ExecSession> found = ((AgentEvent.Ready) next()).execs();
            assertThat(found).extracting(ExecSession::id).containsExactly("left", "done");
            assertThat(found.get(1).exit().get(20, TimeUnit.SECONDS)).isEqualTo(3);
            assertThat(found.get(0).exit()).isNotDone();
            pair.agent.send(new Message.ExecExited(7, 4, false));
            assertThat(found.get(0).exit().get(20, TimeUnit.SECONDS)).isEqualTo(4);

            found.get(0).kept();
            assertThat(pair.agent.receive()).isEqualTo(new Message.ExecKept(7));
            try (var _ = client.exec(command("a"))) {
                assertThat(((Message.Exec) pair.agent.receive()).exec()).isGreaterThan(9);
            }
        }
    }

    private static ExecRequest command(String program) {
        return new ExecRequest(
                "e".repeat(64), "c", List.of(), List.of(program), List.of(), Optional.empty(), true, true, true);
    }
}
