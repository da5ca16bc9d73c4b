package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.ProcessTag;
import dev.fcvm.host.Tool;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Asks and fetches with skopeo, so that credentials, mirrors, certificates and policies are those the user has set up
 * for Podman and docker. Secrets stay in the files skopeo reads.
 *
 * @param options how a registry is talked to
 * @param registriesConf the file to take instead of the user's and the system's registries.conf
 * @param tag by which its processes are found again
 * @param temporary where it puts what is too big for memory
 * @param store where the store lies, for messages
 */
record Skopeo(RegistryOptions options, Optional<Path> registriesConf, ProcessTag tag, Path temporary, Path store) {

    /** How long a registry may think about a small question; skopeo itself would wait for ever. */
    private static final Duration ASKING = Duration.ofMinutes(1);

    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final Duration FETCHING = Duration.ofHours(12);
    static final int LARGEST_MANIFEST = 4 << 20;

    /**
     * Something that can be fetched.
     *
     * @param source as skopeo takes it
     * @param label as the user knows it
     * @param registry its registry, if it is in one
     */
    record Source(String source, String label, Optional<String> registry) {

        static Source of(QualifiedName name) {
            return new Source("docker://" + name, name.toString(), Optional.of(name.registry()));
        }

        static Source of(String source) {
            return new Source(source, source, Optional.empty());
        }
    }

    /**
     * A manifest and the digest of its bytes.
     *
     * @param digest {@code sha256:…}
     * @param manifest its content
     */
    record Inspected(String digest, RawManifest manifest) {}

    static Tool program() {
        return Tool.named("skopeo", "skopeo");
    }

    /** Checks what the user gave before anything is asked. */
    void check() throws FcvmException {
        Path file = options.authFile().orElse(Path.of("/dev/null"));
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot read the credentials of --authfile %s: make it with: skopeo login --authfile %s REGISTRY"
                            .formatted(file, file));
        }
    }

    /** Returns the manifest or index behind a source. */
    Inspected inspect(Source source) throws FcvmException, InterruptedException {
        List<String> arguments = new ArrayList<>(global());
        arguments.addAll(List.of("--command-timeout", ASKING.toSeconds() + "s", "inspect", "--raw"));
        options.authFile().ifPresent(file -> arguments.addAll(List.of("--authfile", file.toString())));
        options.verifyTls().ifPresent(verify -> arguments.add("--tls-verify=" + verify));
        arguments.add(source.source());
        Tool.Result result = prepared(arguments)
                .within(ASKING.plus(GRACE))
                .keeping(LARGEST_MANIFEST)
                .run();
        if (!result.succeeded()) {
            throw SkopeoFailure.of(source.label(), source.registry(), result, store.toString());
        }
        byte[] bytes = result.output().getBytes(StandardCharsets.UTF_8);
        return new Inspected("sha256:" + sha256(bytes), parse(result.output(), source.label()));
    }

    /** Fetches a source into a directory, as {@code dir:} has it: the manifest, and each blob by its digest. */
    void fetch(Source source, Path directory, boolean convert) throws FcvmException, InterruptedException {
        List<String> arguments = new ArrayList<>(global());
        arguments.addAll(platform());
        arguments.add("copy");
        arguments.add("--quiet");
        options.authFile().ifPresent(file -> arguments.addAll(List.of("--authfile", file.toString())));
        options.verifyTls().ifPresent(verify -> arguments.add("--src-tls-verify=" + verify));
        if (convert) {
            arguments.addAll(List.of("--format", "v2s2"));
        }
        arguments.add(source.source());
        arguments.add("dir:" + directory);
        Tool.Result result = prepared(arguments).within(FETCHING).run();
        if (!result.succeeded()) {
            throw SkopeoFailure.of(source.label(), source.registry(), result, store.toString());
        }
    }

    private Tool prepared(List<String> arguments) {
        return program()
                .with(arguments)
                .withVariable("TMPDIR", temporary.toString())
                .withVariable(tag.variable(), tag.value());
    }

    private List<String> global() {
        return registriesConf
                .map(file -> List.of("--registries-conf", file.toString()))
                .orElse(List.of());
    }

    private List<String> platform() {
        Platform wanted = options.wanted();
        List<String> flags =
                new ArrayList<>(List.of("--override-os", "linux", "--override-arch", wanted.architecture()));
        if (!wanted.variant().isEmpty()) {
            flags.addAll(List.of("--override-variant", wanted.variant()));
        }
        return flags;
    }

    static RawManifest parse(String text, String label) throws FcvmException {
        try {
            return StrangersJson.read(Jsonb.instance().type(RawManifest.class), text);
        } catch (StrangersJson.MalformedException e) {
            throw new FcvmException(
                    Kind.IMAGE, "cannot get %s: its manifest is damaged: make or push it anew".formatted(label), e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
