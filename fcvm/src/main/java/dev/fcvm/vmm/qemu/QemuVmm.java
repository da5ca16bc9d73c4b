package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Pending;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.VmmCapabilities;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.OwnJail;
import dev.fcvm.vmm.process.BootFiles;
import dev.fcvm.vmm.process.UnixSockets;
import dev.fcvm.vmm.process.VmmProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    public RunningVm boot(VmSpec spec, Journal journal) throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        List<String> devices = accelerator instanceof Accelerator.Kvm ? List.of("kvm") : List.of();
        boolean tap = spec.network().isPresent();
        Jail jail = OwnJail.prepare(
                TapLimits.carriedOut(spec),
                journal,
                name(),
                program,
                devices,
                confinement,
                OVERHEAD_MIB,
                tap,
                List.of(),
                List.of(spec.plan()));
        QemuPaths inside =
                QemuPaths.in(jail.inside().socketDirectory(), jail.handed().getFirst());
        VmmProcess monitor = VmmProcess.start(
                name(), spec, jail, journal, QemuCommand.arguments(jail.inside(), accelerator, inside), true);
        try (Pending started = new Pending(monitor::close)) {
            QemuPaths paths = QemuPaths.in(monitor.sockets(), inside.plan());
            try {
                // The guest runs already; nothing here holds it up.
                QmpClient control = greeted(monitor, paths, START_PATIENCE);
                QemuVm machine = QemuVm.of(monitor, Optional.of(control), paths.link());
                started.handOver();
                return machine;
            } catch (IOException e) {
                throw monitor.bootFailure(jail, e);
            }
        }
    }

    @Override
    public RunningVm attach(VmHandle handle, Journal journal) throws FcvmException, InterruptedException {
        VmmProcess monitor = VmmProcess.attach(handle, journal);
        try (Pending attached = new Pending(monitor::letGo)) {
            QemuPaths paths = QemuPaths.in(monitor.sockets(), Path.of("/"));
            Optional<QmpClient> control = Optional.empty();
            try {
                if (monitor.isAlive()) {
                    control = Optional.of(greeted(monitor, paths, ANSWER_PATIENCE));
                }
            } catch (IOException e) {
                if (monitor.isAlive()) {
                    throw new FcvmException(Kind.VMM, "qemu runs and cannot be taken over: " + e.getMessage(), e);
                }
            }
            QemuVm machine = QemuVm.of(monitor, control, paths.link());
            attached.handOver();
            return machine;
        }
    }

    private static QmpClient greeted(VmmProcess monitor, QemuPaths paths, Duration patience)
            throws IOException, InterruptedException {
        return QmpClient.open(UnixSockets.connect(paths.control(), monitor::isAlive, patience), ANSWER_PATIENCE);
    }
}
