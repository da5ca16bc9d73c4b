package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.plan.MountPlan;
import dev.fcvm.plan.MountSource;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Mounts the machine's mappings before its container starts, and says to Podman where they go. */
public final class GuestMounts {

    /** Replaying the journal of a full disk takes longest. */
    private static final long PATIENCE_SECONDS = 60;

    private static final int LONGEST_COMPLAINT = 2000;

    private final GuestFiles files;
    private final Shares shares;

    public GuestMounts(GuestFiles files, Shares shares) {
        this.files = files;
        this.shares = shares;
    }

    /**
     * Mounts what is not mounted yet: an agent that was started anew finds the mounts of the one before.
     *
     * @return the options of {@code podman run}
     * @throws AgentException when one cannot be mounted
     */
    public List<String> mount(List<MountPlan> mounts) throws AgentException {
        List<String> options = new ArrayList<>();
        try {
            for (MountPlan mount : mounts) {
                options.add(mount(mount));
            }
        } catch (IOException e) {
            throw new AgentException("cannot mount a mapping: " + Console.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted while a mapping was mounted", e);
        }
        return options;
    }

    private String mount(MountPlan mount) throws AgentException, IOException, InterruptedException {
        Path place = files.mappings().resolve(Integer.toString(mount.number()));
        Files.createDirectories(place);
        if (!isMounted(place)) {
            mount(mount, place);
        }
        if (mount.copyUp()) {
            String volume = "fcvm-" + mount.number();
            Path podmans = files.volumes().resolve(volume).resolve("_data");
            // Podman fills an empty volume of its own, and no directory.
            if (Files.isDirectory(podmans) || isEmpty(place)) {
                Files.createDirectories(podmans);
                if (!isMounted(podmans)) {
                    run(mount, List.of(files.busybox(), "mount", "-o", "bind", place.toString(), podmans.toString()));
                }
                return "--volume=" + volume + ":" + mount.target() + ":" + words(mount);
            }
        }
        Path given = mount.inside().isEmpty() ? place : place.resolve(mount.inside());
        return "--volume=" + given + ":" + mount.target() + ":" + words(mount);
    }

    private static String words(MountPlan mount) {
        List<String> words = new ArrayList<>();
        // An overlay above it has no other words.
        if (!mount.options().contains("O")) {
            words.add(mount.readOnly() ? "ro" : "rw");
        }
        words.addAll(mount.options());
        return String.join(",", words);
    }

    /** No switch over the types: see Session. */
    @SuppressWarnings("IfChainToSwitch")
    private void mount(MountPlan mount, Path place) throws AgentException, IOException, InterruptedException {
        MountSource source = mount.source();
        if (source instanceof MountSource.Disk disk) {
            String name = "vd" + (char) ('a' + disk.index());
            new LateDisks(files).await(name);
            Path device = files.devices().resolve(name);
            if (!mount.readOnly()) {
                DiskCheck.run(device, mount.target());
            }
            run(
                    mount,
                    List.of(
                            files.busybox(),
                            "mount",
                            "-t",
                            "ext4",
                            "-o",
                            // A journal that was not played back is, by a copy that is written to.
                            mount.readOnly() ? "ro,noload" : "rw",
                            device.toString(),
                            place.toString()));
        } else if (source instanceof MountSource.Sshfs) {
            shares.mount(mount.number(), place);
        } else if (source instanceof MountSource.Nfs nfs) {
            run(
                    mount,
                    List.of(
                            files.busybox(),
                            "mount",
                            "-i", // the kernel does it all
                            "-t",
                            "nfs4",
                            "-o",
                            (mount.readOnly() ? "ro" : "rw")
                                    + ",vers=4.1,proto=tcp,sec=sys,hard,noresvport,actimeo=1,addr=" + nfs.address()
                                    + ",clientaddr=0.0.0.0,port=" + nfs.port(),
                            nfs.address() + ":" + nfs.export(),
                            place.toString()));
        } else {
            throw new AgentException("mapping " + mount.target()
                    + ": this agent cannot mount it; is the base older than" + " fcvm? (fcvm init)");
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (!entry.endsWith("lost+found")) { // e2fsck's own
                    return false;
                }
            }
            return true;
        }
    }

    private boolean isMounted(Path place) throws IOException {
        String needle = " " + place + " ";
        for (String line : Files.readAllLines(files.mounted())) {
            if (line.contains(needle)) {
                return true;
            }
        }
        return false;
    }

    private static void run(MountPlan mount, List<String> command)
            throws AgentException, IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(Child.nothing())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.PIPE)
                .start();
        byte[] said = process.getInputStream().readNBytes(LONGEST_COMPLAINT);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AgentException("mapping " + mount.target() + ": mounting it took too long");
        }
        if (process.exitValue() != 0) {
            throw new AgentException("mapping " + mount.target() + " cannot be mounted: "
                    + Console.oneLine(new String(said, StandardCharsets.UTF_8)));
        }
    }
}
