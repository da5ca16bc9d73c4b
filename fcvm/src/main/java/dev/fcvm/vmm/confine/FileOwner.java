package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whose a file is that the machine's user has while the machine runs.
 *
 * @param file the file
 * @param user whose it was before
 * @param group the same for its group
 * @param shared whether it lies outside of the machine's directory, and so is of use after a restart of the host
 */
record FileOwner(Path file, long user, long group, boolean shared) implements Resource {

    /** Of 32 bits; the last number stands for none. */
    private static final long MOST = (1L << 32) - 2;

    static final ResourceKind KIND = new ResourceKind(
            "owner",
            fields -> new FileOwner(
                    fields.path("file"),
                    fields.number("user", 0, MOST),
                    fields.number("group", 0, MOST),
                    Boolean.parseBoolean(fields.text("shared"))));

    /** Tells whose a file is now. */
    static FileOwner of(Path file, Path machine) throws IOException {
        return new FileOwner(
                file.toAbsolutePath().normalize(),
                id(file, "unix:uid"),
                id(file, "unix:gid"),
                !file.startsWith(machine));
    }

    private static long id(Path file, String attribute) throws IOException {
        return Integer.toUnsignedLong((Integer) Files.getAttribute(file, attribute));
    }

    /** Makes it somebody else's. */
    void give(int owner) throws IOException {
        Files.setAttribute(file, "unix:uid", owner);
        Files.setAttribute(file, "unix:gid", owner);
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of(
                "file",
                file.toString(),
                "user",
                Long.toString(user),
                "group",
                Long.toString(group),
                "shared",
                Boolean.toString(shared));
    }

    @Override
    public boolean outlivesRestart() {
        return shared;
    }

    @Override
    public void release() throws FcvmException {
        try {
            Files.setAttribute(file, "unix:uid", (int) user);
            Files.setAttribute(file, "unix:gid", (int) group);
        } catch (NoSuchFileException e) {
            return; // the disk has gone before
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot give %s back to user %d: %s".formatted(file, user, IoReason.of(e)), e);
        }
    }
}
