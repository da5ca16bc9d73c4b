package dev.fcvm.host.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.ProcessTag;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A scope of systemd's that was just made, held open by a process of ours until another is in it. Closing it lets that process go;
 * so does the end of this one, however it ends.
 */
public final class SystemdScope implements AutoCloseable {

    private static final String SUFFIX = ".scope";
    private static final String END = ".";
    /** Says where it is, and waits for the end of its input. */
    private static final String HOLD = "cat /proc/self/cgroup && echo . && exec cat >/dev/null";

    private static final long PATIENCE_SECONDS = 30;

    private final Process holder;
    private final Systemd systemd;
    private final Path directory;

    SystemdScope(Process holder, Systemd systemd, Path directory) {
        this.holder = holder;
        this.systemd = systemd;
        this.directory = directory;
    }

    /** Returns the name of the scope for a machine's cgroup of this name. */
    public static String unit(String group) {
        return group + SUFFIX;
    }

    /** Tells whether a cgroup lies in a scope of its own. */
    static boolean holds(Path group) {
        Path parent = group.getParent();
        return parent != null && parent.endsWith(unit(String.valueOf(group.getFileName())));
    }

    static SystemdScope opened(String unit, Systemd systemd, ProcessTag tag, List<String> before)
            throws FcvmException, InterruptedException {
        List<String> words = new ArrayList<>(before);
        words.addAll(List.of("sh", "-c", HOLD));
        Process holder = tag.start(Path.of("/"), words, Redirect.PIPE, Redirect.PIPE);
        boolean open = false;
        try {
            SystemdScope scope = new SystemdScope(holder, systemd, directory(unit, holder));
            open = true;
            return scope;
        } finally {
            if (!open) {
                holder.destroyForcibly();
            }
        }
    }

    private static Path directory(String unit, Process holder) throws FcvmException, InterruptedException {
        CompletableFuture<List<String>> said = new CompletableFuture<>();
        // Not virtual: a read of a pipe holds its carrier.
        Thread.ofPlatform().daemon().name("systemd-scope").start(() -> {
            try {
                said.complete(memberships(holder));
            } catch (IOException | UncheckedIOException e) {
                said.completeExceptionally(e);
            }
        });
        try {
            CgroupTree tree = CgroupTree.read(
                    Files.readAllLines(Path.of("/proc/self/mountinfo")), said.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            Optional<Path> own = tree.second().map(CgroupTree.Place::own);
            if (own.isEmpty() || !own.get().endsWith(unit) || !Files.isDirectory(own.get())) {
                throw failed(
                        unit, "it is not seen here: " + own.map(Path::toString).orElse("no cgroup2"));
            }
            return own.get();
        } catch (TimeoutException e) {
            throw failed(unit, "systemd did not answer within " + PATIENCE_SECONDS + " s");
        } catch (ExecutionException | IOException e) {
            throw failed(unit, String.valueOf(e.getMessage()));
        }
    }

    private static List<String> memberships(Process holder) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader from = holder.inputReader();
        for (String line = from.readLine(); line != null; line = from.readLine()) {
            if (line.equals(END)) {
                return lines;
            }
            lines.add(line);
        }
        try (BufferedReader errors = holder.errorReader()) {
            throw new IOException(
                    errors.lines().reduce((first, second) -> second).orElse("systemd-run said nothing"));
        }
    }

    private static FcvmException failed(String unit, String why) {
        return new FcvmException(Kind.HOST, "cannot make the scope %s: %s".formatted(unit, why));
    }

    /** Returns where a cgroup of this name will be. */
    public Path child(String group) {
        return directory.resolve(group);
    }

    /**
     * Makes a cgroup in it, which systemd leaves alone, and gives that the controllers. All that is in the scope goes there: no
     * process may be beside a cgroup that has controllers.
     *
     * @throws IOException when the scope has not got all of the controllers, or no process of ours could get into the cgroup
     */
    public void divide(String group, List<String> controllers) throws IOException {
        Set<String> had = CgroupTree.words(directory.resolve("cgroup.controllers"));
        if (!had.containsAll(controllers)) {
            throw new IOException("the scope has only " + had + " of " + controllers);
        }
        Path child = Files.createDirectory(child(group));
        if (!CgroupTree.entry(List.of(child)).before().isEmpty() && !systemd.moves()) {
            throw new IOException(
                    "no process may be moved there: there is no bus of this user's; apt install dbus-user-session");
        }
        for (String process : Files.readAllLines(directory.resolve("cgroup.procs"))) {
            Files.writeString(child.resolve("cgroup.procs"), process);
        }
        Files.writeString(directory.resolve("cgroup.subtree_control"), "+" + String.join(" +", controllers));
    }

    @Override
    public void close() {
        try {
            holder.getOutputStream().close();
            holder.getInputStream().close();
            holder.getErrorStream().close();
        } catch (IOException e) {
            holder.destroyForcibly(); // it ends either way
        }
    }
}
