package dev.fcvm.machine.event;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.LockFile;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The journal of events of all of a user's machines: one JSON document a line, in two files, of which the older is dropped
 * when the newer is full. Several processes may write to it.
 */
public final class EventLog {

    /** How large one file gets, in bytes: some thousand events. */
    static final long LIMIT = 1 << 20;

    private static final String CURRENT = "events.log";
    private static final String OLDER = "events.log.1";

    private final Path directory;

    /**
     * @param directory where the files lie; must be there
     */
    public EventLog(Path directory) {
        this.directory = directory;
    }

    /** Returns the files, the older first. */
    Path[] files() {
        return new Path[] {directory.resolve(OLDER), directory.resolve(CURRENT)};
    }

    /** Returns the directory they lie in. */
    Path directory() {
        return directory;
    }

    /**
     * Writes an event down.
     *
     * @throws FcvmException when it cannot be written
     */
    public void write(MachineEvent event) throws FcvmException, InterruptedException {
        String line = Jsonb.instance().type(EventDocument.class).toJson(EventDocument.of(event)) + "\n";
        try (LockFile _ = LockFile.exclusive(directory.resolve("events.lock"));
                FileChannel file = FileChannel.open(
                        current(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes =
                    ByteBuffer.wrap(((endsInALine(file) ? "" : "\n") + line).getBytes(StandardCharsets.UTF_8));
            file.position(file.size());
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot write down what happened to machine " + event.name() + " in " + directory.resolve(CURRENT)
                            + ": " + IoReason.of(failure),
                    failure);
        }
    }

    /** It does not when a writer was killed, or the disk was full, in the middle of one: the next is to be readable. */
    private static boolean endsInALine(FileChannel file) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        return file.size() == 0 || (file.read(last, file.size() - 1) == 1 && last.get(0) == '\n');
    }

    private Path current() throws IOException {
        Path current = directory.resolve(CURRENT);
        if (Files.exists(current) && Files.size(current) >= LIMIT) {
            Files.move(current, directory.resolve(OLDER), StandardCopyOption.ATOMIC_MOVE);
        }
        return current;
    }
}
