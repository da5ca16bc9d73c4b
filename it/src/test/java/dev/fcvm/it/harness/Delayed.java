package dev.fcvm.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A real tool of the host that waits before it does its work, so that a test can act while it is at it: put before the
 * others on the PATH of a process.
 */
public final class Delayed {

    private final Path directory;
    private final Path reached;
    private final Path hold;

    private Delayed(Path directory) {
        this.directory = directory;
        this.reached = directory.resolve("reached");
        this.hold = directory.resolve("hold");
    }

    /**
     * Delays a tool.
     *
     * @param place where its stand-in lies
     * @param tool its name
     * @param when a pattern of the shell's that its arguments must match; other calls are not delayed
     */
    public static Delayed tool(Place place, String tool, String when) {
        return tool(place, tool, when, ":");
    }

    /**
     * The same.
     *
     * @param first a line of the shell's that it carries out before it waits; "$@" are the tool's arguments
     */
    public static Delayed tool(Place place, String tool, String when, String first) {
        Delayed delayed = new Delayed(place.directory("delayed-" + tool));
        String real = Child.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin command -v " + tool)
                .run()
                .expect(0)
                .out()
                .strip();
        String script = """
                #!/bin/sh
                case "$*" in
                %s) %s; sh -c 'while [ -e "$1" ]; do sleep 0.05; done' %s %s ;;
                esac
                exec %s "$@"
                """.formatted(when, first, delayed.reached, delayed.hold, real);
        try {
            Files.writeString(delayed.hold, "");
            Path file = Files.writeString(delayed.directory.resolve(tool), script);
            Child.of("chmod", "-R", "a+rX,u+x", delayed.directory.toString())
                    .run()
                    .expect(0);
            Child.of("chmod", "755", file.toString()).run().expect(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return delayed;
    }

    /** Returns the PATH on which it stands before the real one. */
    public String path() {
        return directory + ":" + System.getenv("PATH");
    }

    /** Says whether it is held up. Known by its process: where it runs it may not write. */
    public boolean reached() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().arguments().stream().flatMap(Stream::of))
                .anyMatch(reached.toString()::equals);
    }

    /** Lets it go on. */
    public void release() {
        try {
            Files.deleteIfExists(hold);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
