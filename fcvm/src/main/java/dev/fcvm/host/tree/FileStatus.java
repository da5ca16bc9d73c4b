package dev.fcvm.host.tree;

/**
 * What a file is, from statx(2).
 *
 * @param identity which file: it is the same as long as this is, whatever its name
 * @param mode kind and permissions, st_mode
 * @param links how many names it has
 * @param size in bytes
 * @param accessed when it was last read, in seconds since 1970
 * @param modified when it was last written, in seconds since 1970
 */
public record FileStatus(
        Identity identity, int mode, int user, int group, long links, long size, long accessed, long modified) {

    private static final int KIND = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;

    /**
     * Which file it is. An inode's number is given to another file when this one is gone; its time of birth is not.
     *
     * @param device of its file system
     * @param inode its number there
     * @param born when it was made, in nanoseconds; 0 where the file system does not say
     */
    public record Identity(long device, long inode, long born) {}

    /** Returns whether it is a directory. */
    public boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    /** Returns whether it is a regular file. */
    public boolean isRegular() {
        return (mode & KIND) == REGULAR;
    }

    /** Returns whether it is a symbolic link. */
    public boolean isLink() {
        return (mode & KIND) == LINK;
    }
}
