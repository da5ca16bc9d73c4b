package dev.fcvm.guest.system;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** Writes the machine's disks back, and ends it. */
public final class Power {

    /** Longer than any disk takes to write back a page cache of a machine's size. */
    private static final long SYNC_SECONDS = 60;

    private final GuestFiles files;
    private final Console console;

    public Power(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
    }

    /**
     * Ends the machine at once; the monitor takes the reset for the end.
     *
     * @param keep whether what was written must be on the disks before
     */
    public void off(boolean keep) throws InterruptedException {
        console.log(keep ? "shutting down" : "shutting down, nothing is kept");
        if (keep) {
            sync();
            unmount();
        }
        try {
            // Without stopping any device or process: nobody is to see this machine again.
            Files.writeString(files.sysrq(), "b", StandardOpenOption.WRITE);
        } catch (IOException e) {
            console.log("cannot reset the machine by sysrq: " + Console.reason(e));
        }
        try {
            run(files.busybox(), "reboot", "-n", "-f");
        } catch (IOException e) {
            console.log("cannot reboot: " + Console.reason(e));
        }
    }

    /** Writes the disks back. What cannot be is said, and nothing else: a machine must end, or go on, all the same. */
    public void sync() throws InterruptedException {
        try {
            if (!run(files.busybox(), "sync")) {
                console.log("the disks could not be written back");
            }
        } catch (IOException e) {
            console.log("the disks could not be written back: " + Console.reason(e));
        }
    }

    /** A disk of a mapping that was unmounted has no journal to be played back by whoever reads it. */
    private void unmount() throws InterruptedException {
        String[] mappings = files.mappings().toFile().list();
        for (String mapping : mappings == null ? new String[0] : mappings) {
            try {
                run(
                        files.busybox(),
                        "umount",
                        "-r",
                        files.mappings().resolve(mapping).toString());
            } catch (IOException e) {
                console.log("a mapping could not be unmounted: " + Console.reason(e));
            }
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        if (!process.waitFor(SYNC_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return false;
        }
        return process.exitValue() == 0;
    }
}
