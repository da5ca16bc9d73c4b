package dev.fcvm.machine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.file.DiskUse;
import dev.fcvm.settings.DataSize;
import dev.fcvm.vmm.RunningVm;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DiskWatchTest {

    /** No disk has as much free. */
    private static final DataSize FLOOR = new DataSize(1L << 60);

    private static final int LOOKS = 3;

    @TempDir
    private Path directory;

    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private RunningVm vm() {
        return (RunningVm) Proxy.newProxyInstance(
                RunningVm.class.getClassLoader(), new Class<?>[] {RunningVm.class}, (_, method, _) -> {
                    done.add(method.getName());
                    return null;
                });
    }

    /** A machine that is being saved, say: whoever lets it go on has its memory change while it is written. */
    @Test
    void shouldLeaveAMachineAloneThatStandsStillForAnotherReason() throws Exception {
        var asked = new AtomicInteger();
        var listener = new DiskWatch.Listener() {
            @Override
            public void warn(String line) {
                said.add(line);
            }

            @Override
            public boolean pauses() {
                done.add("asked");
                return asked.incrementAndGet() > LOOKS;
            }

            @Override
            public void resumed() {
                done.add("resumed");
            }
        };
        try (DiskWatch _ = DiskWatch.start(directory, List::of, FLOOR, vm(), listener)) {
            assertThat(said.poll(20, TimeUnit.SECONDS)).startsWith("paused, since the host's disk is full");
        }
        assertThat(done).containsExactly("asked", "asked", "asked", "asked", "pause");
        assertThat(said).isEmpty();
    }

    /** Such as a copy that fcvm map has added; one that was taken away takes no room. */
    @Test
    void shouldPauseAMachineThatFillsTheDiskWithWhatItWasGivenWhileItRan() throws Exception {
        Path added = Files.write(directory.resolve("added"), new byte[2 << 20]);
        Path gone = directory.resolve("gone");
        var looks = new AtomicInteger();
        var floor = new DataSize(2 * DiskUse.free(directory));
        var listener = new DiskWatch.Listener() {
            @Override
            public void warn(String line) {
                said.add(line);
            }

            @Override
            public boolean pauses() {
                return true;
            }

            @Override
            public void resumed() {}
        };
        try (DiskWatch _ = DiskWatch.start(
                directory, () -> List.of(looks.incrementAndGet() > LOOKS ? added : gone), floor, vm(), listener)) {
            assertThat(said.poll(20, TimeUnit.SECONDS)).startsWith("paused, since the host's disk is full");
        }
        assertThat(looks).hasValueGreaterThan(LOOKS);
    }
}
