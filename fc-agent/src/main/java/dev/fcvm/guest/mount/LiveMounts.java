package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.message.Message.Mount;
import dev.fcvm.link.message.Message.Unmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Mappings that a container gets while it runs: mounted in the guest, and from there put into its mount namespace. */
public final class LiveMounts {

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
            shares.mount(mount.number(), place);
            Path shown = mount.inside().isEmpty() ? place : place.resolve(mount.inside());
            onAThreadOfItsOwn(() -> new MountNamespace(namespace(process))
                    .attach(shown.toString(), mount.target(), Files.isDirectory(shown), mount.readOnly()));
        } catch (IOException e) {
            detach(place);
            shares.forget(mount.number());
            throw new AgentException("cannot mount it at " + mount.target() + ": " + Console.reason(e), e);
        }
    }

    /** Takes one away, also from those who use it. */
    public void remove(Unmount unmount, String process) throws AgentException, InterruptedException {
        try {
            onAThreadOfItsOwn(() -> new MountNamespace(namespace(process)).detach(unmount.target()));
            detach(files.mappings().resolve(Integer.toString(unmount.number())));
            shares.forget(unmount.number());
        } catch (IOException e) {
            throw new AgentException("cannot take " + unmount.target() + " away: " + Console.reason(e), e);
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
