package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.PrivateDirectories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory a machine's monitor may write to, where it leaves what it saves. */
public final class Exchange {

    private Exchange() {}

    /** Makes it, with nothing in it. */
    public static Path prepare(MachineFiles files) throws FcvmException {
        PrivateDirectories.require(files.exchange());
        empty(files);
        return files.exchange();
    }

    /** Deletes what is in it: the monitor's alone, so nothing in there is followed. */
    public static void empty(MachineFiles files) throws FcvmException {
        if (!Files.isDirectory(files.exchange())) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(files.exchange())) {
            for (Path entry : entries) {
                Files.deleteIfExists(entry);
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot empty " + files.exchange() + ": " + IoReason.of(failure), failure);
        }
    }
}
