package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.file.LockFile;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoreLocksTest {

    @TempDir
    Path store;

    @Test
    void shouldLetOneThreadInAtATime() throws Exception {
        StoreLocks locks = new StoreLocks(store.resolve("locks"));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 50; round++) {
                    try (LockFile _ = locks.image("ab" + round)) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most).hasValue(1);
    }

    @Test
    void shouldWaitForAnotherProcessAndGoOnWhenThatIsKilled() throws Exception {
        Process other = StoreChild.start("catalogue", store);
        CountDownLatch taken = new CountDownLatch(1);
        StoreLocks locks = new StoreLocks(store.resolve("locks"));
        Thread waiting = Thread.ofPlatform().start(() -> {
            try (LockFile _ = locks.catalogue()) {
                taken.countDown();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(taken.await(200, java.util.concurrent.TimeUnit.MILLISECONDS)).isFalse();
        other.destroyForcibly().waitFor();

        waiting.join();
        assertThat(taken.getCount()).isZero();
    }

    @Test
    void shouldStopWaitingWhenInterruptedAndBeThereForTheNext() throws Exception {
        StoreLocks locks = new StoreLocks(store.resolve("locks"));
        AtomicInteger interrupted = new AtomicInteger();
        Process other = StoreChild.start("catalogue", store);
        try {
            for (int i = 0; i < 2; i++) {
                Thread waiting = Thread.ofPlatform().start(() -> {
                    try (LockFile _ = locks.catalogue()) {
                        interrupted.set(-100);
                    } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                waiting.interrupt();
                waiting.join();
            }
            assertThat(interrupted).hasValue(2);
        } finally {
            other.destroyForcibly().waitFor();
        }
        try (LockFile held = locks.catalogue()) {
            assertThat(held).isNotNull();
        }
    }
}
