package dev.fcvm.machine.session;

import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A machine of which there is nothing but a console. */
final class FakeVm implements RunningVm {

    static final String CONSOLE = "the last thing it said";

    private final CountDownLatch forgotten = new CountDownLatch(1);

    @Override
    public boolean hasPlan() {
        return true;
    }

    @Override
    public long pid() {
        return 0;
    }

    @Override
    public ByteChannel dialAgent() throws IOException {
        throw new IOException("nobody is there");
    }

    /** Has been counted down when the plan has been forgotten. */
    CountDownLatch forgotten() {
        return forgotten;
    }

    @Override
    public void forgetPlan() {
        forgotten.countDown();
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public Optional<VmExit> awaitExit(Duration atMost) {
        return Optional.empty();
    }

    @Override
    public String consoleText() {
        return CONSOLE;
    }

    @Override
    public VmHandle handle() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void letGo() {}

    @Override
    public String consoleTail(int lines) {
        return CONSOLE;
    }

    @Override
    public void close() {}
}
