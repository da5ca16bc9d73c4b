package dev.fcvm.machine.wake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WakingsTest {

    private final MachineId machine = MachineId.random();
    private final Wakings wakings = new Wakings();

    @Test
    void shouldWakeOnceForAllWhoWantItAtOnce() throws Exception {
        var begun = new CountDownLatch(1);
        var wanted = new CountDownLatch(1);
        var woken = new AtomicInteger();
        List<FutureTask<Boolean>> callers = new ArrayList<>();
        callers.add(start(() -> {
            woken.incrementAndGet();
            begun.countDown();
            wanted.await();
        }));
        begun.await();
        assertThat(wakings.isUnderWay(machine)).isTrue();
        for (int number = 0; number < 5; number++) {
            callers.add(start(woken::incrementAndGet));
        }
        wanted.countDown();
        for (FutureTask<Boolean> caller : callers) {
            caller.get();
        }
        assertThat(wakings.isUnderWay(machine)).isFalse();
        wakings.wake(MachineId.random(), () -> {});
    }

    @Test
    void shouldTellAllWhyItDoesNotWakeAndTryAnew() throws Exception {
        var fails = new CompletableFuture<Boolean>();
        FutureTask<Boolean> first = start(() -> {
            fails.join();
            throw new FcvmException(Kind.HOST, "there is no room");
        });
        while (!wakings.isUnderWay(machine)) {
            Thread.onSpinWait();
        }
        FutureTask<Boolean> second = new FutureTask<>(() -> wake(() -> {}));
        Thread waiting = Thread.ofPlatform().start(second);
        while (waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        fails.complete(true);
        for (FutureTask<Boolean> caller : List.of(first, second)) {
            assertThatThrownBy(caller::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            FcvmException.class, why -> assertThat(why.kind()).isEqualTo(Kind.HOST))
                    .hasMessage("there is no room");
        }
        assertThat(wake(() -> {})).isTrue();
    }

    @Test
    void shouldGoOnWakingForOthersWhenWhoeverWantedItFirstIsGone() throws Exception {
        var goes = new CompletableFuture<Boolean>();
        var gone = new FutureTask<>(() -> wake(goes::join));
        Thread first = Thread.ofPlatform().start(gone);
        while (!wakings.isUnderWay(machine)) {
            Thread.onSpinWait();
        }
        first.interrupt();
        assertThatThrownBy(gone::get).cause().isInstanceOf(InterruptedException.class);
        assertThat(wakings.isUnderWay(machine)).isTrue();
        goes.complete(true);
        assertThat(wake(() -> {})).isTrue();
    }

    private FutureTask<Boolean> start(Wakings.Work work) {
        var task = new FutureTask<>(() -> wake(work));
        Thread.ofVirtual().start(task);
        return task;
    }

    private boolean wake(Wakings.Work work) throws FcvmException, InterruptedException {
        wakings.wake(machine, work);
        return true;
    }
}
