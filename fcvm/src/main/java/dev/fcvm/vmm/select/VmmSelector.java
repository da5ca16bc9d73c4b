package dev.fcvm.vmm.select;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.KvmProbe;
import dev.fcvm.vmm.KvmVerdict;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Chooses the monitor: Firecracker where KVM runs guests and the program is there, else QEMU, in software if need be. */
public final class VmmSelector {

    private static final String QEMU = "qemu-system-x86_64";

    private VmmSelector() {}

    /**
     * Chooses by what the user wants and the host has. Makes nothing but the kept verdict on KVM.
     *
     * @throws FcvmException when the wanted monitor cannot run here, or there is none
     */
    public static VmmChoice select(VmmSettings settings) throws FcvmException, InterruptedException {
        return select(settings, verdict(settings));
    }

    /** The same with the verdict given; visible to its test. */
    static VmmChoice select(VmmSettings settings, KvmVerdict verdict) throws FcvmException {
        return switch (settings.vmm()) {
            case FIRECRACKER -> firecracker(settings, verdict);
            case QEMU -> qemu(settings, verdict, "as asked");
            case AUTO -> automatic(settings, verdict);
        };
    }

    /**
     * Returns what could boot machines here, the choice first: where the user leaves it open and the choice is
     * Firecracker, QEMU with KVM is the other one. Makes nothing but the kept verdict on KVM.
     *
     * @throws FcvmException when the wanted monitor cannot run here, or there is none
     */
    public static List<VmmChoice> candidates(VmmSettings settings) throws FcvmException, InterruptedException {
        return candidates(settings, verdict(settings));
    }

    /** The same with the verdict given; visible to its test. */
    static List<VmmChoice> candidates(VmmSettings settings, KvmVerdict verdict) throws FcvmException {
        VmmChoice choice = select(settings, verdict);
        boolean another = settings.vmm() == VmmSettings.Wanted.AUTO
                && choice.vmm() instanceof FirecrackerVmm
                && find(settings.qemu(), QEMU).isPresent();
        return another ? List.of(choice, qemu(settings, verdict, "besides firecracker")) : List.of(choice);
    }

    /**
     * Returns the monitor with which machines that run are {@linkplain Vmm#attach taken over}. Whether its program is still
     * there does not matter.
     *
     * @param name as {@link Vmm#name} gives it
     * @param kvm whether the machine runs on KVM
     */
    public static Vmm running(String name, boolean kvm, VmmSettings settings) throws FcvmException {
        return switch (name) {
            case "firecracker" ->
                new FirecrackerVmm(settings.firecracker().orElse(bin(settings).resolve("firecracker")))
                        .confinedBy(settings.confinement());
            case "qemu" -> {
                Path program = settings.qemu().orElse(Path.of("/usr/bin", QEMU));
                yield (kvm ? QemuVmm.withKvm(program) : QemuVmm.inSoftware(program)).confinedBy(settings.confinement());
            }
            default ->
                throw new FcvmException(
                        Kind.VMM,
                        "this version of fcvm knows no monitor of the name \"" + name + "\", which runs a machine");
        };
    }

    /**
     * Says that a monitor has failed on KVM: what is kept of it is dropped, so that the next choice asks the hardware.
     *
     * @throws FcvmException when that cannot be done
     */
    public static void distrustKvm(VmmSettings settings) throws FcvmException {
        if (settings.kvm() == VmmSettings.Kvm.AUTO) {
            probe(settings).forget();
        }
    }

    private static KvmVerdict verdict(VmmSettings settings) throws FcvmException, InterruptedException {
        return switch (settings.kvm()) {
            case YES -> new KvmVerdict.Usable();
            case NO -> new KvmVerdict.Absent("FCVM_KVM=no forbids KVM");
            case AUTO -> probe(settings).verdict();
        };
    }

    private static KvmProbe probe(VmmSettings settings) {
        return KvmProbe.ofHost(
                settings.scripts().resolve("kvm-probe"),
                settings.dataDirectory().resolve("kvm-probe.json"));
    }

    private static VmmChoice automatic(VmmSettings settings, KvmVerdict verdict) throws FcvmException {
        if (!(verdict instanceof KvmVerdict.Usable)) {
            return qemu(settings, verdict, "firecracker needs KVM");
        }
        Optional<Path> program = findFirecracker(settings);
        return program.isPresent()
                ? new VmmChoice(
                        firecracker(settings, program.get()), "firecracker, because " + verdict.explanation(), false)
                : qemu(settings, verdict, "there is no firecracker in %s or on the PATH".formatted(bin(settings)));
    }

    private static VmmChoice firecracker(VmmSettings settings, KvmVerdict verdict) throws FcvmException {
        Path program = findFirecracker(settings)
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND,
                        "firecracker is not in %s or on the PATH: put the program there, or use --vmm qemu"
                                .formatted(bin(settings))));
        if (!(verdict instanceof KvmVerdict.Usable)) {
            throw new FcvmException(
                    Kind.HOST,
                    "firecracker cannot run here: %s; use --vmm qemu, or set FCVM_KVM=yes if you know better"
                            .formatted(verdict.explanation()));
        }
        return new VmmChoice(firecracker(settings, program), "firecracker, as asked", false);
    }

    private static FirecrackerVmm firecracker(VmmSettings settings, Path program) {
        FirecrackerVmm vmm = new FirecrackerVmm(program).confinedBy(settings.confinement());
        return settings.bootTimeout().map(vmm::givenAtLeast).orElse(vmm);
    }

    private static VmmChoice qemu(VmmSettings settings, KvmVerdict verdict, String why) throws FcvmException {
        boolean fellBack = settings.vmm() == VmmSettings.Wanted.AUTO;
        Path program = find(settings.qemu(), QEMU)
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "%s is not installed: install it with: apt install qemu-system-x86".formatted(QEMU)));
        return verdict instanceof KvmVerdict.Usable
                ? new VmmChoice(
                        QemuVmm.withKvm(program).confinedBy(settings.confinement()),
                        "qemu with KVM (%s)".formatted(why),
                        fellBack)
                : new VmmChoice(
                        QemuVmm.inSoftware(program).confinedBy(settings.confinement()),
                        "qemu, emulating in software (%s; %s)".formatted(why, verdict.explanation()),
                        fellBack);
    }

    private static Optional<Path> findFirecracker(VmmSettings settings) {
        Path installed = bin(settings).resolve("firecracker");
        Optional<Path> wanted = settings.firecracker().isEmpty() && Files.isExecutable(installed)
                ? Optional.of(installed)
                : settings.firecracker();
        return find(wanted, "firecracker");
    }

    /** A program the user named is taken as it is: whether it can be started is told when it is. */
    private static Optional<Path> find(Optional<Path> named, String name) {
        return named.or(() -> Tool.named(name, "").find());
    }

    private static Path bin(VmmSettings settings) {
        return settings.dataDirectory().resolve("bin");
    }
}
