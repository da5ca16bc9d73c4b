package dev.fcvm.machine.store;

import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.file.Path;

/** A process that holds a lock until it is killed, as a supervisor does. */
final class LockChild {

    private LockChild() {}

    /** Starts it, and returns when it holds the lock. */
    static Process start(Path lock) throws IOException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockChild.class.getName(),
                        lock.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (child.getInputStream().read() != 'y') {
            throw new IOException("the child does not hold the lock");
        }
        return child;
    }

    /** Takes the lock named by the only argument, says so, and sleeps. */
    public static void main(String[] arguments) throws Exception {
        try (LockFile _ = LockFile.tryExclusive(Path.of(arguments[0])).orElseThrow()) {
            System.out.write('y');
            System.out.flush();
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
