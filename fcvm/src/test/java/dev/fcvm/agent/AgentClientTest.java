package dev.fcvm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.LinkException;
import dev.fcvm.link.Message;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AgentClientTest {

    @TempDir
    private Path directory;

    private final LinkedBlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();

    private AgentEvent next() throws InterruptedException {
        return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "nothing was heard");
    }

    @Test
    void shouldHandOnWhatTheAgentSaysInOrder() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentClient.listen(pair.host, events::add)) {
            pair.agent.send(new Message.Ready("1", 5));
            pair.agent.send(new Message.Exited(3));
            assertThat(next()).isEqualTo(new AgentEvent.Said(new Message.Ready("1", 5)));
            assertThat(next()).isEqualTo(new AgentEvent.Said(new Message.Exited(3)));
            assertThat(client.openStream().number()).isEqualTo(1);
        }
    }

    @Test
    void shouldSayWhyTheSessionIsOver() throws Exception {
        try (var pair = new AgentPair(directory);
                var client = AgentClient.listen(pair.host, events::add)) {
            assertThat(client.tell(new Message.Signal(1))).isTrue();
            assertThat(pair.agent.receive()).isEqualTo(new Message.Signal(1));
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
                var client = AgentClient.listen(pair.host, events::add)) {
            // Nine bytes each: a window of whole ones, one on its way into it, and the queue.
            int most = AgentPair.WINDOW / 9 + 1 + 64;
            int taken = 0;
            while (taken < most) {
                // Refused while the queue is full, which it is until its other end has caught up.
                if (client.tell(new Message.Signal(10))) {
                    taken++;
                } else {
                    Thread.onSpinWait();
                }
            }
            assertThat(client.tell(new Message.Signal(11))).isFalse();
            for (int i = 0; i < taken; i++) {
                assertThat(pair.agent.receive()).isEqualTo(new Message.Signal(10));
            }
        }
    }

    @Test
    void shouldTellTheListenerOnceWhenItIsClosedAndEndTheSession() throws Exception {
        try (var pair = new AgentPair(directory)) {
            AgentClient.listen(pair.host, events::add).close();
            assertThat(next()).isInstanceOf(AgentEvent.Gone.class);
            assertThatThrownBy(pair.host::openStream).isInstanceOf(LinkException.class);
            assertThat(events).isEmpty();
        }
    }

    @Test
    void shouldEndTheSessionOfAnAgentThatSendsMessagesWithoutEnd() throws Exception {
        try (var pair = new AgentPair(directory);
                var _ = AgentClient.listen(pair.host, events::add)) {
            Thread.startVirtualThread(() -> {
                try {
                    while (true) {
                        pair.agent.send(new Message.Started(1));
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
                var client = AgentClient.listen(pair.host, events::add)) {
            // An agent of ours strips what a terminal obeys; one that does not is cut off by the link
            // (HostileMessageTest).
            pair.agent.send(new Message.Failed("\u001b[31mred\u0007\u009b1m"));
            assertThat(next())
                    .isInstanceOfSatisfying(
                            AgentEvent.Said.class,
                            said -> assertThat(((Message.Failed) said.message())
                                            .reason()
                                            .chars())
                                    .noneMatch(Character::isISOControl));
            assertThat(client.openStream().number()).isEqualTo(1);
        }
    }
}
