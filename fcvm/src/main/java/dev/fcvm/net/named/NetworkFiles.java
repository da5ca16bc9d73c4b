package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.settings.Directories;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The files of a user's networks: a directory each in the data directory, by its name, and one lock for all of them.
 * What is made or removed has a name with a dot meanwhile, which nobody looks at.
 *
 * @param directories where fcvm keeps things
 */
record NetworkFiles(Directories directories) {

    private static final String DOCUMENT = "network.json";

    /** What is done alone by this user. */
    interface Locked<T> {
        T run() throws IOException, FcvmException, InterruptedException;
    }

    <T> T locked(Locked<T> action) throws FcvmException, InterruptedException {
        PrivateDirectories.require(directories.data());
        PrivateDirectories.require(directories.networks());
        PrivateDirectories.require(directories.runtime());
        try (LockFile _ = LockFile.exclusive(directories.data().resolve("networks.lock"))) {
            return action.run();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private FcvmException failed(IOException cause) {
        return new FcvmException(
                Kind.HOST,
                "cannot see to the networks in %s: %s".formatted(directories.networks(), cause.getMessage()),
                cause);
    }

    /** Returns whether there has ever been one. */
    boolean any() {
        return Files.isDirectory(directories.networks());
    }

    /** Returns where a network lies, or would. */
    Path directory(NetworkName name) {
        return directories.networks().resolve(name.value());
    }

    Members members(NamedNetwork network) {
        return new Members(directory(network.name()), network.subnet(), directories.machines());
    }

    EthernetSwitch ethernet(NamedNetwork network) {
        return new EthernetSwitch(
                network.id(),
                directories.runtime().resolve("net-" + network.id().brief()));
    }

    /** Writes a new one: it is there whole or not at all. */
    void write(NamedNetwork network) throws IOException {
        Path making = hidden(network);
        boolean made = false;
        try {
            Files.createDirectory(making);
            new Members(making, network.subnet(), directories.machines()).make();
            AtomicFiles.write(
                    making.resolve(DOCUMENT),
                    Jsonb.instance().type(NetworkDocument.class).toJson(network.document()));
            AtomicFiles.move(making, directory(network.name()));
            made = true;
        } finally {
            if (!made) {
                DirectoryTree.delete(making);
            }
        }
    }

    /** Removes one. */
    void delete(NamedNetwork network) throws IOException {
        AtomicFiles.move(directory(network.name()), hidden(network));
        DirectoryTree.delete(hidden(network));
    }

    private Path hidden(NamedNetwork network) {
        return directories.networks().resolve("." + network.id().value());
    }

    /** Removes what somebody who was killed was making or removing. */
    void deleteUnfinished() throws IOException {
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(directories.networks(), ".*")) {
            for (Path leftover : unfinished) {
                DirectoryTree.delete(leftover);
            }
        }
    }

    /** Finds one by its name. */
    NamedNetwork find(NetworkName name) throws FcvmException {
        try {
            if (Files.isDirectory(directory(name))) {
                return read(directory(name));
            }
        } catch (IOException e) {
            throw failed(e);
        }
        throw unknown(name.value());
    }

    /** Finds one by its name, or its id or the unmistakable beginning of that. */
    NamedNetwork find(String reference) throws IOException, FcvmException {
        List<NamedNetwork> all = all();
        Optional<NamedNetwork> named = all.stream()
                .filter(network -> network.name().value().equals(reference))
                .findFirst();
        if (named.isPresent()) {
            return named.get();
        }
        List<NamedNetwork> beginning = all.stream()
                .filter(network -> !reference.isEmpty() && network.id().value().startsWith(reference))
                .toList();
        return switch (beginning.size()) {
            case 0 -> throw unknown(reference);
            case 1 -> beginning.getFirst();
            default ->
                throw new FcvmException(
                        Kind.USAGE,
                        "\"%s\" is the beginning of the ids of %d networks; give more of it, or a name"
                                .formatted(reference, beginning.size()));
        };
    }

    private static FcvmException unknown(String reference) {
        return new FcvmException(
                Kind.NOT_FOUND,
                "there is no network \"%s\"; see them with: fcvm network ls, and make one with: fcvm network create NAME"
                        .formatted(reference.replaceAll("\\p{Cntrl}", "?")));
    }

    /** Returns all, by their names. */
    List<NamedNetwork> all() throws IOException {
        List<NamedNetwork> networks = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directories.networks(), "[a-zA-Z0-9]*")) {
            for (Path entry : entries) {
                networks.add(read(entry));
            }
        }
        networks.sort(Comparator.comparing(network -> network.name().value()));
        return networks;
    }

    private static NamedNetwork read(Path directory) throws IOException {
        Path file = directory.resolve(DOCUMENT);
        try {
            NamedNetwork network =
                    NamedNetwork.of(Jsonb.instance().type(NetworkDocument.class).fromJson(Files.readString(file)));
            if (!directory.endsWith(network.name().value())) {
                throw new IllegalArgumentException("it is another network's");
            }
            return network;
        } catch (JsonException | IllegalArgumentException | DateTimeException e) {
            throw new IOException("%s is damaged (%s); delete %s".formatted(file, e.getMessage(), directory), e);
        }
    }
}
