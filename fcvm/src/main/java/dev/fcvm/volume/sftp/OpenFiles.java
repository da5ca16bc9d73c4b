package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.Errno;
import dev.fcvm.host.tree.FileStatus;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreeFile;
import dev.fcvm.host.tree.TreeListing;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a guest has open, by its handles. A handle says which file it is of, so that a later server can open that same file
 * and no other; a guest that makes handles up gets nothing by it, since each is looked up here.
 */
final class OpenFiles implements AutoCloseable {

    /** Each costs the process a descriptor. */
    static final int MOST = 1024;

    private static final int HANDLE_BYTES = 4 * Long.BYTES;

    private final Map<ByteBuffer, TreeFile> files = new HashMap<>();
    private final Map<ByteBuffer, TreeListing> listings = new HashMap<>();
    private long serial = RandomGenerator.getDefault().nextLong();

    byte[] add(TreeFile file) throws TreeException {
        byte[] handle = handle(file.status());
        files.put(ByteBuffer.wrap(handle), file);
        return handle;
    }

    byte[] add(TreeListing listing) throws TreeException {
        byte[] handle = handle(listing.status());
        listings.put(ByteBuffer.wrap(handle), listing);
        return handle;
    }

    /** Takes a file for the one that an earlier server gave this handle for. */
    void again(byte[] handle, TreeFile file) throws TreeException {
        var key = ByteBuffer.wrap(handle);
        if (handle.length != HANDLE_BYTES || files.containsKey(key) || listings.containsKey(key)) {
            throw new TreeException("a handle that is none", Errno.EBADF);
        }
        FileStatus.Identity now = file.status().identity();
        var then = new FileStatus.Identity(key.getLong(8), key.getLong(16), key.getLong(24));
        if (!now.equals(then)) {
            throw new TreeException("another file of the same name", Errno.ESTALE);
        }
        files.put(key, file);
    }

    /** Refuses one more when there are too many; to be asked before it is opened. */
    void refuseTooMany() throws TreeException {
        if (files.size() + listings.size() >= MOST) {
            throw new TreeException("one more open file", Errno.EMFILE);
        }
    }

    TreeFile file(byte[] handle) throws TreeException {
        return found(files.get(ByteBuffer.wrap(handle)));
    }

    TreeListing listing(byte[] handle) throws TreeException {
        return found(listings.get(ByteBuffer.wrap(handle)));
    }

    void close(byte[] handle) throws TreeException {
        var key = ByteBuffer.wrap(handle);
        TreeFile file = files.remove(key);
        if (file != null) {
            file.close();
        } else {
            found(listings.remove(key)).close();
        }
    }

    private static <T> T found(@Nullable T open) throws TreeException {
        if (open == null) {
            throw new TreeException("a handle of nothing open", Errno.EBADF);
        }
        return open;
    }

    private byte[] handle(FileStatus status) {
        FileStatus.Identity identity = status.identity();
        return ByteBuffer.allocate(HANDLE_BYTES)
                .putLong(serial++)
                .putLong(identity.device())
                .putLong(identity.inode())
                .putLong(identity.born())
                .array();
    }

    @Override
    public void close() {
        files.values().forEach(TreeFile::close);
        listings.values().forEach(TreeListing::close);
        files.clear();
        listings.clear();
    }
}
