package dev.fcvm.it.harness;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real registry on a free port of the loopback interface, without TLS. */
public final class LocalRegistry implements AutoCloseable {

    /** The user that the registry with a password knows. */
    public static final String USER = "tester";

    /** That user's password. */
    public static final String PASSWORD = "open sesame";

    private static final String HTPASSWD = USER + ":$2y$05$94v2IqDv5Q6ehgBQ0FuQculSpR21r2v1menOtfbKA1tEwz5NUB0lO\n";

    private final Place place;
    private final Child server;
    private final String address;

    private LocalRegistry(Optional<String> htpasswd) {
        place = Place.make();
        String auth = htpasswd.map(text ->
                        "auth:\n  htpasswd:\n    realm: tests\n    path: " + place.file("htpasswd", text) + "\n")
                .orElse("");
        String configuration = """
                version: 0.1
                log: {level: info}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http: {addr: "127.0.0.1:0"}
                %s""".formatted(place.directory("registry"), auth);
        server = Child.of(
                        "docker-registry",
                        "serve",
                        place.file("config.yml", configuration).toString())
                .deadline(Duration.ofMinutes(60))
                .start();
        server.awaitErr("listening on ");
        Matcher port = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)").matcher(server.errSoFar());
        if (!port.find()) {
            throw new IllegalStateException("the registry does not say where it listens: " + server.errSoFar());
        }
        address = port.group(1);
    }

    /** Starts one that asks nobody for a password. */
    public static LocalRegistry open() {
        return new LocalRegistry(Optional.empty());
    }

    /** Starts one that knows one user. */
    public static LocalRegistry withPassword() {
        return new LocalRegistry(Optional.of(HTPASSWD));
    }

    /** Returns its host and port. */
    public String address() {
        return address;
    }

    /** Pushes an image and returns its name in this registry. */
    public String push(Image image, String tag, Archives archives) {
        String name = address + "/test/image:" + tag;
        Child.of(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "-q",
                        "--dest-tls-verify=false",
                        "--dest-creds",
                        USER + ":" + PASSWORD,
                        "oci-archive:" + archives.ociArchive(image),
                        "docker://" + name)
                .run()
                .expect(0);
        return name;
    }

    /** Returns the digest of a manifest that was pushed. */
    public String digest(String name) {
        return Child.of(
                        "skopeo",
                        "inspect",
                        "--tls-verify=false",
                        "--creds",
                        USER + ":" + PASSWORD,
                        "--format",
                        "{{.Digest}}",
                        "docker://" + name)
                .run()
                .expect(0)
                .out()
                .strip();
    }

    /** Returns how many requests it has had by now for this path ending, from its log. */
    public long requests(String part) {
        return server.errSoFar().lines().filter(line -> line.contains(part)).count();
    }

    @Override
    public void close() {
        server.close();
        place.close();
    }
}
