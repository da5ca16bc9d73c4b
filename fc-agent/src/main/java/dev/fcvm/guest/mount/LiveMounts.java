package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.message.Message.Mount;
import dev.fcvm.link.message.Message.Unmount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Mappings that a container gets while it runs: mounted in the guest, and from there put into its mount namespace. */
public final class LiveMounts {

    private static final int LONGEST_COMPLAINT = 2000;

    private final GuestFiles files;
    private final Shares shares;

    public LiveMounts(GuestFiles files, Shares shares) {
        this.files = files;
        this.shares = shares;
    }

    /**
     * Mounts one.
     *
     * @param process the container's first
     */
    public void add(Mount mount, String process) throws AgentException, InterruptedException {
        Path place = files.mappings().resolve(Integer.toString(mount.number()));
        try {
            Files.createDirectories(place);
            if (mount.disk().isEmpty()) {
                shares.mount(mount.number(), place);
            } else {
                mountDisk(mount, place);
            }
            Path shown = mount.inside().isEmpty() ? place : place.resolve(mount.inside());
            onAThreadOfItsOwn(() -> new MountNamespace(namespace(process))
                    .attach(shown.toString(), mount.target(), Files.isDirectory(shown), mount.readOnly()));
        } catch (IOException e) {
            detach(place);
            try {
                detachDisk(mount.number());
            } catch (IOException stays) {
                e.addSuppressed(stays);
            }
            shares.forget(mount.number());
            throw new AgentException("cannot mount it at " + mount.target() + ": " + Console.reason(e), e);
        }
    }

    /** Takes one away, also from those who use it. */
    public void remove(Unmount unmount, String process) throws AgentException, InterruptedException {
        try {
            onAThreadOfItsOwn(() -> new MountNamespace(namespace(process)).detach(unmount.target()));
            Path place = files.mappings().resolve(Integer.toString(unmount.number()));
            if (Files.isDirectory(diskPlace(unmount.number()))) {
                // What programs have written is the host's from now on; whoever is not done with it gets errors.
                run(List.of(program("sync"), "-f", place.toString()));
            }
            detach(place);
            detachDisk(unmount.number());
            shares.forget(unmount.number());
        } catch (IOException e) {
            throw new AgentException("cannot take " + unmount.target() + " away: " + Console.reason(e), e);
        }
    }

    /** A disk that is served as a file: a running machine's monitor takes no other. */
    private void mountDisk(Mount mount, Path place) throws IOException, InterruptedException {
        Path served = diskPlace(mount.number());
        Files.createDirectories(served);
        shares.mountDisk(mount.number(), served);
        run(List.of(
                program("mount"),
                "-t",
                "ext4",
                "-o",
                // A journal that was not played back is, by a copy that is written to.
                mount.readOnly() ? "loop,ro,noload" : "loop,rw",
                served.resolve(mount.disk()).toString(),
                place.toString()));
    }

    /** Where the file is that a disk is served as. */
    private Path diskPlace(int number) {
        return files.mappings().resolve(number + ".disk");
    }

    private void detachDisk(int number) throws IOException, InterruptedException {
        Path served = diskPlace(number);
        if (Files.isDirectory(served)) {
            detach(served);
            Files.deleteIfExists(served);
        }
    }

    private String program(String name) {
        return Path.of(files.podman()).resolveSibling(name).toString();
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(Child.nothing())
                .redirectErrorStream(true)
                .start();
        byte[] said = process.getInputStream().readNBytes(LONGEST_COMPLAINT);
        if (process.waitFor() != 0) {
            throw new IOException(Console.oneLine(new String(said, StandardCharsets.UTF_8)));
        }
    }

    private String namespace(String process) {
        return files.processes().resolve(process).resolve("ns/mnt").toString();
    }

    /** What is not mounted need not be taken away. */
    private void detach(Path place) throws InterruptedException {
        try {
            Process umount = new ProcessBuilder(files.busybox(), "umount", "-l", place.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            umount.waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("busybox cannot be run", e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** It stays in the container's namespace, and must end there. */
    private static void onAThreadOfItsOwn(Step step) throws IOException, InterruptedException {
        var done = new CompletableFuture<Boolean>();
        new Thread(
                        null,
                        () -> {
                            try {
                                step.run();
                                done.complete(true);
                            } catch (IOException | RuntimeException e) {
                                done.completeExceptionally(e);
                            }
                        },
                        "mount",
                        0,
                        false)
                .start();
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IOException(Console.reason(e.getCause() == null ? e : e.getCause()), e);
        }
    }
}
