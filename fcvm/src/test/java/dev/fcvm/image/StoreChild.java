package dev.fcvm.image;

import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another process at the store, which holds something until it is killed. */
final class StoreChild {

    private StoreChild() {}

    /** Starts it, and returns when it holds what it is to hold. */
    static Process start(String what, Path store, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StoreChild.class.getName(),
                what,
                store.toString()));
        command.addAll(List.of(more));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (child.getInputStream().read() != 'y') {
            throw new IOException("the child does not hold it");
        }
        return child;
    }

    /** Takes a lease on an image, a work directory, or a lock; says so, and sleeps. */
    @SuppressWarnings("try") // held until the process is killed
    public static void main(String[] arguments) throws Exception {
        Path store = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "lease" -> {
                ImageStore images = ImageStore.open(store, Map.of(), TestStore.BOUNDS);
                StoreDisk disk = images.resolve(
                        ImageReference.parse(arguments[2], Path::of),
                        PullPolicy.NEVER,
                        RegistryOptions.defaults(),
                        Progress.silent());
                try (Lease _ = images.lease(disk)) {
                    hold();
                }
            }
            case "work" -> {
                UnpackSpace space = UnpackSpace.ofUser();
                try (WorkDirectory work = WorkDirectory.create(store.resolve("partial"), space)) {
                    Files.writeString(work.resolve("half"), "made");
                    hold();
                }
            }
            case "catalogue" -> {
                try (LockFile _ = new StoreLocks(store.resolve("locks")).catalogue()) {
                    hold();
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void hold() throws InterruptedException {
        System.out.write('y');
        System.out.flush();
        Thread.sleep(Long.MAX_VALUE);
    }
}
