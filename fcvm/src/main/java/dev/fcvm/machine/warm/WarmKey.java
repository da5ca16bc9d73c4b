package dev.fcvm.machine.warm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.CpuModel;
import dev.fcvm.host.file.FileStamp;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.Vmm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * All that a warm base depends on: a machine starts from one that was made under the same.
 *
 * @param host the part that is the same for all machines that could start here now
 * @param machine the part that is the machine's
 */
public record WarmKey(String host, String machine) {

    /** To be changed with what is done in a guest before it is saved. */
    private static final String LAYOUT = "2";

    private static final int NAME_DIGITS = 32;

    /**
     * Returns that of a machine.
     *
     * @param kernel the guest's kernel
     * @param base by what the base is told from any other
     */
    public static WarmKey of(
            Settings settings, Path kernel, String base, Vmm vmm, Resources resources, DataSize diskSize)
            throws FcvmException {
        String machine = """
                kernel %s
                arguments %s
                init %s
                processors %d
                memory %d
                disk %d
                """.formatted(
                        FileStamp.of(kernel),
                        settings.kernelArguments(),
                        settings.init().word(),
                        resources.vcpus(),
                        resources.memoryMib(),
                        diskSize.bytes());
        return new WarmKey(host(base, vmm), machine);
    }

    /** Returns the part that is the host's. */
    public static String host(String base, Vmm vmm) throws FcvmException {
        try {
            return """
                    layout %s
                    places %s
                    processor %s
                    monitor %s
                    base %s
                    """.formatted(LAYOUT, WarmSlots.LAYOUT, CpuModel.ofHost(), vmm.identity(), base);
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot ask which processor this host has: " + IoReason.of(unreadable), unreadable);
        }
    }

    /** Returns whether a warm base that was made under this text has another base, or an earlier one of the same. */
    boolean hasOtherBase(String text) {
        return !text.lines()
                .filter(WarmKey::namesBase)
                .toList()
                .equals(host.lines().filter(WarmKey::namesBase).toList());
    }

    private static boolean namesBase(String line) {
        return line.startsWith("base ");
    }

    /** Returns all of it. */
    public String text() {
        return host + machine;
    }

    /** Returns what a warm base that was made under it is called. */
    public String name() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError("every Java has SHA-256", never);
        }
    }
}
