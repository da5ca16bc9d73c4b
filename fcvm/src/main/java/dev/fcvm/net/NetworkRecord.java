package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.AtomicFiles;
import io.avaje.json.JsonException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where a machine's {@link NetworkState} is written down; only who supervises the machine writes. */
final class NetworkRecord {

    private static final JsonType<NetworkState> JSON = Jsonb.instance().type(NetworkState.class);

    private final Path file;
    private NetworkState state;

    private NetworkRecord(Path file, NetworkState state) {
        this.file = file;
        this.state = state;
    }

    /**
     * Reads what is written down.
     *
     * @param directory the machine's
     * @return nothing when the machine never had a network
     */
    static Optional<NetworkState> read(Path directory) throws FcvmException {
        Path file = file(directory);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            NetworkState state = JSON.fromJson(Files.readString(file));
            if (state.isKnown()) {
                return Optional.of(state);
            }
            throw new IOException("version " + state.version() + " is not known to this fcvm");
        } catch (IOException e) {
            throw failed("read", file, IoReason.of(e), e);
        } catch (JsonException | IllegalStateException | IndexOutOfBoundsException e) {
            throw failed("read", file, "it is damaged: " + e.getMessage(), e);
        }
    }

    private static Path file(Path directory) {
        return directory.resolve("network.json");
    }

    /** Begins with this state, which is not written before it changes. */
    static NetworkRecord of(Path directory, NetworkState state) {
        return new NetworkRecord(file(directory), state);
    }

    /** Changes it. */
    synchronized void change(UnaryOperator<NetworkState> change) throws FcvmException {
        NetworkState next = change.apply(state);
        try {
            // Not forced to the disk: it is of no use after a restart of the host but for the ports.
            Path temporary = file.resolveSibling(
                    AtomicFiles.TEMPORARY_PREFIX + file.getFileName() + AtomicFiles.TEMPORARY_SUFFIX);
            Files.writeString(temporary, JSON.toJson(next));
            AtomicFiles.move(temporary, file);
        } catch (IOException e) {
            throw failed("write", file, IoReason.of(e), e);
        }
        state = next;
    }

    private static FcvmException failed(String what, Path file, String why, Exception cause) {
        return new FcvmException(
                Kind.HOST, "cannot %s %s, the machine's network as it is: %s".formatted(what, file, why), cause);
    }
}
