package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.RunMappings;
import dev.fcvm.machine.live.RunNetwork;
import dev.fcvm.machine.spec.LimitsCheck;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.Environments;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.machine.store.Suspension;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.port.WaitingPorts;
import dev.fcvm.settings.Mode;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.volume.set.MachineMappings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What it takes to start a machine that was made before, maybe by another process. */
final class Relaunch {

    private Relaunch() {}

    /**
     * Takes a machine that rests into this process's hands, to be started once more.
     *
     * @throws FcvmException when it runs, or cannot be started here; it rests as before, then
     */
    static Launch take(Machines machines, StoredMachine stored, MachineSource source)
            throws FcvmException, InterruptedException {
        String name = stored.name().value();
        OwnedMachine owned = machines.world()
                .store()
                .adopt(stored)
                .orElseThrow(() -> new FcvmException(Kind.IN_USE, "machine " + name + " runs already"));
        StoredMachine now = StoredMachine.read(stored.files());
        MachineSpec spec = now.spec()
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "machine " + name + " cannot be started: its spec.json is damaged; remove it with: fcvm rm "
                                + name));
        if (!(now.state() instanceof MachineState.Resting resting)) {
            owned.letGo();
            owned.close();
            throw new FcvmException(Kind.IN_USE, "machine " + name + " was left by a killed process; see fcvm ps -a");
        }
        LiveMachine live = machines.hold(owned, spec, resting);
        try {
            Launch launch = of(spec, now.files(), source, resting instanceof MachineState.Suspended);
            Optional<WaitingPorts> waiting =
                    machines.awakening().take(live.files().id());
            return waiting.isPresent() ? withCallers(launch, owned, live, waiting.get()) : launch;
        } catch (FcvmException failure) {
            live.release(failure);
            throw failure;
        } catch (InterruptedException | RuntimeException failure) {
            live.release(true);
            throw failure;
        }
    }

    /** Callers wait at its ports: nobody of them is refused until its network is there. */
    private static Launch withCallers(Launch launch, OwnedMachine owned, LiveMachine live, WaitingPorts waiting)
            throws FcvmException, InterruptedException {
        var _ = live.started().thenAccept(waiting::answer);
        return launch.holding(RunNetwork.prepare(
                launch.network(),
                launch.isolation(),
                owned.files(),
                owned.journal(),
                List.of(live.spec().name(), live.spec().hostname()),
                Optional.of(waiting.take()),
                launch.settings(),
                live.audience()));
    }

    /** Refuses to end what was suspended, and would be lost: that takes {@code rm}. */
    static void refuseToStop(String name, MachineState.Resting resting) throws FcvmException {
        if (resting instanceof MachineState.Suspended) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "machine " + name + " is suspended, and cannot be stopped: fcvm resume " + name
                            + ", or remove it with: fcvm rm " + name);
        }
    }

    /**
     * @param suspended whether it goes on from where it was suspended
     */
    private static Launch of(MachineSpec spec, MachineFiles files, MachineSource source, boolean suspended)
            throws FcvmException, InterruptedException {
        Optional<Snapshot> kept = suspended ? Optional.of(new Suspension(files).find()) : Optional.empty();
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
        boolean rootless = isolation == Isolation.ROOTLESS;
        if (suspended) {
            MachineMappings.checkSaved(spec.wantedMappings(), rootless, settings);
        } else {
            MachineMappings.check(spec.wantedMappings(), rootless, settings);
        }
        VmmChoice choice = source.monitor(settings, isolation);
        return new Launch(
                settings,
                kept.map(saved -> new Base(base.kernel(), base.initramfs(), saved.rootfs(), base.info()))
                        .orElse(base),
                choice.vmm(),
                isolation,
                Resources.of(spec),
                network,
                Optional.empty(),
                suspended ? Optional.empty() : Environments.read(files),
                false,
                kept,
                suspended,
                List.of(),
                Optional.empty());
    }
}
