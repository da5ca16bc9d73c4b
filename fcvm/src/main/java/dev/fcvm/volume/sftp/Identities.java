package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.Errno;
import dev.fcvm.host.tree.TreeException;
import java.util.OptionalInt;

/**
 * Which user of the host is which one of the guest. Root's are the same on both sides. An ordinary user, who can give files
 * to nobody, is the guest's root, as with a container of Podman's own; all others are nobody.
 *
 * @param user who is the guest's user 0; empty where they are the same
 * @param group which is the guest's group 0
 */
public record Identities(OptionalInt user, OptionalInt group) {

    /** Nobody, as Linux shows whom a user namespace does not know. */
    private static final int NOBODY = 65534;

    private static final int UNCHANGED = -1;

    /** Returns those of a machine of root's. */
    public static Identities same() {
        return new Identities(OptionalInt.empty(), OptionalInt.empty());
    }

    /** Returns those of a machine of an ordinary user's. */
    public static Identities ofUser(int user, int group) {
        return new Identities(OptionalInt.of(user), OptionalInt.of(group));
    }

    int guestUser(int host) {
        return guest(host, user);
    }

    int guestGroup(int host) {
        return guest(host, group);
    }

    int hostUser(int guest) throws TreeException {
        return host(guest, user);
    }

    int hostGroup(int guest) throws TreeException {
        return host(guest, group);
    }

    private static int guest(int host, OptionalInt root) {
        if (root.isEmpty()) {
            return host;
        }
        return host == root.getAsInt() ? 0 : NOBODY;
    }

    private static int host(int guest, OptionalInt root) throws TreeException {
        if (root.isEmpty() || guest == UNCHANGED) {
            return guest;
        }
        if (guest != 0) {
            throw new TreeException("chown", Errno.EPERM);
        }
        return root.getAsInt();
    }
}
