package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.volume.MappingDocument;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A mapping that a machine got while it ran, written down in its directory for whoever takes it over. It goes with this
 * run of the machine.
 *
 * @param number by which the agent knows it
 * @param mapping what it is
 */
@Json
public record AddedMapping(int number, MappingDocument mapping) {

    private static final String FILE = "added-mappings.json";

    /** Reads them; none where nothing is written down. */
    public static List<AddedMapping> read(Path machine) throws FcvmException {
        try {
            return Jsonb.instance().type(AddedMapping.class).list().fromJson(Files.readString(machine.resolve(FILE)));
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IOException | RuntimeException failure) {
            throw failed("read", machine, failure);
        }
    }

    /** Writes them down. */
    public static void write(Path machine, List<AddedMapping> all) throws FcvmException {
        try {
            if (all.isEmpty()) {
                Files.deleteIfExists(machine.resolve(FILE));
            } else {
                AtomicFiles.write(
                        machine.resolve(FILE),
                        Jsonb.instance().type(AddedMapping.class).list().toJson(all));
            }
        } catch (IOException failure) {
            throw failed("write", machine, failure);
        }
    }

    private static FcvmException failed(String what, Path machine, Exception failure) {
        String why = failure instanceof IOException io ? IoReason.of(io) : String.valueOf(failure.getMessage());
        return new FcvmException(Kind.HOST, "cannot " + what + " " + machine.resolve(FILE) + ": " + why, failure);
    }
}
