package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Has a file system mended that says of itself that it has errors, and one grow whose disk has grown: in the guest, where nobody else has to trust it. */
final class DiskCheck {

    private static final long STATE = 1024 + 0x3A;
    private static final long BLOCKS = 1024 + 0x4;
    private static final long BLOCK = 4096;

    /** A file system leaves out what is too little for a group of blocks. */
    private static final long WORTH_GROWING = 8L << 20;

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
        boolean grown;
        try (RandomAccessFile disk = new RandomAccessFile(device.toFile(), "r")) {
            disk.seek(STATE);
            state = disk.readUnsignedByte();
            disk.seek(BLOCKS);
            long used = Integer.toUnsignedLong(Integer.reverseBytes(disk.readInt())) * BLOCK;
            grown = disk.length() - used >= WORTH_GROWING;
        }
        boolean sound = (state & VALID) != 0 && (state & ERRORS) == 0;
        if (!sound || grown) {
            // To grow wants one that was just looked at all over.
            repair(device, target, grown ? List.of("-f", "-p") : List.of("-p"));
        }
        if (grown) {
            run(device, target, List.of("/usr/sbin/resize2fs"), 1, "does not grow");
        }
    }

    private static void repair(Path device, String target, List<String> how)
            throws AgentException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/sbin/e2fsck"));
        command.addAll(how);
        run(device, target, command, UNCORRECTED, "has errors that e2fsck does not mend");
    }

    /**
     * @param failure the lowest exit code that says so
     */
    private static void run(Path device, String target, List<String> program, int failure, String what)
            throws AgentException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.add(device.toString());
        Process check = new ProcessBuilder(command)
                .redirectInput(Child.nothing())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.PIPE)
                .start();
        byte[] said = check.getInputStream().readNBytes(LONGEST_COMPLAINT);
        if (!check.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            check.destroyForcibly();
            throw new AgentException("mapping " + target + ": checking its file system took too long");
        }
        if (check.exitValue() >= failure) {
            throw new AgentException("mapping " + target + ": its file system " + what + ": "
                    + Console.oneLine(new String(said, StandardCharsets.UTF_8)));
        }
    }
}
