package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Mode;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.volume.set.MachineMappings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What it takes to start a machine that was made before, maybe by another process. */
final class Relaunch {

    private Relaunch() {}

    static Launch of(MachineSpec spec, MachineFiles files, MachineSource source)
            throws FcvmException, InterruptedException {
        Settings settings = source.settings()
                .booting(
                        VmmKind.valueOf(spec.vmm().toUpperCase(Locale.ROOT)),
                        spec.kernel().isEmpty() ? Optional.empty() : Optional.of(Path.of(spec.kernel())));
        Isolation isolation = Isolation.valueOf(spec.isolation().toUpperCase(Locale.ROOT));
        if (isolation == Isolation.PRIVILEGED) {
            Isolations.choose(Mode.PRIVILEGED);
        }
        NetworkRequest network = spec.network().request();
        Base base = Base.find(settings);
        LimitsCheck.check(isolation, settings, source.listener());
        RunNetwork.check(network, isolation, settings);
        RunMappings.check(spec.wantedMappings(), network);
        MachineMappings.check(spec.wantedMappings(), isolation == Isolation.ROOTLESS, settings);
        VmmChoice choice = source.monitor(settings, isolation);
        OptionalLong memory =
                spec.containerMemory() > 0 ? OptionalLong.of(spec.containerMemory()) : OptionalLong.empty();
        return new Launch(
                settings,
                base,
                choice.vmm(),
                isolation,
                new Resources(spec.vcpus(), spec.memoryMib(), Optional.empty(), memory),
                network,
                Optional.empty(),
                Environments.read(files),
                false,
                Optional.empty(),
                Optional.empty());
    }
}
