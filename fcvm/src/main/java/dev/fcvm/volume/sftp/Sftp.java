package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.Errno;
import dev.fcvm.host.tree.TreeException;

/** The numbers of SFTP version 3 (draft-ietf-secsh-filexfer-02), and those of OpenSSH's extensions of it. */
final class Sftp {

    static final int VERSION = 3;

    /** The longest packet: more than sshfs ever sends (64 KiB of data), and as much as OpenSSH takes. */
    static final int LONGEST_PACKET = 256 * 1024;

    /** The most that one READ gives; asked for more, a server may give less. */
    static final int LONGEST_READ = 128 * 1024;

    static final int INIT = 1;
    static final int OPEN = 3;
    static final int CLOSE = 4;
    static final int READ = 5;
    static final int WRITE = 6;
    static final int LSTAT = 7;
    static final int FSTAT = 8;
    static final int SETSTAT = 9;
    static final int FSETSTAT = 10;
    static final int OPENDIR = 11;
    static final int READDIR = 12;
    static final int REMOVE = 13;
    static final int MKDIR = 14;
    static final int RMDIR = 15;
    static final int REALPATH = 16;
    static final int STAT = 17;
    static final int RENAME = 18;
    static final int READLINK = 19;
    static final int SYMLINK = 20;
    static final int EXTENDED = 200;

    static final int VERSION_REPLY = 2;
    static final int STATUS = 101;
    static final int HANDLE = 102;
    static final int DATA = 103;
    static final int NAME = 104;
    static final int ATTRIBUTES = 105;
    static final int EXTENDED_REPLY = 201;

    static final int OK = 0;
    static final int END = 1;
    static final int NO_SUCH_FILE = 2;
    static final int PERMISSION_DENIED = 3;
    static final int FAILURE = 4;
    static final int BAD_MESSAGE = 5;
    static final int UNSUPPORTED = 8;

    /** Of later versions; a client of this one takes whatever it does not know for an I/O error. */
    static final int INVALID_HANDLE = 9;

    static final int NO_SPACE = 14;

    static final int OPEN_READ = 1;
    static final int OPEN_WRITE = 2;
    static final int OPEN_APPEND = 4;
    static final int OPEN_CREATE = 8;
    static final int OPEN_TRUNCATE = 16;
    static final int OPEN_EXCLUSIVE = 32;

    static final int HAS_SIZE = 1;
    static final int HAS_OWNERS = 2;
    static final int HAS_PERMISSIONS = 4;
    static final int HAS_TIMES = 8;

    static final String POSIX_RENAME = "posix-rename@openssh.com";
    static final String STATVFS = "statvfs@openssh.com";
    static final String HARDLINK = "hardlink@openssh.com";
    static final String FSYNC = "fsync@openssh.com";

    /** Our own: a handle that an earlier server gave is to be good here, for the same file. */
    static final String REOPEN = "reopen@fcvm.dev";

    /**
     * Our own: who opens a file and gives this as an extended attribute is told with the handle what the file is: its
     * attributes, as a string, and behind them, of one of {@link #LONGEST_LOOK} bytes at most that is not opened to be
     * written, its content.
     */
    static final String LOOK = "look@fcvm.dev";

    static final int LONGEST_LOOK = 32 * 1024;

    private Sftp() {}

    /** Returns the status that makes of an error number the same one, or the nearest, in a guest with sshfs. */
    static int status(TreeException failure) {
        return switch (failure.number()) {
            case Errno.ENOENT, Errno.ENOTDIR -> NO_SUCH_FILE;
            case Errno.EACCES, Errno.EROFS, Errno.ELOOP, Errno.EXDEV -> PERMISSION_DENIED;
            case Errno.EOPNOTSUPP -> UNSUPPORTED;
            case Errno.EBADF, Errno.ESTALE, Errno.EIO, Errno.EMFILE -> INVALID_HANDLE;
            case Errno.ENOSPC, Errno.EDQUOT, Errno.EFBIG -> NO_SPACE;
            default -> FAILURE;
        };
    }
}
