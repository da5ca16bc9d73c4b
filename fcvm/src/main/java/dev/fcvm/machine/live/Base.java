package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.FileStamp;
import dev.fcvm.settings.Settings;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What every machine boots from, made by {@code fcvm init}.
 *
 * @param kernel the guest's kernel, an ELF file: Debian's, or the one that {@code scripts/build-kernel.sh} made
 * @param initramfs its initial file system
 * @param rootfs the read-only root file system
 * @param info what was put in
 */
public record Base(Path kernel, Path initramfs, Path rootfs, BaseInfo info) {

    private static final int ELF_MAGIC = 0x7f454c46;
    private static final String REMEDY = "run scripts/fcvm-init.sh or: fcvm init";

    /**
     * Finds it.
     *
     * @throws FcvmException when it was never made, is not whole, or is of another version; or when the kernel the user
     *     named is none
     */
    public static Base find(Settings settings) throws FcvmException {
        Path directory = settings.directories().base();
        BaseInfo info = info(directory.resolve("base.json"));
        if (info.version() != BaseInfo.VERSION) {
            throw unusable("the base in " + directory + " has layout " + info.version()
                    + ", and this fcvm needs layout " + BaseInfo.VERSION + "; make it again: " + REMEDY);
        }
        Path kernel = settings.kernel().orElseGet(() -> kernelOf(directory));
        if (settings.kernel().isPresent()) {
            checkKernel(kernel);
        }
        return new Base(kernel, directory.resolve("initramfs.img"), directory.resolve("rootfs.ext4"), info);
    }

    /** Returns by what it is told from any other, but for its kernel. */
    public String identity() {
        return "%s; %s; %s %s".formatted(FileStamp.of(rootfs), FileStamp.of(initramfs), info.agent(), info.created());
    }

    /** The small kernel that the user had built, where there is one; but first of all a kernel that is the user's own. */
    private static Path kernelOf(Path directory) {
        Path stock = directory.resolve("vmlinux");
        Path built = directory.resolve("vmlinux-fcvm");
        // Written by scripts/fcvm-init.sh where vmlinux is not the one that it took out of Debian's package.
        boolean own = Files.exists(directory.resolve("vmlinux.yours"));
        return !own && Files.isRegularFile(built) ? built : stock;
    }

    private static BaseInfo info(Path file) throws FcvmException {
        try {
            return Jsonb.instance().type(BaseInfo.class).fromJson(Files.readString(file));
        } catch (NoSuchFileException missing) {
            throw unusable("there is no base for machines in " + file.getParent() + " yet; " + REMEDY);
        } catch (IOException | JsonException damaged) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot read " + file + ": " + damaged.getMessage() + "; make the base again: " + REMEDY,
                    damaged);
        }
    }

    private static void checkKernel(Path kernel) throws FcvmException {
        try (FileChannel channel = FileChannel.open(kernel)) {
            ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
            if (channel.read(head) != Integer.BYTES || head.flip().getInt() != ELF_MAGIC) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "the kernel " + kernel + " is no ELF file; name an uncompressed vmlinux, not a bzImage");
            }
        } catch (IOException unreadable) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "cannot read the kernel " + kernel + ": " + IoReason.of(unreadable) + "; name a readable vmlinux",
                    unreadable);
        }
    }

    private static FcvmException unusable(String message) {
        return new FcvmException(FcvmException.Kind.NOT_FOUND, message);
    }
}
