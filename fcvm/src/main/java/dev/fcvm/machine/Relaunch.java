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
        return new Launch(
                settings,
                base,
                choice.vmm(),
                isolation,
                Resources.of(spec),
                network,
                Optional.empty(),
                Environments.read(files),
                false,
                Optional.empty());
    }
}
