package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A machine under Firecracker. */
final class FirecrackerVm implements RunningVm {

    /** Where the agent listens. */
    private static final int AGENT_PORT = 1024;

    private final Monitor monitor;
    private final FirecrackerApi api;
    private final VsockDialer dialer;

    FirecrackerVm(Monitor monitor, FirecrackerApi api, VsockDialer dialer) {
        this.monitor = monitor;
        this.api = api;
        this.dialer = dialer;
        monitor.watch(this::verdict);
    }

    @Override
    public long pid() {
        return monitor.pid();
    }

    @Override
    public ByteChannel dialAgent() throws IOException, InterruptedException {
        return dialer.dial(AGENT_PORT);
    }

    @Override
    public void pause() throws FcvmException, InterruptedException {
        call(ApiCall.VmState.PAUSED);
    }

    @Override
    public void resume() throws FcvmException, InterruptedException {
        call(ApiCall.VmState.RESUMED);
    }

    @Override
    public Optional<VmExit> awaitExit(Duration atMost) throws InterruptedException {
        return monitor.awaitExit(atMost);
    }

    @Override
    public Path consoleLog() {
        return monitor.console().path();
    }

    @Override
    public String consoleTail(int lines) {
        return monitor.console().tail(lines);
    }

    @Override
    public void close() {
        monitor.close();
        api.close();
    }

    private void call(ApiCall call) throws FcvmException, InterruptedException {
        try {
            api.call(call);
        } catch (IOException e) {
            throw new FcvmException(Kind.VMM, "the machine does not obey: " + e.getMessage(), e);
        }
    }

    /** Tells how the machine ended whose Firecracker ended by itself with this code: 0 after a reset by the guest. */
    private VmExit verdict(int code) {
        if (code == 0) {
            return monitor.resetOrPanic();
        }
        String words = monitor.lastWords();
        return new VmExit.MonitorFailed(
                code, words.isEmpty() ? monitor.console().tail(1) : words);
    }
}
