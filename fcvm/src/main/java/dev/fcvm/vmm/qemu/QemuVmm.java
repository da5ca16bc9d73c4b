package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.AtomicFiles;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.vmm.BootFiles;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.Pending;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.UnixSockets;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.VmmCapabilities;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.OwnJail;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * QEMU's {@code microvm} machine.
 *
 * @param program {@code qemu-system-x86_64}, an absolute path
 * @param accelerator what runs the guest's code
 * @param confinement how it is confined
 */
public record QemuVmm(Path program, Accelerator accelerator, Confinement confinement) implements Vmm {

    /** QEMU itself, the translated code (QemuCommand) and the page cache of the disks. */
    private static final int OVERHEAD_MIB = 768;

    /** QEMU greets some 50 ms after its start on an idle host. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);

    /** What the guest reads in its firmware's tables; in the machine's directory. */
    private static final String PLAN = "plan.json";

    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(20);

    /** One with the standard confinement. */
    public QemuVmm(Path program, Accelerator accelerator) {
        this(program, accelerator, Confinement.standard());
    }

    /** The same QEMU, confined like this. */
    public QemuVmm confinedBy(Confinement other) {
        return new QemuVmm(program, accelerator, other);
    }

    @Override
    public void check(VmSpec.Isolation isolation) {
        // What its confinement needs is part of every system it is installed on.
    }

    /**
     * QEMU in software.
     *
     * @throws FcvmException when the host does not tell the rate of its time stamp counter
     */
    public static QemuVmm inSoftware(Path program) throws FcvmException {
        OptionalLong rate = TscFrequency.ofHost().kiloHertz();
        return new QemuVmm(
                program,
                new Accelerator.Software(rate.orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "cannot emulate a machine: neither /proc/cpuinfo nor /sys tells the processor's clock;"
                                + " is /proc mounted, and is this an x86-64 host?"))));
    }

    /** QEMU with KVM. */
    public static QemuVmm withKvm(Path program) {
        return new QemuVmm(program, new Accelerator.Kvm());
    }

    @Override
    public String name() {
        return "qemu";
    }

    @Override
    public VmmCapabilities capabilities() {
        return new VmmCapabilities(accelerator instanceof Accelerator.Kvm, true, false, false);
    }

    @Override
    public RunningVm attach(VmHandle handle, Journal journal) throws FcvmException {
        throw new FcvmException(Kind.VMM, "not yet");
    }

    @Override
    public RunningVm boot(VmSpec spec, Journal journal) throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        Path plan = spec.directory().resolve(PLAN);
        write(plan, spec.plan());
        List<String> devices = accelerator instanceof Accelerator.Kvm ? List.of("kvm") : List.of();
        boolean tap = spec.network().isPresent();
        Jail jail;
        try (Pending written = new Pending(() -> delete(plan))) {
            jail = OwnJail.prepare(
                    TapLimits.carriedOut(spec),
                    name(),
                    program,
                    devices,
                    confinement,
                    OVERHEAD_MIB,
                    tap,
                    List.of(plan));
            written.handOver();
        }
        Monitor monitor = Monitor.start(
                name(),
                spec,
                jail,
                QemuCommand.arguments(
                        jail.inside(),
                        accelerator,
                        QemuPaths.in(
                                jail.inside().socketDirectory(), jail.handed().getFirst())),
                Monitor.Console.ELSEWHERE,
                List.of(plan));
        try (Pending started = new Pending(monitor::close)) {
            QemuPaths paths = QemuPaths.in(monitor.sockets(), plan);
            QemuVm machine = new QemuVm(monitor, greeted(monitor, paths), paths.link());
            started.handOver();
            return machine;
        }
    }

    private static void delete(Path file) throws FcvmException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot delete %s: %s".formatted(file, IoReason.of(e)), e);
        }
    }

    private static void write(Path file, String plan) throws FcvmException {
        try {
            AtomicFiles.write(file, plan);
            // The machine's own user reads it, too; nobody else gets into its directory, and it holds no secret.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot write %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static QmpClient greeted(Monitor monitor, QemuPaths paths) throws FcvmException, InterruptedException {
        try {
            // The guest runs already; nothing here holds it up. QEMU takes connections only from now on anyway.
            SocketChannel control = UnixSockets.connect(paths.control(), monitor::isAlive, START_PATIENCE);
            monitor.console().drain(UnixSockets.connect(paths.console(), monitor::isAlive, START_PATIENCE));
            return QmpClient.open(control, ANSWER_PATIENCE);
        } catch (IOException e) {
            throw monitor.bootFailure(e);
        }
    }
}
