package dev.fcvm.it.scripts;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The scripts laid out as in a distribution, with an agent that is a few words long, and a data directory of their own.
 *
 * @param home the distribution's root
 * @param data the data directory, which need not exist
 */
record ScriptTree(Path home, Path data) {

    private static final List<String> CACHED = List.of("packages.tar", "packages.tar.stamp");

    /** Makes one whose packages must be fetched. */
    static ScriptTree bare(Place place) {
        Path repository = repository();
        Path home = place.directory("home");
        ScriptTree tree = new ScriptTree(home, place.root().resolve("data"));
        copy(repository.resolve("scripts"), home.resolve("scripts"));
        copy(repository.resolve("config"), home.resolve("config"));
        copy(repository.resolve("fc-agent/src/guest"), home.resolve("templates/guest"));
        place.file("home/agent/fc-agent", "#!/usr/lib/fcvm/busybox sh\nexec /usr/lib/fcvm/busybox sleep 1000\n")
                .toFile()
                .setExecutable(true, false);
        return tree;
    }

    /** Makes one that has its packages already, from the base of this test run if that has them. */
    static ScriptTree withPackages(Place place) {
        ScriptTree tree = bare(place);
        Path cache = tree.data().resolve("cache");
        place.directory("data/cache");
        CACHED.stream()
                .map(BASE_CACHE::resolve)
                .filter(Files::exists)
                .forEach(file -> copy(file, cache.resolve(file.getFileName())));
        return tree;
    }

    private static final Path BASE_CACHE = Path.of(Place.setting(
                    "FCVM_DATA_DIR",
                    Place.setting("XDG_DATA_HOME", System.getProperty("user.home") + "/.local/share") + "/fcvm"))
            .resolve("cache");

    /** Returns the root of the repository. */
    static Path repository() {
        return Path.of(System.getProperty("fcvm.test.repository", ".."))
                .toAbsolutePath()
                .normalize();
    }

    /** Begins the call of a script by the words before it, its name and its arguments. */
    Child.Call call(List<String> before, String script, String... arguments) {
        List<String> command = Stream.of(
                        before.stream(),
                        Stream.of(home.resolve("scripts").resolve(script).toString()),
                        Stream.of(arguments))
                .flatMap(words -> words)
                .toList();
        // What these tests show of Firecracker they ask for by name; nobody else waits for the network.
        return Child.of(command)
                .env("FCVM_DATA_DIR", data.toString())
                .without("FIRECRACKER_BIN")
                .without("FIRECRACKER_BASE_URL")
                .env("FIRECRACKER_VERSION", "none");
    }

    /** Begins the call of a script. */
    Child.Call call(String script, String... arguments) {
        return call(List.of(), script, arguments);
    }

    /**
     * Begins the call of a script in a session of its own, so that {@link #killSession} ends all of its processes at
     * once, as a power cut does.
     */
    Child.Call callInSession(String script, String... arguments) {
        return call(List.of("setsid", "--fork", "--wait"), script, arguments);
    }

    /** Kills a script and all that it started, without warning. */
    static void killSession(Child session) throws IOException {
        // setsid has one child, which leads the session.
        String leader = Files.readString(Path.of("/proc/" + session.pid() + "/task/" + session.pid() + "/children"))
                .strip();
        Child.of("kill", "-KILL", "--", "-" + leader).run().expect(0);
        session.outcome();
    }

    /** Returns a file of the base. */
    Path image(String name) {
        return data.resolve("images").resolve(name);
    }

    /** Returns the names of all unfinished files. */
    List<String> unfinished() {
        if (!Files.exists(data)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(data)) {
            return files.map(data::relativize)
                    .map(Path::toString)
                    .filter(name -> name.contains(".part."))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the digest of a file's bytes. */
    static String digest(Path file) {
        return Child.of("sha256sum", file.toString()).run().expect(0).out().substring(0, 64);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Child.of("cp", "-a", from.toString(), to.toString()).run().expect(0);
    }
}
