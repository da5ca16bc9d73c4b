package dev.fcvm.machine.live;

import dev.fcvm.machine.spec.Resources;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
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
        Optional<Snapshot> snapshot) {}
