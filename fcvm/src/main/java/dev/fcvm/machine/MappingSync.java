package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.machine.store.Sweep;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.set.MachineMappings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings back what a machine has changed in its copies of directories, whether it runs or not. */
public final class MappingSync {

    private final Machines machines;
    private final Settings settings;

    /** Makes one for these machines. */
    public MappingSync(Machines machines, Settings settings) {
        this.machines = machines;
        this.settings = settings;
    }

    /**
     * Brings it back.
     *
     * @param reference the machine's name, its id or the beginning of its id
     * @return what the user is to be told, a line each
     * @throws FcvmException when there is no such machine, or another process supervises it, or not all came back
     */
    public List<String> run(String reference) throws FcvmException, InterruptedException {
        StoredMachine stored = machines.world().store().find(reference);
        if (machines.live(stored.files().id()).isPresent() || Adoption.isPossible(stored)) {
            return machines.find(reference).syncMappings();
        }
        Optional<OwnedMachine> adopted = machines.world().store().adopt(stored);
        OwnedMachine owned = adopted.orElseThrow(() -> running(stored));
        List<String> told = new ArrayList<>();
        try (owned) {
            StoredMachine now = StoredMachine.read(stored.files());
            if (Adoption.isPossible(now)) {
                owned.letGo();
                throw running(stored);
            }
            owned.keep();
            if (now.state() instanceof MachineState.Live) {
                // It was killed, or could not be cleared away for this very reason: the next sweep sees to the rest.
                Sweep.takeBack(owned);
                return told;
            }
            MachineSpec spec = now.spec()
                    .orElseThrow(() ->
                            new FcvmException(Kind.HOST, "the spec.json of machine " + stored.name() + " is damaged"));
            var place = new MappingPlace(
                    owned.files().id(),
                    spec.name(),
                    owned.files().directory(),
                    owned.files().sockets(),
                    spec.isolation().equals("rootless"),
                    spec.keep(),
                    settings,
                    owned.journal(),
                    told::add);
            if (now.state() instanceof MachineState.Suspended) {
                syncAsleep(spec, place);
            } else {
                MachineMappings.sync(spec.wantedMappings(), place);
            }
        }
        return told;
    }

    /** Its guest goes on with its copies: they stay as they are. */
    private static void syncAsleep(MachineSpec spec, MappingPlace place) throws FcvmException, InterruptedException {
        try (MachineMappings mappings = MachineMappings.adopt(spec.wantedMappings(), place)) {
            mappings.suspend();
            mappings.sync();
        }
    }

    private static FcvmException running(StoredMachine machine) {
        return new FcvmException(
                Kind.IN_USE,
                "machine " + machine.name() + " is running: stop it first, with: fcvm stop " + machine.name());
    }
}
