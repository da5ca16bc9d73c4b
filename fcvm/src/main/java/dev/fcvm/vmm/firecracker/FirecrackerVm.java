package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.ApiConnection;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.VmState;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A machine under Firecracker, which can do more than others: its API takes every call while the machine runs. */
public final class FirecrackerVm implements RunningVm {

    /** Where the agent listens. */
    private static final int AGENT_PORT = 1024;

    private final Monitor monitor;
    private final ApiConnection api;
    private final VsockDialer dialer;
    private final boolean plan;

    FirecrackerVm(Monitor monitor, ApiConnection api, VsockDialer dialer, boolean plan) {
        this.monitor = monitor;
        this.api = api;
        this.dialer = dialer;
        this.plan = plan;
        monitor.watch(this::verdict);
        monitor.endWhenGuestHalts();
    }

    @Override
    public VmHandle handle() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void letGo() {
        throw new UnsupportedOperationException("not yet");
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
    public boolean hasPlan() {
        return plan;
    }

    @Override
    public void forgetPlan() throws FcvmException, InterruptedException {
        if (plan) {
            call(new Mmds.Contents("{}"));
        }
    }

    @Override
    public void pause() throws FcvmException, InterruptedException {
        call(VmState.PAUSED);
    }

    @Override
    public void resume() throws FcvmException, InterruptedException {
        call(VmState.RESUMED);
    }

    @Override
    public List<String> warnings() {
        return KnownFault.warnings(api.version());
    }

    /** Returns Firecracker's version. */
    public FirecrackerVersion version() {
        return api.version();
    }

    /**
     * Makes a call. Paths in it are those of Firecracker's jail: of the host's files it sees the machine's own, and
     * those in the directory of the machine's sockets, which is {@code /sockets} in there.
     *
     * @throws FcvmException when Firecracker refuses it, cannot do it in its version, or does not answer in time
     */
    public void call(ApiCall call) throws FcvmException, InterruptedException {
        try {
            api.call(call);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Makes a call that asks something, and returns the answer; otherwise as {@link #call}. */
    public <A> A ask(ApiCall.Get<A> call) throws FcvmException, InterruptedException {
        try {
            return api.ask(call);
        } catch (IOException e) {
            throw failure(e);
        }
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
    public void close() throws FcvmException {
        try (api) {
            monitor.close();
        }
    }

    private FcvmException failure(IOException trouble) {
        String why = monitor.isAlive() ? trouble.getMessage() : "it has ended";
        return new FcvmException(Kind.VMM, "the machine does not obey: " + why, trouble);
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
