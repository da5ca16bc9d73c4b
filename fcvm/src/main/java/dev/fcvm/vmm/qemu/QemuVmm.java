package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Pending;
import dev.fcvm.host.TunDevice;
import dev.fcvm.host.file.FileStamp;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSnapshot;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /** "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)", as it says on its socket, too. */
    private static final Pattern VERSION = Pattern.compile("version (\\d+\\.\\d+\\.\\d+(?: \\([^)]*\\))?)");

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
    public String identity() {
        return FileStamp.of(program) + " " + accelerator
                + (TunDevice.isOpenToUser() ? " with a tap" : " without a tap");
    }

    @Override
    public String version() throws FcvmException, InterruptedException {
        String told = Tool.named(program.toString(), "qemu-system-x86")
                .with("--version")
                .within(START_PATIENCE)
                .run()
                .output();
        Matcher number = VERSION.matcher(told);
        return number.find() ? QemuVm.versionOf(number.group(1)) : "";
    }

    @Override
    public VmmCapabilities capabilities() {
        return new VmmCapabilities(accelerator instanceof Accelerator.Kvm, true, true, true, false, false);
    }

    @Override
    public RunningVm boot(VmSpec spec, Journal journal) throws FcvmException, InterruptedException {
        return launch(spec, journal, Optional.empty());
    }

    @Override
    public RunningVm restore(VmSpec spec, Journal journal, VmSnapshot snapshot)
            throws FcvmException, InterruptedException {
        return launch(spec, journal, Optional.of(snapshot));
    }

    private RunningVm launch(VmSpec spec, Journal journal, Optional<VmSnapshot> snapshot)
            throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        boolean plan = snapshot.isEmpty() && !spec.plan().isEmpty();
        List<String> devices = accelerator instanceof Accelerator.Kvm ? List.of("kvm") : List.of();
        boolean tap = spec.network().isPresent() || (spec.spareCard() && TunDevice.isOpenToUser());
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
                plan ? List.of(spec.plan()) : List.of());
        QemuPaths inside = QemuPaths.in(
                jail.inside().socketDirectory(), jail.handed().stream().findFirst());
        List<String> arguments = snapshot.isEmpty()
                ? QemuCommand.arguments(jail.inside(), accelerator, inside, tap)
                : QemuCommand.restoring(jail.inside(), accelerator, inside, tap);
        VmmProcess monitor = VmmProcess.start(name(), spec, jail, journal, arguments, plan);
        try (Pending started = new Pending(monitor::close)) {
            QemuPaths paths = QemuPaths.in(monitor.sockets(), Optional.empty());
            try {
                // A guest that boots runs already; nothing here holds it up.
                QmpClient control = greeted(monitor, paths, START_PATIENCE);
                try (Pending greeted = new Pending(control::close)) {
                    if (snapshot.isPresent()) {
                        take(snapshot.get(), control, paths, monitor);
                    }
                    greeted.handOver();
                }
                QemuVm machine = QemuVm.of(monitor, Optional.of(control), paths);
                started.handOver();
                return machine;
            } catch (IOException e) {
                throw monitor.bootFailure(jail, e);
            }
        }
    }

    /** The machine {@code microvm} has no versions: what one QEMU saved, another may read as something else. */
    private static void take(VmSnapshot snapshot, QmpClient control, QemuPaths paths, VmmProcess monitor)
            throws FcvmException, IOException, InterruptedException {
        String version = QemuVm.versionOf(control.version());
        if (!snapshot.version().isEmpty() && !snapshot.version().equals(version)) {
            throw new FcvmException(
                    Kind.VMM,
                    "this is %s, and the machine was saved by %s, which alone is certain to understand it"
                            .formatted(version, snapshot.version()));
        }
        SavedMachine.read(control, paths.incoming(), snapshot.memory(), monitor::isAlive);
    }

    @Override
    public RunningVm attach(VmHandle handle, Journal journal) throws FcvmException, InterruptedException {
        VmmProcess monitor = VmmProcess.attach(handle, journal);
        try (Pending attached = new Pending(monitor::letGo)) {
            QemuPaths paths = QemuPaths.in(monitor.sockets(), Optional.empty());
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
            QemuVm machine = QemuVm.of(monitor, control, paths);
            attached.handOver();
            return machine;
        }
    }

    private static QmpClient greeted(VmmProcess monitor, QemuPaths paths, Duration patience)
            throws IOException, InterruptedException {
        return QmpClient.open(UnixSockets.connect(paths.control(), monitor::isAlive, patience), ANSWER_PATIENCE);
    }
}
