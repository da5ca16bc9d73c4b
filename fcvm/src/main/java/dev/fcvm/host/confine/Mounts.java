package dev.fcvm.host.confine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What is mounted into a machine's tree, in order, as mount(8) reads it. */
public final class Mounts {

    /** What an unprivileged user may not take off a mount, and so must name when they make it read-only. */
    private static final Set<String> LOCKED = Set.of("nosuid", "nodev", "noexec");

    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private final Path root;
    private final List<String> lines = new ArrayList<>();
    private final List<Existing> table;

    /** A mount of the host's. */
    private record Existing(Path point, Set<String> options) {}

    /** Begins with nothing below this directory. */
    public Mounts(Path root) {
        this.root = root;
        this.table = table();
    }

    /** Adds a file or directory under this name, which has no slash at its beginning. */
    public void bind(Path source, String name, boolean readOnly) {
        Path real = real(source);
        List<String> options = new ArrayList<>();
        // With what is mounted below: a part of a tree cannot be had alone in a user namespace.
        options.add(Files.isDirectory(real) ? "rbind" : "bind");
        if (readOnly) {
            options.add("ro");
            options.addAll(lockedAt(real));
        }
        add(real, name, options);
    }

    /** Adds a file system in memory under this name. */
    public void memory(String name, String options) {
        lines.add("tmpfs %s tmpfs %s 0 0".formatted(escaped(root.resolve(name)), options));
    }

    /** Makes the tree itself a mount, which nothing can be written to. */
    public void bindRoot() {
        Set<String> options = lockedAt(real(root));
        options.addAll(List.of("bind", "ro", "nosuid"));
        lines.add("%s %s none %s 0 0".formatted(escaped(root), escaped(root), String.join(",", options)));
    }

    private void add(Path source, String name, List<String> options) {
        lines.add(
                "%s %s none %s 0 0".formatted(escaped(source), escaped(root.resolve(name)), String.join(",", options)));
    }

    /** Returns the lines. */
    public String fstab() {
        return String.join("\n", lines) + "\n";
    }

    private Set<String> lockedAt(Path file) {
        Set<String> options = new TreeSet<>();
        Path longest = Path.of("/");
        for (Existing mount : table) {
            if (file.startsWith(mount.point()) && mount.point().getNameCount() >= longest.getNameCount()) {
                longest = mount.point();
                options = new TreeSet<>(mount.options());
            }
        }
        options.retainAll(LOCKED);
        return options;
    }

    private static List<Existing> table() {
        try (Stream<String> lines = Files.lines(TABLE)) {
            return lines.map(line -> line.split(" "))
                    .filter(fields -> fields.length > 5)
                    .map(fields -> new Existing(Path.of(unescaped(fields[4])), Set.of(fields[5].split(","))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + TABLE, e);
        }
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find " + file, e);
        }
    }

    /** Writes a path as fstab(5) wants it. */
    static String escaped(Path file) {
        return file.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012")
                .replace("#", "\\043");
    }

    static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\043", "#")
                .replace("\\134", "\\");
    }
}
