package dev.fcvm.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

    private LocalRegistry(Optional<String> htpasswd, boolean tls) {
        place = Place.make();
        String certificate = tls
                ? ", tls: {certificate: %s, key: %s}"
                        .formatted(certificate(), place.root().resolve("key.pem"))
                : "";
        String auth = htpasswd.map(text ->
                        "auth:\n  htpasswd:\n    realm: tests\n    path: " + place.file("htpasswd", text) + "\n")
                .orElse("");
        String configuration = """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:0"%s}
            compatibility: {schema1: {enabled: true}}
            %s\
            """.formatted(place.directory("registry"), certificate, auth);
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
        return new LocalRegistry(Optional.empty(), false);
    }

    /** Starts one with a certificate that nobody trusts unless told to. */
    public static LocalRegistry withTls() {
        return new LocalRegistry(Optional.empty(), true);
    }

    /** Returns its certificate, which is its own authority's as well, made when it is not there. */
    public Path certificate() {
        Path file = place.root().resolve("cert.pem");
        if (!Files.exists(file)) {
            Child.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registry")
                    .with("-addext", "subjectAltName=IP:127.0.0.1")
                    .with("-keyout", place.root().resolve("key.pem").toString(), "-out", file.toString())
                    .run()
                    .expect(0);
        }
        return file;
    }

    /** Starts one that knows one user. */
    public static LocalRegistry withPassword() {
        return new LocalRegistry(Optional.of(HTPASSWD), false);
    }

    /** Returns its host and port. */
    public String address() {
        return address;
    }

    /** Pushes an image and returns its name in this registry. */
    public String push(Image image, String tag, Archives archives) {
        return push("oci-archive:" + archives.ociArchive(image), "test/image:" + tag);
    }

    /** Pushes whatever skopeo takes, with all its architectures, and returns its name in this registry. */
    public String push(String source, String path) {
        return push(source, path, List.of("--all"));
    }

    /** Pushes an image in the first form of docker's manifests, signed by the registry, and returns its name. */
    public String pushSigned(Image image, String path, Archives archives) {
        return push("oci-archive:" + archives.ociArchive(image), path, List.of("--format", "v2s1"));
    }

    private String push(String source, String path, List<String> flags) {
        String name = address + "/" + path;
        Child.of(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "-q",
                        "--dest-tls-verify=false",
                        "--dest-creds",
                        USER + ":" + PASSWORD,
                        source,
                        "docker://" + name)
                .with(flags.toArray(String[]::new))
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

    /** Returns how many requests with this method it has answered by now whose path begins so, from its log. */
    public long requests(String method, String path) {
        return server.outSoFar()
                .lines()
                .filter(line -> line.contains("\"" + method + " " + path))
                .count();
    }

    /** Ends it: from now on nobody answers. */
    public void stop() {
        server.close();
        server.closed();
    }

    @Override
    public void close() {
        server.close();
        place.close();
    }
}
