package dev.fcvm.volume.sftp;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.plan.MountSource;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MappedGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A share of one machine. What a guest has open is in its own hands, so nothing of it need be written down. */
final class SshfsMapping implements AttachedMapping {

    /** A disk may hold a request up; nothing of the machine's waits for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final int number;
    private final String target;
    private final Share share;
    private final Consumer<String> warn;
    private @Nullable Serving serving;

    private record Serving(LinkStream stream, Thread thread) {}

    SshfsMapping(int number, String target, Share share, Consumer<String> warn) {
        this.number = number;
        this.target = target;
        this.share = share;
        this.warn = warn;
    }

    @Override
    public Optional<Disk> disk() {
        return Optional.empty();
    }

    @Override
    public MountSource source(int index) {
        return new MountSource.Sshfs();
    }

    @Override
    public String inside() {
        return share.only().orElse("");
    }

    @Override
    public synchronized void connect(MappedGuest guest) throws FcvmException {
        end();
        LinkStream stream;
        try {
            stream = guest.serve(number);
        } catch (LinkException e) {
            throw new FcvmException(Kind.GUEST, "cannot serve the mapping at " + target + ": " + e.getMessage(), e);
        }
        // A disk holds it up in the kernel, where a virtual thread would hold up others.
        Thread thread = Thread.ofPlatform().daemon().name("mapping-" + number).start(() -> serve(stream));
        serving = new Serving(stream, thread);
    }

    private void serve(LinkStream stream) {
        try {
            serveOrRefuse(stream);
        } catch (MalformedPacket broken) {
            warn.accept("the mapping at " + target + " is not served any more: the guest sent " + broken.getMessage());
        } catch (LinkException over) {
            // The session with the guest is over, and so is this; whoever takes the machine over serves anew.
            stream.reset();
        } catch (IOException e) {
            warn.accept("the mapping at " + target + " is not served any more: " + IoReason.of(e));
        }
        stream.reset();
    }

    private void serveOrRefuse(LinkStream stream) throws IOException {
        try {
            SftpServer.serve(share, stream.input(), stream.output());
        } catch (TreeException gone) {
            warn.accept(
                    "the mapping at %s gives errors: %s cannot be opened any more (%s); stop the machine, and start it when it is back"
                            .formatted(target, share.directory(), gone.getMessage()));
            SftpServer.refuse(stream.input(), stream.output());
        }
    }

    private void end() {
        Serving last = serving;
        serving = null;
        if (last != null) {
            last.stream().reset();
            try {
                last.thread().join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public synchronized void close() {
        end();
    }
}
