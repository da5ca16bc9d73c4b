package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.UnixSockets;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A machine under QEMU. */
final class QemuVm implements RunningVm {

    private static final Duration DIAL_PATIENCE = Duration.ofSeconds(30);
    private static final Duration FAREWELL_PATIENCE = Duration.ofSeconds(2);

    private final Monitor monitor;
    private final QmpClient control;
    private final Path link;

    QemuVm(Monitor monitor, QmpClient control, Path link) {
        this.monitor = monitor;
        this.control = control;
        this.link = link;
        monitor.watch(this::verdict);
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
        return UnixSockets.connect(link, monitor::isAlive, DIAL_PATIENCE);
    }

    @Override
    public boolean hasPlan() {
        return true;
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
        try (control) {
            monitor.close();
        }
    }

    private void execute(String command, String done) throws FcvmException, InterruptedException {
        try {
            control.execute(command);
        } catch (IOException e) {
            throw new FcvmException(Kind.VMM, "the machine could not be %s: %s".formatted(done, e.getMessage()), e);
        }
    }

    /** Tells how the machine ended whose QEMU ended by itself with this code. */
    private VmExit verdict(int code) {
        try {
            control.awaitEnd(FAREWELL_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (code != 0) {
            String words = monitor.lastWords();
            return new VmExit.MonitorFailed(code, words.isEmpty() ? "qemu ended without a word" : words);
        }
        return switch (control.farewell()) {
            case QmpClient.Farewell.Panic() -> new VmExit.Panicked();
            case QmpClient.Farewell.Shutdown(String reason) -> shutdown(reason);
            case QmpClient.Farewell.None() -> new VmExit.MonitorFailed(0, "qemu ended without saying why");
        };
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
