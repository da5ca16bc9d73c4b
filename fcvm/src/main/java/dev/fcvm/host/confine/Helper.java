package dev.fcvm.host.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A program that serves machines from beside their monitor and reads what a guest may have written: it is shut in as a
 * monitor is. Its root is a read-only directory in memory that holds the program, its libraries, {@code /dev/null},
 * {@code /dev/urandom} and what it is handed. It has no capability but those it needs, and cannot get any other; it can
 * make no system calls but those of {@link SystemCallFilter}, where there is one.
 * Immutable; each method returns a changed copy.
 *
 * @param program the program
 * @param arguments its arguments, with the names that files have in its root
 * @param handed directories by their names in its root
 * @param plugins libraries it loads by itself, named from the directory of its other ones
 * @param capabilities those it keeps, in the words of setpriv(1)
 * @param tunnels whether it opens network interfaces of its namespace
 */
public record Helper(
        Tool program,
        List<String> arguments,
        Map<String, Handed> handed,
        List<String> plugins,
        Set<String> capabilities,
        boolean tunnels) {

    private static final String SCRIPT = "helper.sh";
    private static final Path TREE = Path.of("/sys");
    private static final String LIBRARIES = "libs";
    private static final int OPEN_FILES = 1024;
    private static final int MEMORY_KIB = 128 << 10;

    public Helper {
        arguments = List.copyOf(arguments);
        handed = Map.copyOf(handed);
        plugins = List.copyOf(plugins);
        capabilities = Set.copyOf(capabilities);
    }

    /** Something of the host's in its root. */
    record Handed(Path directory, boolean readOnly) {}

    /** Names a program that needs nothing. */
    public static Helper of(Tool program) {
        return new Helper(program, List.of(), Map.of(), List.of(), Set.of(), false);
    }

    /** Sets its arguments. */
    public Helper with(List<String> words) {
        return new Helper(program, words, handed, plugins, capabilities, tunnels);
    }

    /** Hands it a directory, which must be open to its user. */
    public Helper handing(Path directory, String name, boolean readOnly) {
        Map<String, Handed> more = new LinkedHashMap<>(handed);
        more.put(name, new Handed(directory, readOnly));
        return new Helper(program, arguments, more, plugins, capabilities, tunnels);
    }

    /** Names a library it loads by itself, where there is one. */
    public Helper loading(String plugin) {
        return new Helper(program, arguments, handed, List.of(plugin), capabilities, tunnels);
    }

    /** Leaves it a capability, such as {@code net_admin}. */
    public Helper keeping(String capability) {
        Set<String> more = new TreeSet<>(capabilities);
        more.add(capability);
        return new Helper(program, arguments, handed, plugins, more, tunnels);
    }

    /** Lets it open interfaces. */
    public Helper opening() {
        return new Helper(program, arguments, handed, plugins, capabilities, true);
    }

    /**
     * Starts it. It goes on when this process ends; its process ends when it does, and it ends with its process.
     *
     * @param tag by which it is found again
     * @param place where it runs, and as whom
     * @param errors where its standard error goes; 64 KiB of it, if that is a file
     */
    public Process start(ProcessTag tag, HelperPlace place, Redirect errors)
            throws FcvmException, InterruptedException {
        Path file = real(program.require());
        String name = String.valueOf(file.getFileName());
        Map<String, Path> files = new LinkedHashMap<>();
        files.put(name, file);
        libraries(file, files);
        files.put("dev/null", Path.of("/dev/null"));
        files.put("dev/urandom", Path.of("/dev/urandom"));
        boolean bound = tunnels && place.user().isEmpty();
        if (bound) {
            files.put("dev/net/tun", Path.of("/dev/net/tun"));
        }
        List<String> words = new ArrayList<>();
        try {
            CgroupEntry cgroup = place.cgroup();
            words.addAll(cgroup.before());
            words.addAll(place.enter());
            Mounts mounts = new Mounts(TREE);
            List<String> points = new ArrayList<>();
            files.forEach((point, source) -> {
                mounts.bind(source, point, !point.startsWith("dev/"));
                points.add(point);
            });
            handed.forEach((point, source) -> {
                mounts.bind(source.directory(), point, source.readOnly());
                points.add(point + "/");
            });
            words.addAll(List.of(
                    "sh",
                    "-s",
                    mounts.fstab(),
                    String.join("\n", points),
                    String.join("\n", place.who()),
                    kept(),
                    Integer.toString(OPEN_FILES),
                    Integer.toString(MEMORY_KIB),
                    !tunnels ? "none" : bound ? "bound" : "made",
                    SystemCallFilter.program().map(Path::toString).orElse("")));
            words.addAll(cgroup.registers());
        } catch (UncheckedIOException e) {
            throw failed(Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failed(e);
        }
        words.addAll(List.of("--", "/" + name));
        words.addAll(arguments);
        Process started = tag.start(Path.of("/"), words, Redirect.PIPE, Redirect.DISCARD, errors);
        try (OutputStream to = started.getOutputStream()) {
            to.write(script());
        } catch (IOException ended) {
            started.destroyForcibly(); // before it had read all of it; what it said on standard error tells why
        }
        return started;
    }

    /**
     * Returns what a program said that could not be shut in, in words for people.
     *
     * @param lastWords what it said last on standard error
     */
    public static String explained(String lastWords) {
        return Namespaces.PRIVILEGED.explain(lastWords).isPresent()
                        || lastWords.matches("(mount|setpriv|pivot_root): .*")
                ? lastWords + "; see \"What a host must allow\" in docs/security.md"
                : lastWords;
    }

    private String kept() {
        return "-all" + capabilities.stream().sorted().map(each -> ",+" + each).collect(Collectors.joining());
    }

    /** Asks the loader which libraries it takes, see ldd(1). The program is the host's own, and trusted. */
    private void libraries(Path file, Map<String, Path> files) throws FcvmException, InterruptedException {
        for (Path library : loaded(file)) {
            if (isLoader(library)) {
                files.put(library.toString().substring(1), real(library));
                continue;
            }
            add(library, files);
            for (String plugin : plugins) {
                Path there = library.resolveSibling(plugin);
                if (Files.exists(there) && !files.containsKey(LIBRARIES + "/" + plugin)) {
                    files.put(LIBRARIES + "/" + plugin, real(there));
                    for (Path further : loaded(there)) {
                        if (!isLoader(further)) {
                            add(further, files);
                        }
                    }
                }
            }
        }
    }

    private static void add(Path library, Map<String, Path> files) {
        files.putIfAbsent(LIBRARIES + "/" + library.getFileName(), real(library));
    }

    private static boolean isLoader(Path library) {
        return String.valueOf(library.getFileName()).startsWith("ld-");
    }

    private static List<Path> loaded(Path file) throws FcvmException, InterruptedException {
        Tool.Result said = Tool.named("ldd", "libc-bin").with(file.toString()).run();
        List<Path> found = new ArrayList<>();
        for (String line : said.output().lines().map(String::strip).toList()) {
            int slash = line.indexOf('/');
            int end = line.lastIndexOf(" (0x");
            if (slash >= 0 && end > slash) {
                found.add(Path.of(line.substring(slash, end)));
            }
        }
        return found; // none of a program that is linked statically
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file; // what is wrong with it is told when it is mounted
        }
    }

    private FcvmException failed(Exception why) {
        String reason = why instanceof IOException io ? IoReason.of(io) : String.valueOf(why.getMessage());
        return new FcvmException(Kind.HOST, "cannot shut %s in: %s".formatted(program.program(), reason), why);
    }

    private static byte[] script() throws IOException {
        try (InputStream in = Objects.requireNonNull(Helper.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            return in.readAllBytes();
        }
    }
}
