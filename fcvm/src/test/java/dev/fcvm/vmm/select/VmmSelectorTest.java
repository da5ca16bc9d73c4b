package dev.fcvm.vmm.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.KvmVerdict;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm.Patience;
import dev.fcvm.vmm.qemu.Accelerator;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VmmSelectorTest {

    private static final KvmVerdict USABLE = new KvmVerdict.Usable();
    private static final KvmVerdict EMULATED = new KvmVerdict.Emulated("it interprets guests");
    private static final Path QEMU = Path.of("/opt/qemu");

    @TempDir
    Path data;

    @Test
    void shouldTakeFirecrackerWhereKvmRunsGuestsAndItIsThere() throws Exception {
        Path program = install();
        VmmChoice choice = VmmSelector.select(settings(VmmSettings.Wanted.AUTO), USABLE);
        assertThat(choice.vmm()).isEqualTo(new FirecrackerVmm(program));
        assertThat(choice.reason()).isEqualTo("firecracker, because KVM runs guests here");
        assertThat(choice.fellBack()).isFalse();
    }

    @Test
    void shouldLetFirecrackerStartForAsLongAsTheUserGivesAMachineAndNeverForLessThanUsual() throws Exception {
        Path program = install();
        assertThat(choiceWithin(Duration.ofMinutes(1)))
                .isEqualTo(new FirecrackerVmm(
                        program, new Patience(Duration.ofMinutes(1), Duration.ofMinutes(1), Patience.USUAL.restore())));
        assertThat(choiceWithin(Duration.ofSeconds(1))).isEqualTo(new FirecrackerVmm(program));
    }

    private Vmm choiceWithin(Duration bootTimeout) throws FcvmException {
        VmmSettings asked = settings(VmmSettings.Wanted.AUTO);
        VmmSettings settings = new VmmSettings(
                asked.vmm(),
                asked.kvm(),
                asked.qemu(),
                asked.firecracker(),
                asked.dataDirectory(),
                asked.scripts(),
                asked.confinement(),
                Optional.of(bootTimeout));
        return VmmSelector.select(settings, USABLE).vmm();
    }

    @Test
    void shouldTakeQemuWithKvmWhereFirecrackerIsMissing() throws Exception {
        VmmChoice choice = VmmSelector.select(settings(VmmSettings.Wanted.AUTO), USABLE);
        assertThat(choice.vmm()).isEqualTo(new QemuVmm(QEMU, new Accelerator.Kvm()));
        assertThat(choice.reason())
                .contains("qemu with KVM", data.resolve("bin").toString());
    }

    @Test
    void shouldEmulateWhereKvmIsOfNoUseAndSayWhy() throws Exception {
        install();
        VmmChoice choice = VmmSelector.select(settings(VmmSettings.Wanted.AUTO), EMULATED);
        assertThat(choice.vmm())
                .isInstanceOfSatisfying(
                        QemuVmm.class, qemu -> assertThat(qemu.accelerator()).isInstanceOf(Accelerator.Software.class));
        assertThat(choice.reason()).contains("emulating in software", "/dev/kvm is of no use: it interprets guests");
        assertThat(choice.fellBack()).isTrue();
    }

    @Test
    void shouldRefuseFirecrackerWhereItCannotRunAndBelieveTheUser() throws Exception {
        Path program = install();
        assertThatThrownBy(() -> VmmSelector.select(settings(VmmSettings.Wanted.FIRECRACKER), EMULATED))
                .isInstanceOf(FcvmException.class)
                .hasMessageContainingAll("/dev/kvm is of no use: it interprets guests", "--vmm qemu", "FCVM_KVM=yes");
        assertThatThrownBy(() -> VmmSelector.select(with(settings(VmmSettings.Wanted.FIRECRACKER), VmmSettings.Kvm.NO)))
                .hasMessageContaining("FCVM_KVM=no");
        assertThat(VmmSelector.select(with(settings(VmmSettings.Wanted.FIRECRACKER), VmmSettings.Kvm.YES))
                        .vmm())
                .isEqualTo(new FirecrackerVmm(program));
    }

    @Test
    void shouldSayThatFirecrackerIsMissing() {
        assertThatThrownBy(() -> VmmSelector.select(settings(VmmSettings.Wanted.FIRECRACKER), USABLE))
                .isInstanceOf(FcvmException.class)
                .hasMessageContainingAll(data.resolve("bin").toString(), "--vmm qemu");
    }

    @Test
    void shouldTakeQemuWhenAskedAndSayWhetherItEmulates() throws Exception {
        assertThat(VmmSelector.select(settings(VmmSettings.Wanted.QEMU), USABLE).reason())
                .isEqualTo("qemu with KVM (as asked)");
        assertThat(VmmSelector.select(settings(VmmSettings.Wanted.QEMU), EMULATED)
                        .reason())
                .isEqualTo("qemu, emulating in software (as asked; /dev/kvm is of no use: it interprets guests)");
    }

    @Test
    void shouldNameEveryMonitorThatCouldBootMachinesTheChoiceFirst() throws Exception {
        assertThat(candidates(VmmSettings.Wanted.AUTO, EMULATED))
                .hasSize(1)
                .first()
                .isInstanceOf(QemuVmm.class);
        assertThat(candidates(VmmSettings.Wanted.AUTO, USABLE))
                .containsExactly(new QemuVmm(QEMU, new Accelerator.Kvm()));
        Path program = install();
        assertThat(candidates(VmmSettings.Wanted.AUTO, USABLE))
                .containsExactly(new FirecrackerVmm(program), new QemuVmm(QEMU, new Accelerator.Kvm()));
        assertThat(candidates(VmmSettings.Wanted.FIRECRACKER, USABLE)).containsExactly(new FirecrackerVmm(program));
        assertThat(candidates(VmmSettings.Wanted.QEMU, USABLE))
                .containsExactly(new QemuVmm(QEMU, new Accelerator.Kvm()));
    }

    @Test
    void shouldDropTheKeptVerdictOnKvmWhenItIsDistrusted() throws Exception {
        Path kept = Files.writeString(data.resolve("kvm-probe.json"), "{}");
        VmmSelector.distrustKvm(with(settings(VmmSettings.Wanted.AUTO), VmmSettings.Kvm.YES));
        assertThat(kept).exists(); // the user's word stands, and nothing was read
        VmmSelector.distrustKvm(settings(VmmSettings.Wanted.AUTO));
        assertThat(kept).doesNotExist();
    }

    private List<Vmm> candidates(VmmSettings.Wanted wanted, KvmVerdict verdict) throws FcvmException {
        return VmmSelector.candidates(settings(wanted), verdict).stream()
                .map(VmmChoice::vmm)
                .toList();
    }

    private VmmSettings settings(VmmSettings.Wanted wanted) {
        return new VmmSettings(
                wanted,
                VmmSettings.Kvm.AUTO,
                Optional.of(QEMU),
                Optional.empty(),
                data,
                data.resolve("scripts"),
                Confinement.standard(),
                Optional.empty());
    }

    private static VmmSettings with(VmmSettings settings, VmmSettings.Kvm kvm) {
        return new VmmSettings(
                settings.vmm(),
                kvm,
                settings.qemu(),
                settings.firecracker(),
                settings.dataDirectory(),
                settings.scripts(),
                settings.confinement(),
                settings.bootTimeout());
    }

    private Path install() throws IOException {
        Path program = Files.createDirectories(data.resolve("bin")).resolve("firecracker");
        Files.writeString(program, "#!/bin/sh\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }
}
