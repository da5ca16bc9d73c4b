package dev.fcvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.TestSpecs;
import dev.fcvm.vmm.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class QemuCommandTest {

    private static final Accelerator SOFTWARE = new Accelerator.Software(2_600_000);

    @Test
    void shouldGiveAnEmulatedGuestTheHostsTimeStampRate() throws Exception {
        List<String> arguments = arguments(SOFTWARE);
        assertThat(after(arguments, "-append"))
                .isEqualTo("console=ttyS0 reboot=t panic=-1 tsc_early_khz=2600000 tsc=reliable quiet fcvm.init=tiny");
        assertThat(arguments)
                .containsSequence("-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max,erms=off,fsrm=off");
    }

    @Test
    void shouldLeaveTimeToKvmWhereItRuns() throws Exception {
        List<String> arguments = arguments(new Accelerator.Kvm());
        assertThat(after(arguments, "-append")).isEqualTo("console=ttyS0 reboot=t panic=-1 quiet fcvm.init=tiny");
        assertThat(arguments).containsSequence("-accel", "kvm", "-cpu", "host");
    }

    @Test
    void shouldAttachTheDisksInOrderAndProtectWhatIsShared() throws Exception {
        assertThat(arguments(SOFTWARE))
                .containsSubsequence(
                        "-drive",
                        "id=disk0,file=/base/root,,fs.ext4,format=raw,file.locking=off,if=none,readonly=on",
                        "-device",
                        "virtio-blk-device,drive=disk0",
                        "-drive",
                        "id=disk1,file=/data/m/scratch.ext4,format=raw,file.locking=off,if=none,cache=unsafe,discard=unmap,werror=enospc",
                        "-device",
                        "virtio-blk-device,drive=disk1");
    }

    @Test
    void shouldLimitAllDisksTogether() throws Exception {
        var limits = new RateLimits(
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(10 << 20), OptionalLong.of(500));
        VmSpec spec = TestSpecs.twoDisks().limited(limits);
        String group = ",throttling.group=machine,throttling.bps-total=10485760,throttling.iops-total=500";
        assertThat(QemuCommand.arguments(spec, SOFTWARE, PATHS, false))
                .contains(
                        "id=disk0,file=/base/root,,fs.ext4,format=raw,file.locking=off,if=none,readonly=on" + group,
                        "id=disk1,file=/data/m/scratch.ext4,format=raw,file.locking=off,if=none,cache=unsafe,discard=unmap,werror=enospc"
                                + group);
        assertThat(arguments(SOFTWARE)).noneMatch(argument -> argument.contains("throttling"));
    }

    @Test
    void shouldGiveTheMachineWhatItNeedsAndNothingElse() throws Exception {
        List<String> arguments = arguments(SOFTWARE);
        assertThat(arguments)
                .contains("-nodefaults", "-no-user-config", "-no-reboot")
                .containsSequence("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
                .containsSequence("-machine", "microvm,acpi=on,rtc=on,auto-kernel-cmdline=off")
                .containsSequence("-smp", "2")
                .containsSequence("-m", "512M")
                .containsSequence("-fw_cfg", "name=opt/dev.fcvm/plan,file=/file0")
                .containsSequence("-chardev", "socket,id=link,path=/run/m/link.sock,server=on,wait=off")
                .contains("virtserialport,chardev=link,name=dev.fcvm.link")
                .endsWith(
                        "-chardev",
                        "socket,id=control,path=/run/m/qmp.sock,server=on,wait=off",
                        "-mon",
                        "chardev=control,mode=control");
        assertThat(arguments).noneMatch(argument -> argument.contains("net"));
    }

    @Test
    void shouldHaveACardForTheTap() throws Exception {
        assertThat(QemuCommand.arguments(TestSpecs.twoDisks(), SOFTWARE, PATHS, true))
                .containsSequence("-netdev", "tap,id=card,ifname=vmtap0,script=no,downscript=no")
                .contains("virtio-net-device,netdev=card,mac=06:00:ac:1e:00:02");
    }

    @Test
    void shouldHaveAMachineThatWasSavedWaitForWhatItWas() throws Exception {
        List<String> arguments = QemuCommand.restoring(
                TestSpecs.twoDisks(), new Accelerator.Kvm(), QemuPaths.in(Path.of("/run/m"), Optional.empty()), false);

        assertThat(arguments).containsSequence("-S", "-incoming", "unix:/run/m/incoming.sock");
        assertThat(arguments).doesNotContain("-fw_cfg");
    }

    private static final QemuPaths PATHS = QemuPaths.in(Path.of("/run/m"), Optional.of(Path.of("/file0")));

    private static List<String> arguments(Accelerator accelerator) throws Exception {
        return QemuCommand.arguments(TestSpecs.twoDisks(), accelerator, PATHS, false);
    }

    private static String after(List<String> arguments, String option) {
        return arguments.get(arguments.indexOf(option) + 1);
    }
}
