package dev.fcvm.volume.back;

/**
 * Who on the host owns what somebody owns in the machine.
 *
 * @param root whether this process may give files away at all; else all are its user's
 * @param user the user who is root in the machine; empty where ids are the same on both sides
 */
public record Owners(boolean root, boolean user) {

    /** Who is nobody in the machine, and nobody on the host either. */
    public static final int NOBODY = 65_534;

    /** Returns an id of the host as the machine is to have it. */
    public int inside(int id, int own) {
        if (!user) {
            return id;
        }
        return id == own ? 0 : NOBODY;
    }

    /** Returns an id of the machine as the host is to have it. */
    int outside(int id, int own) {
        return user ? own : id;
    }
}
