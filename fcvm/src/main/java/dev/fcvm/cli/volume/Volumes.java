package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.named.VolumeStore;
import java.util.List;

/** The user's volumes, and the machines that were made with them. */
final class Volumes {

    private Volumes() {}

    static Settings settings(CommandContext context) throws FcvmException {
        return new SettingsFlags().settings(context);
    }

    static VolumeStore store(CommandContext context) throws FcvmException {
        return new VolumeStore(settings(context).directories().volumes(), context.clock());
    }

    /** Returns the names of the machines, running or not, that were made with a volume. */
    static List<String> users(Machines machines, String volume) throws FcvmException {
        return machines.list().stream()
                .filter(machine -> has(machine, volume))
                .map(machine -> machine.name().value())
                .toList();
    }

    private static boolean has(StoredMachine machine, String volume) {
        return machine.spec()
                .filter(spec -> spec.mappings().stream()
                        .anyMatch(mapping -> mapping.volume().equals(volume)))
                .isPresent();
    }

    static FcvmException inUse(String volume, List<String> machines) {
        return new FcvmException(
                FcvmException.Kind.IN_USE,
                "volume " + volume + " is being used by the following machine(s): " + String.join(", ", machines)
                        + ": volume is being used");
    }
}
