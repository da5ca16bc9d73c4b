package dev.fcvm.volume.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * That a machine has a volume: a file in the volume's directory with the machine's id for its name. It holds the machine's
 * journal, and is in force as long as that is there.
 *
 * @param directory the volume's
 * @param machine the machine
 */
record VolumeClaim(Path directory, MachineId machine) implements Resource {

    static final ResourceKind KIND = new ResourceKind(
            "volume",
            fields -> new VolumeClaim(
                    fields.path("directory"), new MachineId(fields.matching("machine", "[0-9a-f]{32}"))));

    Path file() {
        return VolumeStore.claims(directory).resolve(machine.value());
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("directory", directory.toString(), "machine", machine.value());
    }

    @Override
    public boolean outlivesRestart() {
        return true;
    }

    @Override
    public boolean outlivesSuspension() {
        return true;
    }

    @Override
    public void release() throws FcvmException {
        try {
            Files.deleteIfExists(file());
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot give " + directory + " back: " + IoReason.of(failure), failure);
        }
    }
}
