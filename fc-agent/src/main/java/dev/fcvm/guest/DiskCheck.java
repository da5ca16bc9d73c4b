package dev.fcvm.guest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Has a file system mended that says of itself that it has errors: in the guest, where nobody else has to trust it. */
final class DiskCheck {

    private static final long STATE = 1024 + 0x3A;
    private static final int VALID = 1;
    private static final int ERRORS = 2;
    private static final int UNCORRECTED = 4;
    private static final int LONGEST_COMPLAINT = 2000;
    private static final long PATIENCE_MINUTES = 10;

    private DiskCheck() {}

    /**
     * Looks at a disk that is not mounted.
     *
     * @throws AgentException when it cannot be mended
     */
    static void run(Path device, String target) throws AgentException, IOException, InterruptedException {
        int state;
        try (RandomAccessFile disk = new RandomAccessFile(device.toFile(), "r")) {
            disk.seek(STATE);
            state = disk.readUnsignedByte();
        }
        if ((state & VALID) != 0 && (state & ERRORS) == 0) {
            return;
        }
        Process check = new ProcessBuilder("/usr/sbin/e2fsck", "-p", device.toString())
                .redirectInput(Child.nothing())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.PIPE)
                .start();
        byte[] said = check.getInputStream().readNBytes(LONGEST_COMPLAINT);
        if (!check.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            check.destroyForcibly();
            throw new AgentException("mapping " + target + ": checking its file system took too long");
        }
        if (check.exitValue() >= UNCORRECTED) {
            throw new AgentException("mapping " + target + ": its file system has errors that e2fsck does not mend: "
                    + Console.oneLine(new String(said, StandardCharsets.UTF_8)));
        }
    }
}
