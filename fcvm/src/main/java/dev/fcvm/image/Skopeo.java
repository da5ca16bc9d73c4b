package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.image.layer.SignedManifest;
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
 * @param work the directory it works in; what is too big for its memory goes into {@code tmp} in there
 * @param store where the store lies, for messages
 * @param space what it is shut into
 * @param credentials the files it reads beside the source
 */
record Skopeo(
        RegistryOptions options,
        Optional<Path> registriesConf,
        ProcessTag tag,
        Path work,
        Path store,
        UnpackSpace space,
        CredentialFiles credentials) {

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
     * @param file the file or directory it is in, if it is in one
     */
    record Source(String source, String label, Optional<String> registry, Optional<Path> file) {

        static Source of(QualifiedName name, String label) {
            return new Source("docker://" + name, label, Optional.of(name.registry()), Optional.empty());
        }

        static Source of(ImageReference.InFile file) {
            return new Source(ImageReference.source(file), file.text(), Optional.empty(), Optional.of(file.path()));
        }

        static Source of(ImageReference.InEngine engine) {
            return new Source(engine.text(), engine.text(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * A manifest and its digest, which is that of its bytes, without the signatures that the first form may have.
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
        options.authFile().ifPresent(file -> arguments.addAll(List.of("--authfile", RawPaths.text(file))));
        options.verifyTls().ifPresent(verify -> arguments.add("--tls-verify=" + verify));
        arguments.add(source.source());
        Tool.Result result = prepared(arguments, source)
                .within(ASKING.plus(GRACE))
                .keeping(LARGEST_MANIFEST)
                .run();
        if (!result.succeeded()) {
            throw SkopeoFailure.of(source.label(), source.registry(), result, store.toString());
        }
        byte[] bytes = result.output().getBytes(StandardCharsets.UTF_8);
        RawManifest manifest = parse(result.output(), source.label());
        try {
            return new Inspected("sha256:" + sha256(SignedManifest.digested(bytes)), manifest);
        } catch (MalformedJson e) {
            throw damaged(source.label(), e);
        }
    }

    /** Fetches a source into a directory, as {@code dir:} has it: the manifest, and each blob by its digest. */
    void fetch(Source source, Path directory, boolean convert) throws FcvmException, InterruptedException {
        List<String> arguments = new ArrayList<>(global());
        arguments.addAll(platform());
        arguments.add("copy");
        arguments.add("--quiet");
        options.authFile().ifPresent(file -> arguments.addAll(List.of("--authfile", RawPaths.text(file))));
        options.verifyTls().ifPresent(verify -> arguments.add("--src-tls-verify=" + verify));
        if (convert) {
            arguments.addAll(List.of("--format", "v2s2"));
        }
        arguments.add(source.source());
        arguments.add("dir:" + directory);
        Tool.Result result = prepared(arguments, source).within(FETCHING).run();
        if (!result.succeeded()) {
            throw SkopeoFailure.of(source.label(), source.registry(), result, store.toString());
        }
    }

    private Tool prepared(List<String> arguments, Source source) throws FcvmException {
        Tool tool = program()
                .with(arguments)
                .withVariable("TMPDIR", temporary().toString())
                .withVariable(tag.variable(), tag.value());
        boolean engine = source.registry().isEmpty() && source.file().isEmpty();
        // Another engine's store is its user's; and a helper that knows the credentials is the user's program, with
        // files of its own.
        return engine || (credentials.helpers() && source.registry().isPresent())
                ? space.trusting(tool)
                : space.fetching(tool, work, needs(source));
    }

    private ConfinedRoot.Needs needs(Source source) {
        return new ConfinedRoot.Needs(
                source.registry().isPresent(), source.file().stream().toList(), credentials.files());
    }

    private Path temporary() {
        return work.resolve("tmp");
    }

    private List<String> global() {
        // Not by TMPDIR: skopeo puts archives into /var/tmp unless it is told otherwise, and leaves them there when it
        // is
        // killed.
        List<String> flags = new ArrayList<>(List.of("--tmpdir", temporary().toString()));
        registriesConf.ifPresent(file -> flags.addAll(List.of("--registries-conf", file.toString())));
        return flags;
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
            return UntrustedJson.read(Jsonb.instance().type(RawManifest.class), text);
        } catch (MalformedJson e) {
            throw damaged(label, e);
        }
    }

    private static FcvmException damaged(String label, MalformedJson e) {
        return new FcvmException(
                Kind.IMAGE, "cannot get %s: its manifest is damaged: make or push it anew".formatted(label), e);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
