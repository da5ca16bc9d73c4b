package dev.fcvm.image.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Work that is watched ends when it must, and what comes after it is not interrupted for it. */
@Timeout(60)
final class WatchedTest {

    private final FcvmException tooMuch = new FcvmException(FcvmException.Kind.HOST, "too much");

    @AfterEach
    void forget() {
        Thread.interrupted();
    }

    @Test
    void shouldEndWorkThatMustNotGoOn() {
        assertThatThrownBy(() -> Watched.run(() -> Optional.of(tooMuch), () -> Thread.sleep(Long.MAX_VALUE)))
                .isSameAs(tooMuch);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void shouldNotInterruptWhatComesAfterWorkThatHadEndedAlready() throws Exception {
        for (int i = 0; i < 20; i++) {
            var looked = new CountDownLatch(1);
            assertThatThrownBy(() -> Watched.run(
                            () -> {
                                looked.countDown();
                                return Optional.of(tooMuch);
                            },
                            () -> Uninterruptibly.await(looked)))
                    .isSameAs(tooMuch);
            assertThat(Thread.currentThread().isInterrupted()).as("round %d", i).isFalse();
            Thread.sleep(1); // throws, if an interruption was left
        }
    }

    @Test
    void shouldTellWhyWorkWasEndedThatFailedBecauseOfItAndLeaveNoInterruption() {
        var failure = new IOException("a file was half written");
        assertThatThrownBy(() ->
                        Watched.run(() -> Optional.of(new FcvmException(FcvmException.Kind.IMAGE, "too slow")), () -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                            throw failure;
                        }))
                .hasMessage("too slow")
                .hasSuppressedException(failure);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void shouldLeaveTheCallersOwnInterruption() {
        assertThatThrownBy(() -> Watched.run(Optional::empty, () -> {
                    Thread.currentThread().interrupt();
                    Thread.sleep(Long.MAX_VALUE);
                }))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void shouldGoOnAfterALookThatFails() throws Exception {
        var looks = new CountDownLatch(3);
        Watched.run(
                () -> {
                    looks.countDown();
                    throw new IOException("not now");
                },
                looks::await);
        assertThat(looks.getCount()).isZero();
    }

    /** Waiting that ends by itself only. */
    private static final class Uninterruptibly {
        static void await(CountDownLatch latch) {
            while (latch.getCount() > 0) {
                Thread.onSpinWait();
            }
        }
    }
}
