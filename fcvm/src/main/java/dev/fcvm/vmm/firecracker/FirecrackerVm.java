package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.ApiConnection;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.KnownFault;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.VmState;
import dev.fcvm.vmm.process.VmmProcess;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A machine under Firecracker, which can do more than others: its API takes every call while the machine runs. */
public final class FirecrackerVm implements RunningVm {

    /** Where the agent listens. */
    private static final int AGENT_PORT = 1024;

    private static final Duration FIRST_ANSWER = Duration.ofMillis(500);
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(16);

    private final VmmProcess monitor;
    private volatile boolean saved;
    private volatile boolean tracked;
    private Duration answerPatience = FIRST_ANSWER;
    /** Nothing when the machine had ended before it was taken over. */
    private final Optional<ApiConnection> api;

    private final VsockDialer dialer;

    private FirecrackerVm(VmmProcess monitor, Optional<ApiConnection> api, VsockDialer dialer) {
        this.monitor = monitor;
        this.api = api;
        this.dialer = dialer;
    }

    /**
     * Makes one, and begins to watch for its end. The connection is its own from now on, also when this fails.
     *
     * @param vsock Firecracker's socket to the guest
     */
    static FirecrackerVm of(VmmProcess monitor, Optional<ApiConnection> api, Path vsock) throws FcvmException {
        FirecrackerVm machine = new FirecrackerVm(monitor, api, new VsockDialer(vsock, monitor::isAlive));
        try (Pending made = new Pending(machine::hangUp)) {
            monitor.watch(machine::verdict);
            monitor.endWhenGuestHalts();
            made.handOver();
            return machine;
        }
    }

    private void hangUp() {
        api.ifPresent(ApiConnection::close);
    }

    @Override
    public VmHandle handle() {
        return monitor.handle();
    }

    @Override
    public void letGo() {
        monitor.letGo();
        hangUp();
    }

    @Override
    public void expectEnd() {
        monitor.expectEnd();
    }

    @Override
    public long pid() {
        return monitor.pid();
    }

    @Override
    public ByteChannel dialAgent() throws IOException, InterruptedException {
        ByteChannel channel = dialer.dial(AGENT_PORT);
        return saved ? AnsweredChannel.within(channel, nextPatience()) : channel;
    }

    /** A guest that is merely slow answers one of the next. */
    private synchronized Duration nextPatience() {
        Duration patience = answerPatience;
        answerPatience = patience.compareTo(LONGEST_ANSWER) < 0 ? patience.multipliedBy(2) : LONGEST_ANSWER;
        return patience;
    }

    /** Its guest is, or was, told to drop its connections: a new one may be among them. */
    void expectReset() {
        saved = true;
    }

    @Override
    public boolean hasPlan() {
        return handle().plan();
    }

    @Override
    public void forgetPlan() throws FcvmException, InterruptedException {
        if (hasPlan()) {
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
    public void reopen(int disk) throws FcvmException, InterruptedException {
        call(BootCalls.reopening(disk));
    }

    @Override
    public List<String> warnings() {
        return api.map(open -> KnownFault.warnings(open.version())).orElse(List.of());
    }

    @Override
    public void save() throws FcvmException, InterruptedException {
        expectReset();
        // The first diff of a machine is all that it has ever written, and the rest of the file is a hole.
        boolean diff = tracked && !KnownFault.DIFF_CORRUPT.isIn(version());
        call(new SnapshotCreate(
                VmSpec.EXCHANGE + "/" + VmSnapshot.STATE,
                VmSpec.EXCHANGE + "/" + VmSnapshot.MEMORY,
                Optional.of(diff ? SnapshotCreate.Type.DIFF : SnapshotCreate.Type.FULL)));
    }

    /** It keeps account of the memory it writes; nothing has been saved of it. */
    void isTracked() {
        tracked = true;
    }

    @Override
    public String monitor() {
        return api.map(open -> versionOf(open.version())).orElse("");
    }

    /** Returns Firecracker's version as {@link #monitor()} does. */
    static String versionOf(FirecrackerVersion version) {
        return "firecracker " + version;
    }

    /**
     * Returns Firecracker's version.
     *
     * @throws IllegalStateException when it had ended before it was taken over
     */
    public FirecrackerVersion version() {
        return api.orElseThrow(() -> new IllegalStateException("the machine has ended"))
                .version();
    }

    /**
     * Makes a call. Paths in it are those of Firecracker's jail: of the host's files it sees the machine's own, and
     * those in the directory of the machine's sockets, which is {@code /sockets} in there.
     *
     * @throws FcvmException when Firecracker refuses it, cannot do it in its version, or does not answer in time
     */
    public void call(ApiCall call) throws FcvmException, InterruptedException {
        try {
            api().call(call);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Makes a call that asks something, and returns the answer; otherwise as {@link #call}. */
    public <A> A ask(ApiCall.Get<A> call) throws FcvmException, InterruptedException {
        try {
            return api().ask(call);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public Optional<VmExit> awaitExit(Duration atMost) throws InterruptedException {
        return monitor.awaitExit(atMost);
    }

    @Override
    public String consoleText() {
        return monitor.console().text();
    }

    @Override
    public String consoleTail(int lines) {
        return monitor.console().tail(lines);
    }

    @Override
    public void close() throws FcvmException {
        try {
            monitor.close();
        } finally {
            hangUp();
        }
    }

    private ApiConnection api() throws FcvmException {
        return api.orElseThrow(() -> failure(new IOException("it has ended")));
    }

    private FcvmException failure(IOException trouble) {
        String why = monitor.isAlive() ? reason(trouble) : "it has ended";
        return new FcvmException(Kind.VMM, "the machine does not obey: " + why, trouble);
    }

    private static String reason(IOException trouble) {
        return trouble instanceof ClosedChannelException ? "firecracker closed the connection" : IoReason.of(trouble);
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
