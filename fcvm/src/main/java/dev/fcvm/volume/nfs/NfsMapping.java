package dev.fcvm.volume.nfs;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.plan.MountSource;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.IdMap;
import dev.fcvm.volume.MappedGuest;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An export of one machine. Its server is one of the machine's processes: it outlives this one, and ends with them. */
final class NfsMapping implements AttachedMapping {

    private static final int FIRST_PORT = 2049;

    private final Mapping.HostDirectory wanted;
    private final int number;
    private final MappingPlace place;
    private final NfsServer server;
    private boolean letGo;

    NfsMapping(Mapping.HostDirectory wanted, int number, MappingPlace place) {
        this.wanted = wanted;
        this.number = number;
        this.place = place;
        this.server = new NfsServer(place.machine(), number, FIRST_PORT + number);
    }

    @Override
    public Optional<Disk> disk() {
        return Optional.empty();
    }

    @Override
    public MountSource source(int index) {
        return new MountSource.Nfs(NfsServer.ADDRESS, FIRST_PORT + number, GaneshaConfig.EXPORT);
    }

    @Override
    public void connect(MappedGuest guest) throws FcvmException, InterruptedException {
        if (server.isAlive()) {
            return; // another process has started it
        }
        try {
            server.start(guest.monitor(), wanted.source(), config());
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot map %s to %s by NFS: %s".formatted(wanted.source(), wanted.target(), IoReason.of(e)),
                    e);
        }
    }

    private GaneshaConfig config() throws IOException {
        Path source = wanted.source();
        boolean squashed = wanted.ids().orElse(IdMap.HOST) == IdMap.USER;
        int user = (Integer) Files.getAttribute(source, "unix:uid");
        int group = (Integer) Files.getAttribute(source, "unix:gid");
        return new GaneshaConfig(FIRST_PORT + number, !wanted.readOnly(), squashed, user, group);
    }

    @Override
    public void letGo() {
        letGo = true;
    }

    @Override
    public void close() {
        if (!letGo) {
            server.end();
        }
    }

    @Override
    public String toString() {
        return wanted.target() + " of " + place.name();
    }
}
