package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.process.UnixSockets;
import dev.fcvm.vmm.process.VmmProcess;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** A machine under QEMU. */
final class QemuVm implements RunningVm {

    private static final Duration DIAL_PATIENCE = Duration.ofSeconds(30);
    private static final Duration FAREWELL_PATIENCE = Duration.ofSeconds(2);
    private static final long MIB = 1 << 20;
    /** The state of the devices, and what the stream says of each page. */
    private static final long MORE_MIB = 64;

    private final VmmProcess monitor;
    /** Nothing when the machine had ended before it was taken over. */
    private final Optional<QmpClient> control;

    private final QemuPaths paths;

    private QemuVm(VmmProcess monitor, Optional<QmpClient> control, QemuPaths paths) {
        this.monitor = monitor;
        this.control = control;
        this.paths = paths;
    }

    /** Makes one, and begins to watch for its end. The connection is its own from now on, also when this fails. */
    static QemuVm of(VmmProcess monitor, Optional<QmpClient> control, QemuPaths paths) throws FcvmException {
        QemuVm machine = new QemuVm(monitor, control, paths);
        try (Pending made = new Pending(machine::hangUp)) {
            monitor.watch(machine::verdict);
            made.handOver();
            return machine;
        }
    }

    private void hangUp() {
        control.ifPresent(QmpClient::close);
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
    public long pid() {
        return monitor.pid();
    }

    @Override
    public ByteChannel dialAgent() throws IOException, InterruptedException {
        return UnixSockets.connect(paths.link(), monitor::isAlive, DIAL_PATIENCE);
    }

    @Override
    public boolean hasPlan() {
        return handle().plan();
    }

    @Override
    public void pause() throws FcvmException, InterruptedException {
        execute("stop", "paused");
    }

    @Override
    public void resume() throws FcvmException, InterruptedException {
        execute("cont", "resumed");
    }

    @Override
    public void save() throws FcvmException, InterruptedException {
        if (handle().memoryMib() == 0) {
            throw new FcvmException(
                    Kind.VMM, "this machine cannot be saved: it was started by a former fcvm; start it anew");
        }
        Path exchange = monitor.handle().seen(VmSpec.EXCHANGE);
        try {
            SavedMachine.write(
                    control(),
                    paths.saved(),
                    QemuPaths.in(Path.of(handle().sockets()), Optional.empty()).saved(),
                    exchange.resolve(VmSnapshot.MEMORY),
                    (handle().memoryMib() + MORE_MIB) * MIB);
            // All is in the stream; who made it is what is left to say.
            Files.writeString(exchange.resolve(VmSnapshot.STATE), monitor() + "\n", StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new FcvmException(Kind.VMM, "the machine could not be saved: " + IoReason.of(e), e);
        }
    }

    @Override
    public String monitor() {
        return control.map(open -> versionOf(open.version())).orElse("");
    }

    /** Returns QEMU's version as {@link #monitor()} does. */
    static String versionOf(String version) {
        return "qemu " + version;
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

    private void execute(String command, String done) throws FcvmException, InterruptedException {
        try {
            control().execute(command);
        } catch (IOException e) {
            throw new FcvmException(Kind.VMM, "the machine could not be %s: %s".formatted(done, e.getMessage()), e);
        }
    }

    private QmpClient control() throws IOException {
        return control.orElseThrow(() -> new IOException("it has ended"));
    }

    /** Tells how the machine ended whose QEMU ended by itself with this code. */
    private VmExit verdict(int code) {
        QmpClient.Farewell farewell = control.map(QemuVm::farewell).orElse(new QmpClient.Farewell.None());
        if (code != 0) {
            String words = monitor.lastWords();
            return new VmExit.MonitorFailed(code, words.isEmpty() ? "qemu ended without a word" : words);
        }
        return switch (farewell) {
            case QmpClient.Farewell.Panic() -> new VmExit.Panicked();
            case QmpClient.Farewell.Shutdown(String reason) -> shutdown(reason);
            // It said so to nobody: its user was killed. It ends by itself for two reasons only.
            case QmpClient.Farewell.None() ->
                monitor.console().saysHalted() ? new VmExit.PoweredOff() : monitor.resetOrPanic();
        };
    }

    private static QmpClient.Farewell farewell(QmpClient control) {
        try {
            control.awaitEnd(FAREWELL_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return control.farewell();
    }

    private VmExit shutdown(String reason) {
        return switch (reason) {
            case "guest-shutdown" -> new VmExit.PoweredOff();
            case "guest-reset" -> monitor.resetOrPanic();
            case "guest-panic" -> new VmExit.Panicked();
            default -> new VmExit.MonitorFailed(0, "qemu was ended: " + reason);
        };
    }
}
