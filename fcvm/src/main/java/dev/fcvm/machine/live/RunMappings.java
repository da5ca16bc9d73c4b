package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappedGuest;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.set.MachineMappings;
import java.util.List;

/**
 * The mappings of a run's machine. Closed after the monitor has ended: what the container changed comes back then, and
 * what they have on the host is released.
 */
public final class RunMappings implements AutoCloseable {

    private final MachineMappings all;
    private final Audience audience;
    private boolean letGo;

    private RunMappings(MachineMappings all, Audience audience) {
        this.all = all;
        this.audience = audience;
    }

    /** Makes ready what the machine needs of the host. */
    static RunMappings prepare(
            MachineSpec spec, OwnedMachine machine, Isolation isolation, Settings settings, Audience audience)
            throws FcvmException, InterruptedException {
        MappingPlace place = place(spec, machine, isolation, settings, audience);
        return new RunMappings(MachineMappings.prepare(spec.wantedMappings(), place), audience);
    }

    /** Takes over those of a machine that runs, and that nobody supervises. */
    static RunMappings adopt(
            MachineSpec spec, OwnedMachine machine, Isolation isolation, Settings settings, Audience audience)
            throws FcvmException, InterruptedException {
        MappingPlace place = place(spec, machine, isolation, settings, audience);
        return new RunMappings(MachineMappings.adopt(spec.wantedMappings(), place), audience);
    }

    private static MappingPlace place(
            MachineSpec spec, OwnedMachine machine, Isolation isolation, Settings settings, Audience audience) {
        return new MappingPlace(
                machine.files().id(),
                spec.name(),
                machine.files().directory(),
                machine.files().sockets(),
                isolation == Isolation.ROOTLESS,
                spec.keep(),
                settings,
                machine.journal(),
                audience::warn);
    }

    MachineMappings all() {
        return all;
    }

    /** The agent is there, and waits with the container until it can mount. */
    void connect(AgentSession agent, RunningVm vm) throws FcvmException, InterruptedException {
        all.connect(new MappedGuest() {
            @Override
            public LinkStream serve(int number) throws LinkException {
                return agent.share(number);
            }

            @Override
            public long monitor() {
                return vm.pid();
            }
        });
    }

    /** Refuses what needs a network for a machine that has none. */
    public static void check(List<Mapping> wanted, NetworkRequest network) throws FcvmException {
        for (Mapping mapping : wanted) {
            if (!network.enabled()
                    && mapping instanceof Mapping.HostDirectory directory
                    && directory.mode() == MapMode.NFS) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "cannot map %s to %s by NFS: the machine has no network; use mode=sshfs, which needs none"
                                .formatted(directory.source(), directory.target()));
            }
        }
    }

    /** The machine goes on, or it ends now: what it has on the host stays with it. */
    RunEnd parted(RunEnd end) {
        letGo = end instanceof RunEnd.LetGo;
        return end;
    }

    @Override
    public void close() throws FcvmException {
        if (letGo) {
            all.letGo();
        } else {
            takeBack();
        }
        all.close();
    }

    /** How the container ended is told all the same. */
    private void takeBack() {
        boolean interrupted = Thread.interrupted();
        try {
            all.takeBack();
        } catch (FcvmException failure) {
            audience.warn(String.valueOf(failure.getMessage()));
            for (Throwable besides : failure.getSuppressed()) {
                audience.warn(String.valueOf(besides.getMessage()));
            }
        } catch (InterruptedException again) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
