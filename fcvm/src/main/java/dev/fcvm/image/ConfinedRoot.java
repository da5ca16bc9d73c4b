package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.text.RawPaths;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What root's tools are shut into while they handle what strangers have sent: {@code space.sh} says how. Ids from 0 on
 * are ids from 2^31 on of the host, which no system gives to anybody (many programs take them for negative): files of
 * nearly any owner can be made, and none of them is anybody's.
 */
final class ConfinedRoot {

    /** The first of the host's ids. */
    static final long FIRST = 1L << 31;

    /** The last numbers there are, but for the one that means none: nobody is -2 on many a system. */
    private static final long HIGH = 0xffff_0000L;

    private static final long HIGH_COUNT = 0xffff_ffffL - HIGH;

    /** All there are from there on, but those that stand for the last, and the one that means none. */
    private static final long COUNT = (1L << 31) - 1 - HIGH_COUNT;

    private static final List<Path> USUAL =
            List.of(Path.of("/usr"), Path.of("/bin"), Path.of("/sbin"), Path.of("/etc"));

    private ConfinedRoot() {}

    /**
     * What a tool needs of the host.
     *
     * @param network whether it may use the host's
     * @param sources what it reads, files and directories
     * @param secrets what it gets a copy of that is gone with it: credentials, and what says how they are used
     */
    record Needs(boolean network, List<Path> sources, List<Path> secrets) {

        Needs {
            sources = List.copyOf(sources);
            secrets = List.copyOf(secrets);
        }
    }

    /** Returns the directory of a program that lies nowhere usual, which needs what lies beside it; else nothing. */
    static List<Path> beside(Path program) {
        return USUAL.stream().anyMatch(program::startsWith)
                ? List.of()
                : List.of(Objects.requireNonNull(program.getParent()));
    }

    /** Returns a tool that runs in there. */
    static Tool enter(Tool tool, Path work, Needs needs) throws FcvmException {
        List<String> flags = new ArrayList<>(
                List.of("--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--ipc"));
        if (!needs.network()) {
            flags.add("--net");
        }
        flags.addAll(List.of("--", "sh", "-c", script(), "space.sh", work.toString()));
        flags.addAll(List.of(Long.toString(FIRST), Long.toString(COUNT), Long.toString(HIGH)));
        beside(tool.require()).forEach(directory -> flags.add(directory.toString()));
        needs.sources().forEach(source -> flags.add(RawPaths.text(source)));
        flags.add("--");
        needs.secrets().forEach(secret -> flags.add(RawPaths.text(secret)));
        flags.add("--");
        return UnpackSpace.behind(flags, tool);
    }

    private static String script() {
        try (InputStream script = Objects.requireNonNull(ConfinedRoot.class.getResourceAsStream("space.sh"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own space.sh cannot be read", e);
        }
    }
}
