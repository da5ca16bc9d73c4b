package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.plan.MountSource;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MappedGuest;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A copy that a machine gets while it runs: its disk is served as a file over the link, since no monitor takes one more disk
 * by then, and mounted from that.
 *
 * @param image the copy
 * @param copy what becomes of it
 * @param server who serves it
 */
record ServedCopy(Path image, AttachedMapping copy, AttachedMapping server) implements AttachedMapping {

    @Override
    public Optional<Disk> disk() {
        return Optional.empty();
    }

    @Override
    public Optional<Path> growing() {
        return copy.growing();
    }

    @Override
    public MountSource source(int index) {
        return server.source(index);
    }

    @Override
    public String inside() {
        return copy.inside();
    }

    @Override
    public String servedDisk() {
        return String.valueOf(image.getFileName());
    }

    @Override
    public void connect(MappedGuest guest) throws FcvmException, InterruptedException {
        server.connect(guest);
    }

    /** As of the last that was served. */
    @Override
    public void takeBack() throws FcvmException, InterruptedException {
        server.close();
        copy.takeBack();
    }

    @Override
    public void sync() throws FcvmException {
        copy.sync();
    }

    @Override
    public void letGo() {
        server.letGo();
        copy.letGo();
    }

    @Override
    public void close() throws FcvmException {
        try (copy) {
            server.close();
        }
    }
}
