package dev.fcvm.agent;

/**
 * A secret that becomes a file in the guest's memory.
 *
 * @param number of the file there, 0 to 63
 * @param uid its owner
 * @param gid its group
 * @param mode its twelve bits
 * @param content what is secret
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SecretFile(int number, int uid, int gid, int mode, byte[] content) {

    /** Shows nothing of what is in it. */
    @Override
    public String toString() {
        return "SecretFile[number=" + number + "]";
    }
}
