package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@link SignalSourceTest} runs in a Java of its own, by the first argument. */
final class SignalChild {

    private SignalChild() {}

    public static void main(String[] arguments) throws FcvmException, IOException, InterruptedException {
        switch (arguments[0]) {
            case "read" -> read(Integer.parseInt(arguments[1]));
            case "open" -> open();
            case "child" -> child();
            case "exit" -> exit();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Says "ready", waits for a line, and then names so many signals as they come. */
    private static void read(int count) throws FcvmException, IOException, InterruptedException {
        System.out.println("ready");
        var _ = System.in.read();
        var signals = new LinkedBlockingQueue<LinuxSignal>();
        try (SignalSource _ = SignalSource.open(signals::add)) {
            System.out.println("open");
            for (int seen = 0; seen < count; seen++) {
                System.out.println(signals.take());
            }
        }
        System.out.println("closed");
    }

    /** Names why the signals cannot be read. */
    private static void open() {
        try (SignalSource _ = SignalSource.open(signal -> {})) {
            System.out.println("open");
        } catch (FcvmException e) {
            System.out.println(e.getMessage());
        }
    }

    /** Starts a process that shows the signals it inherited as blocked. */
    private static void child() throws FcvmException, IOException, InterruptedException {
        System.out.println("blocked: " + SignalSource.isAvailable());
        new ProcessBuilder("grep", "SigBlk", "/proc/self/status")
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Ends while a thread is blocked in native code. */
    private static void exit() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                var _ = System.in.read();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        System.out.println("exiting");
        System.out.flush();
        ProcessExit.now(42);
    }
}
