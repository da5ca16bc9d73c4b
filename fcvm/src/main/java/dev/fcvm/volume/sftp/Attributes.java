package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.FileStatus;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreeNode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a guest wants a file to be; nothing of what it does not say.
 *
 * @param size in bytes
 * @param owners as the guest counts users and groups
 * @param mode its permissions; a kind may be in it, and means nothing
 * @param times in seconds since 1970
 * @param look whether it wants to be told what the file is ({@link Sftp#LOOK})
 */
record Attributes(OptionalLong size, Optional<Owners> owners, OptionalInt mode, Optional<Times> times, boolean look) {

    private static final int EXTENDED = 0x80000000;
    private static final int PERMISSIONS = 07777;
    private static final int USUAL_FILE = 0666;

    record Owners(int user, int group) {}

    record Times(long accessed, long modified) {}

    static Attributes read(PacketReader in) throws MalformedPacket {
        int has = in.number();
        int all = Sftp.HAS_SIZE | Sftp.HAS_OWNERS | Sftp.HAS_PERMISSIONS | Sftp.HAS_TIMES | EXTENDED;
        if ((has & ~all) != 0) {
            throw new MalformedPacket("attributes of another version");
        }
        OptionalLong size = (has & Sftp.HAS_SIZE) != 0 ? OptionalLong.of(in.wide()) : OptionalLong.empty();
        Optional<Owners> owners =
                (has & Sftp.HAS_OWNERS) != 0 ? Optional.of(new Owners(in.number(), in.number())) : Optional.empty();
        OptionalInt mode =
                (has & Sftp.HAS_PERMISSIONS) != 0 ? OptionalInt.of(in.number() & PERMISSIONS) : OptionalInt.empty();
        Optional<Times> times =
                (has & Sftp.HAS_TIMES) != 0 ? Optional.of(new Times(in.unsigned(), in.unsigned())) : Optional.empty();
        // Of extended ones, names with values, the first may be one that is known here.
        boolean look = (has & EXTENDED) != 0 && in.number() > 0 && in.word().equals(Sftp.LOOK);
        return new Attributes(size, owners, mode, times, look);
    }

    /** Returns the mode for something that is made; without what no file that is made gets. */
    int modeOr(int usual) {
        return mode.orElse(usual);
    }

    int fileMode() {
        return modeOr(USUAL_FILE);
    }

    Attributes withoutSize() {
        return new Attributes(OptionalLong.empty(), owners, mode, times, look);
    }

    /** Makes it so. */
    void apply(TreeNode node, Identities identities) throws TreeException {
        if (size.isPresent()) {
            node.cut(size.getAsLong());
        }
        if (owners.isPresent()) {
            Owners wanted = owners.get();
            node.own(identities.hostUser(wanted.user()), identities.hostGroup(wanted.group()));
        }
        if (mode.isPresent()) {
            node.permit(mode.getAsInt());
        }
        if (times.isPresent()) {
            node.date(times.get().accessed(), times.get().modified());
        }
    }

    /** Writes what a file is. */
    static void write(FileStatus status, Identities identities, PacketWriter out) {
        out.number(Sftp.HAS_SIZE | Sftp.HAS_OWNERS | Sftp.HAS_PERMISSIONS | Sftp.HAS_TIMES);
        out.wide(status.size());
        out.number(identities.guestUser(status.user())).number(identities.guestGroup(status.group()));
        out.number(status.mode());
        out.number((int) status.accessed()).number((int) status.modified());
    }
}
