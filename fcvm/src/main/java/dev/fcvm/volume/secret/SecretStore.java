package dev.fcvm.volume.secret;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The user's secrets: a directory each, by its id, with the secret and what is known of it, in files for this user alone
 * (0600). Not encrypted, as with Podman.
 */
public final class SecretStore {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9])?");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + Id.LENGTH + "}");
    private static final String HIDDEN = ".new-";

    private final Path root;
    private final Clock clock;

    /** How ids are made. */
    private static final class Id {

        /** As many digits as Podman's have. */
        static final int LENGTH = 25;

        static String random() {
            return MachineId.random().value().substring(0, LENGTH);
        }
    }

    /**
     * @param root where they lie
     */
    public SecretStore(Path root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** Returns the user's. */
    public static SecretStore of(Settings settings, Clock clock) {
        return new SecretStore(settings.directories().secrets(), clock);
    }

    private interface Work<T> {
        T run() throws FcvmException, IOException;
    }

    private <T> T locked(String what, Work<T> work) throws FcvmException, InterruptedException {
        PrivateDirectories.require(root);
        try (LockFile _ = LockFile.exclusive(root.resolve(".lock"))) {
            return work.run();
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot " + what + " in " + root + ": " + IoReason.of(failure)
                            + "; look at the disk space and the permissions there",
                    failure);
        }
    }

    /**
     * Keeps one.
     *
     * @param replace whether it takes the place of one of this name
     * @throws FcvmException when the name is none or is taken, or there is too much of it
     */
    public SecretRecord create(String name, byte[] content, List<String> labels, boolean replace)
            throws FcvmException, InterruptedException {
        if (!NAME.matcher(name).matches()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]: "
                            + name + ": invalid secret name");
        }
        SecretContent.check(content);
        return locked("keep secret " + name, () -> {
            Optional<SecretRecord> there =
                    all().stream().filter(one -> one.name().equals(name)).findFirst();
            if (there.isPresent() && !replace) {
                throw new FcvmException(Kind.IN_USE, name + ": secret name in use");
            }
            String now = clock.instant().toString();
            var record = new SecretRecord(SecretRecord.VERSION, Id.random(), name, now, now, labels);
            make(record, content);
            if (there.isPresent()) {
                delete(there.get());
            }
            return record;
        });
    }

    private void make(SecretRecord record, byte[] content) throws IOException {
        Path making = Files.createTempDirectory(
                root, HIDDEN, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        boolean made = false;
        try {
            AtomicFiles.write(making.resolve("data"), content);
            AtomicFiles.write(
                    making.resolve("secret.json"),
                    Jsonb.instance().type(SecretRecord.class).toJson(record));
            AtomicFiles.move(making, root.resolve(record.id()));
            made = true;
        } finally {
            if (!made) {
                DirectoryTree.delete(making);
            }
        }
    }

    /** Returns all, by name. */
    public List<SecretRecord> list() throws FcvmException, InterruptedException {
        return locked("list the secrets", this::all);
    }

    private List<SecretRecord> all() throws FcvmException, IOException {
        List<SecretRecord> all = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root)) {
            for (Path directory : directories) {
                if (ID.matcher(String.valueOf(directory.getFileName())).matches()) {
                    all.add(read(directory.resolve("secret.json")));
                }
            }
        }
        all.sort(Comparator.comparing(SecretRecord::name));
        return all;
    }

    private static SecretRecord read(Path file) throws FcvmException, IOException {
        try {
            return Jsonb.instance().type(SecretRecord.class).fromJson(Files.readString(file));
        } catch (RuntimeException damaged) {
            throw new FcvmException(Kind.HOST, file + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    /**
     * Finds one.
     *
     * @param reference its name or its id
     * @throws FcvmException when there is none
     */
    public SecretRecord find(String reference) throws FcvmException, InterruptedException {
        return locked("find secret " + reference, () -> existing(reference));
    }

    private SecretRecord existing(String reference) throws FcvmException, IOException {
        List<SecretRecord> all = all();
        return all.stream()
                .filter(one -> one.name().equals(reference))
                .findFirst()
                .or(() -> all.stream().filter(one -> one.id().equals(reference)).findFirst())
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND, "no secret with name or id \"" + reference + "\": no such secret"));
    }

    /** Returns what is secret. */
    byte[] content(String reference) throws FcvmException, InterruptedException {
        return locked(
                "read secret " + reference,
                () -> Files.readAllBytes(root.resolve(existing(reference).id()).resolve("data")));
    }

    /**
     * Removes one.
     *
     * @return what was removed
     * @throws FcvmException when there is none
     */
    public SecretRecord remove(String reference) throws FcvmException, InterruptedException {
        return locked("remove secret " + reference, () -> {
            SecretRecord record = existing(reference);
            delete(record);
            return record;
        });
    }

    private void delete(SecretRecord record) throws IOException {
        Path going = Files.createTempDirectory(root, HIDDEN);
        AtomicFiles.move(root.resolve(record.id()), going.resolve("secret"));
        DirectoryTree.delete(going);
    }
}
