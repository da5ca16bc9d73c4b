package dev.fcvm.guest.mount;

import dev.fcvm.guest.sftp.Relay;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The directories that hosts serve by SFTP on streams of the link, and what mounts them. They outlive a session. */
public final class Shares {

    /** So many mappings a machine has at most, and no more relays are kept. */
    private static final int MOST = 64;

    private static final int LONGEST_COMPLAINT = 500;

    /**
     * For sshfs. {@code passive}: no ssh, it speaks SFTP on its own streams. {@code allow_other} and
     * {@code default_permissions}: a container's users have the rights they have in any file system. {@code dcache_timeout}:
     * what changes on the host is seen after a second at the latest. {@code sshfs_sync}: a write tells its own error. Else the
     * next close tells it, once, and shells look at no close: after {@code echo x >&3} nothing would be known of it.
     */
    private static final String OPTIONS = "allow_other,default_permissions,dcache_timeout=1,sshfs_sync";

    /** Of a disk, which only the kernel writes to: it asks for an fsync where it wants to know. */
    private static final String DISK_OPTIONS = "dcache_timeout=3600";

    /** Of both. The sizes are the most that sshfs takes: half as many packets as it makes by itself. */
    private static final String ALWAYS = "passive,idmap=none,max_read=65536,max_write=65536";

    /**
     * Where a link points is the container's business: a disk would not mind either. An sshfs from before such links were
     * refused by default does not know the word.
     */
    private static final String ANY_LINK = "no_contain_symlinks";

    private final GuestFiles files;
    private final Console console;
    private final Map<Integer, Relay> relays = new HashMap<>();
    private final Map<Integer, Process> mounted = new HashMap<>();

    public Shares(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
    }

    /** A host serves a mapping on this stream from now on. */
    public void join(int mapping, LinkStream stream) {
        if (mapping >= MOST) {
            stream.reset();
            return;
        }
        relay(mapping).server(new Served(stream));
    }

    private synchronized Relay relay(int mapping) {
        return relays.computeIfAbsent(mapping, number -> new Relay("mapping " + number, console::log));
    }

    /**
     * Mounts a mapping. It works as soon as a host serves it.
     *
     * @param place an empty directory
     * @throws IOException when it cannot be mounted, with the reason
     */
    void mount(int mapping, Path place) throws IOException, InterruptedException {
        mount(mapping, place, OPTIONS);
    }

    /** The same of a mapping that is a single file, a disk. */
    void mountDisk(int mapping, Path place) throws IOException, InterruptedException {
        mount(mapping, place, DISK_OPTIONS);
    }

    private void mount(int mapping, Path place, String options) throws IOException, InterruptedException {
        Files.createDirectories(files.state());
        Path said = files.state().resolve("sshfs-" + mapping);
        String words = ALWAYS + "," + options;
        if (!begin(mapping, place, words + "," + ANY_LINK, said)) {
            String why = complaint(said);
            if (!why.contains(ANY_LINK) || !begin(mapping, place, words, said)) {
                throw new IOException("sshfs does not mount it: " + why);
            }
        }
    }

    /** Forgets a mapping that is mounted no more: another may have its number. Whoever uses it still gets errors. */
    synchronized void forget(int mapping) {
        relays.remove(mapping);
        Process sshfs = mounted.remove(mapping);
        if (sshfs != null) {
            sshfs.destroyForcibly();
        }
    }

    /** Returns whether it has mounted: it does so before it says its first word. */
    private boolean begin(int mapping, Path place, String options, Path said) throws IOException, InterruptedException {
        Process sshfs = new ProcessBuilder(List.of(files.sshfs(), "-f", "-o", options, "fcvm:", place.toString()))
                .redirectError(Redirect.to(said.toFile()))
                .start();
        var requests = new PushbackInputStream(sshfs.getInputStream());
        int first = requests.read();
        if (first < 0) {
            sshfs.waitFor();
            return false;
        }
        requests.unread(first);
        relay(mapping).client(requests, sshfs.getOutputStream());
        synchronized (this) {
            mounted.put(mapping, sshfs);
        }
        return true;
    }

    private static String complaint(Path said) throws IOException {
        try (InputStream in = Files.newInputStream(said)) {
            String words = new String(in.readNBytes(LONGEST_COMPLAINT), StandardCharsets.UTF_8);
            return words.isBlank() ? "it does not say why" : words.strip();
        }
    }

    /** One that is served over a stream. */
    private record Served(LinkStream stream) implements Relay.Server {

        @Override
        public InputStream input() {
            return stream.input();
        }

        @Override
        public OutputStream output() {
            return stream.output();
        }

        @Override
        public void reset() {
            stream.reset();
        }
    }
}
