package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.PrivateDirectories;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How machines ended that are gone: kept for an hour, so that whoever waits for one is told, however late. */
public final class ExitRecords {

    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST = 1000;

    private final Path directory;
    private final Clock clock;

    /** Makes one of the records in a directory. */
    public ExitRecords(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** Writes one down. */
    void write(EndRecord exit) throws FcvmException, IOException {
        PrivateDirectories.require(directory);
        MachineFiles.write(
                directory.resolve(exit.id()),
                Jsonb.instance().type(EndRecord.class).toJson(exit));
        forgetOld();
    }

    /** Finds how a machine ended: by its id, or the last of its name. */
    public Optional<EndRecord> find(String reference) throws IOException {
        return all().stream()
                .filter(exit -> exit.id().equals(reference) || exit.name().equals(reference))
                .max(Comparator.comparing(EndRecord::finished));
    }

    private List<EndRecord> all() throws IOException {
        List<EndRecord> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[0-9a-f]*")) {
            for (Path file : files) {
                read(file).ifPresent(all::add);
            }
        } catch (NoSuchFileException none) {
            return List.of();
        }
        return all;
    }

    private static Optional<EndRecord> read(Path file) throws IOException {
        try {
            return Optional.of(Jsonb.instance().type(EndRecord.class).fromJson(Files.readString(file)));
        } catch (NoSuchFileException | JsonException | NullPointerException gone) {
            return Optional.empty();
        }
    }

    private void forgetOld() throws IOException {
        String limit = clock.instant().minus(KEPT).toString();
        List<EndRecord> all = new ArrayList<>(all());
        all.sort(Comparator.comparing(EndRecord::finished).reversed());
        for (int index = 0; index < all.size(); index++) {
            if (index >= MOST || all.get(index).finished().compareTo(limit) < 0) {
                Files.deleteIfExists(directory.resolve(all.get(index).id()));
            }
        }
    }
}
