package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.volume.Mapping;
import java.util.List;
import java.util.Optional;

/**
 * With what a machine is started.
 *
 * @param settings what the user who starts it has set
 * @param base what it boots from
 * @param vmm its monitor
 * @param isolation how the monitor is separated from the host
 * @param resources how large it is
 * @param network the network it is to have
 * @param held that network, where its ports are held already
 * @param environment of a container that is started for the first time; empty for one that is started again
 * @param transientRun whether nothing is to stay behind when there never was a container
 * @param snapshot what it goes on from, instead of being booted
 * @param resumes whether that is its own memory, and it goes on as the machine it was
 * @param added what it is given when it goes on, beside the mappings it was saved with
 * @param warm how it could start without booting; empty where it could not
 * @param restored its monitor, where that has what was saved already, stands still, and has joined the network that is held
 */
public record Launch(
        Settings settings,
        Base base,
        Vmm vmm,
        Isolation isolation,
        Resources resources,
        NetworkRequest network,
        Optional<RunNetwork> held,
        Optional<List<String>> environment,
        boolean transientRun,
        Optional<Snapshot> snapshot,
        boolean resumes,
        List<Mapping.HostDirectory> added,
        Optional<WarmStart> warm,
        Optional<RunningVm> restored) {

    public Launch {
        added = List.copyOf(added);
    }

    /** One of a machine that has no monitor yet. */
    public Launch(
            Settings settings,
            Base base,
            Vmm vmm,
            Isolation isolation,
            Resources resources,
            NetworkRequest network,
            Optional<RunNetwork> held,
            Optional<List<String>> environment,
            boolean transientRun,
            Optional<Snapshot> snapshot,
            boolean resumes,
            List<Mapping.HostDirectory> added,
            Optional<WarmStart> warm) {
        this(
                settings,
                base,
                vmm,
                isolation,
                resources,
                network,
                held,
                environment,
                transientRun,
                snapshot,
                resumes,
                added,
                warm,
                Optional.empty());
    }

    /** Returns whether it starts from a warm base. */
    boolean isWarm() {
        return warm.flatMap(WarmStart::base).isPresent();
    }

    /** Returns the same for a machine that starts from its warm base; nothing where there is none. */
    Optional<Launch> warmly() {
        return warm.flatMap(WarmStart::base)
                .map(from -> with(
                        new Base(base.kernel(), base.initramfs(), from.rootfs(), base.info()), held, warm, restored));
    }

    /** Returns the same for a machine that boots, after it could not start otherwise. */
    Launch coldly() {
        return with(base, Optional.empty(), warm.map(WarmStart::without), Optional.empty());
    }

    /** Returns whether the machine has places for more disks than it has. */
    boolean hasSpare() {
        return isWarm() || snapshot.filter(saved -> saved.manifest().spare()).isPresent();
    }

    /** Returns the same for a machine whose network was prepared already. */
    public Launch holding(RunNetwork prepared) {
        return with(base, Optional.of(prepared), warm, restored);
    }

    /** Returns the same for a machine that starts from this. */
    public Launch starting(WarmStart start) {
        return with(base, held, Optional.of(start), restored);
    }

    /** Returns the same for a machine that was restored already, and stands still with this network. */
    Launch goingOn(RunNetwork joined, RunningVm monitor) {
        return with(base, Optional.of(joined), warm, Optional.of(monitor));
    }

    /** Returns the same for a machine that gets these directories when it goes on. */
    public Launch adding(List<Mapping.HostDirectory> directories) {
        return new Launch(
                settings,
                base,
                vmm,
                isolation,
                resources,
                network,
                held,
                environment,
                transientRun,
                snapshot,
                resumes,
                directories,
                warm,
                restored);
    }

    /** Ends the monitor that is there already; does nothing where there is none. */
    void endRestored() throws FcvmException {
        if (restored.isPresent()) {
            restored.get().close();
        }
    }

    /** Ends what it has on the host, of a machine that is not started after all. */
    public void giveUp() throws FcvmException {
        try (RunNetwork network = held.orElse(null);
                RunningVm _ = restored.orElse(null)) {
            if (network != null) {
                network.parting().close();
            }
        }
    }

    private Launch with(
            Base other,
            Optional<RunNetwork> otherHeld,
            Optional<WarmStart> otherWarm,
            Optional<RunningVm> otherRestored) {
        return new Launch(
                settings,
                other,
                vmm,
                isolation,
                resources,
                network,
                otherHeld,
                environment,
                transientRun,
                snapshot,
                resumes,
                added,
                otherWarm,
                otherRestored);
    }
}
