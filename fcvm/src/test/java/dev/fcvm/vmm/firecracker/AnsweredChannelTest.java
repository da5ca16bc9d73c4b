package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnsweredChannelTest {

    /** Says one byte as often as it is asked. */
    private static final class Talkative implements ByteChannel {
        private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

        @Override
        public int read(ByteBuffer target) {
            target.put((byte) 1);
            return 1;
        }

        @Override
        public int write(ByteBuffer source) {
            return source.remaining();
        }

        @Override
        public boolean isOpen() {
            return !closed.isDone();
        }

        @Override
        public void close() {
            closed.complete(true);
        }
    }

    @Test
    void shouldCloseAConnectionOnWhichNothingComes() throws Exception {
        var silent = new Talkative();
        ByteChannel watched = AnsweredChannel.within(silent, Duration.ofMillis(1));
        assertThat(silent.closed.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(watched.isOpen()).isFalse();
    }

    @Test
    void shouldLeaveAConnectionAloneOnWhichSomethingHasCome() throws Exception {
        var talkative = new Talkative();
        ByteChannel watched = AnsweredChannel.within(talkative, Duration.ofDays(1));
        assertThat(watched.read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(watched.isOpen()).isTrue();
        watched.close();
        assertThat(talkative.isOpen()).isFalse();
    }
}
