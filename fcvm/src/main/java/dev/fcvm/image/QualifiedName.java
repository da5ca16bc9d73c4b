package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.text.PrintableText;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image's full name in a registry, in the grammar of the
 * <a href="https://github.com/distribution/reference">distribution project</a>.
 *
 * @param registry host and perhaps port, for example {@code docker.io} or {@code localhost:5000}
 * @param repository the path in it, for example {@code library/alpine}
 * @param tag for example {@code 3}
 * @param digest the digest of a manifest, for example {@code sha256:…}; with it the tag means nothing
 */
public record QualifiedName(String registry, String repository, Optional<String> tag, Optional<String> digest) {

    /** Docker's own registry, which names without one mean there. */
    static final String DOCKER_HUB = "docker.io";

    private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final Pattern REGISTRY =
            Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:.]+])(?::[0-9]{1,5})?");
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern REPOSITORY = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");
    private static final int LONGEST = 255;

    /**
     * Reads a name as docker does: without a registry it is Docker Hub's, and without a path there, an official image.
     *
     * @throws FcvmException when it is malformed
     */
    public static QualifiedName parse(String text) throws FcvmException {
        Unqualified parts = Unqualified.split(text);
        int slash = parts.path().indexOf('/');
        String first = slash < 0 ? "" : parts.path().substring(0, slash);
        boolean hasRegistry = isRegistry(first);
        String registry = hasRegistry ? first : DOCKER_HUB;
        String repository = hasRegistry ? parts.path().substring(slash + 1) : parts.path();
        return of(text, registry, repository, parts);
    }

    /** Returns whether the first component of a name is a registry rather than a part of the path. */
    static boolean isRegistry(String first) {
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    /** Returns whether this is a digest as skopeo takes it. */
    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    /** Joins a registry (or a registry and a path) with a short name. */
    static QualifiedName in(String registry, Unqualified name) throws FcvmException {
        int slash = registry.indexOf('/');
        String host = slash < 0 ? registry : registry.substring(0, slash);
        String prefix = slash < 0 ? "" : registry.substring(slash + 1) + "/";
        return of(registry + "/" + name.path(), host, prefix + name.path(), name);
    }

    private static QualifiedName of(String text, String registry, String path, Unqualified parts) throws FcvmException {
        String host = registry.equals("index.docker.io") ? DOCKER_HUB : registry;
        String repository = host.equals(DOCKER_HUB) && path.indexOf('/') < 0 ? "library/" + path : path;
        // First, because the patterns call themselves for each part of the path.
        if (host.length() + repository.length() + 1 > LONGEST) {
            throw malformed(text.substring(0, Math.min(text.length(), LONGEST)) + "…", "it is too long");
        }
        if (!REGISTRY.matcher(host).matches()) {
            throw malformed(text, "\"%s\" is no registry's host name".formatted(host));
        }
        if (!REPOSITORY.matcher(repository).matches()) {
            throw malformed(
                    text,
                    repository.equals(repository.toLowerCase(Locale.ROOT))
                            ? "\"%s\" is no repository's name".formatted(path)
                            : "a repository's name is in lower case");
        }
        return new QualifiedName(host, repository, parts.tag(), parts.digest());
    }

    static FcvmException malformed(String text, String why) {
        return new FcvmException(
                Kind.USAGE,
                "\"%s\" is no image reference (%s): give for example docker.io/library/alpine:3 or oci-archive:FILE"
                        .formatted(printable(text), printable(why)));
    }

    /** Takes everything out of a text that a terminal may take for a command, those of ISO 8859 included. */
    static String printable(String text) {
        return PrintableText.line(text);
    }

    /** Returns this name with the tag {@code latest} when it has neither a tag nor a digest. */
    public QualifiedName withDefaultTag() {
        return tag.isPresent() || digest.isPresent() ? this : withTag("latest");
    }

    QualifiedName withTag(String newTag) {
        return new QualifiedName(registry, repository, Optional.of(newTag), Optional.empty());
    }

    QualifiedName withDigest(String newDigest) {
        return new QualifiedName(registry, repository, Optional.empty(), Optional.of(newDigest));
    }

    /** Returns registry and path. */
    public String repositoryName() {
        return registry + "/" + repository;
    }

    /** Returns the name as users write it; the tag is left out when there is a digest. */
    @Override
    public String toString() {
        String suffix = digest.map(value -> "@" + value)
                .or(() -> tag.map(value -> ":" + value))
                .orElse("");
        return repositoryName() + suffix;
    }

    /**
     * A name whose registry is not told apart from its path yet.
     *
     * @param path what stands before the tag and the digest
     * @param tag the tag
     * @param digest the digest
     */
    record Unqualified(String path, Optional<String> tag, Optional<String> digest) {

        /** Takes a name apart, and checks its tag and digest. */
        static Unqualified split(String text) throws FcvmException {
            int at = text.indexOf('@');
            Optional<String> digest = at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1));
            String rest = at < 0 ? text : text.substring(0, at);
            int colon = rest.lastIndexOf(':');
            boolean tagged = colon > rest.lastIndexOf('/');
            Optional<String> tag = tagged ? Optional.of(rest.substring(colon + 1)) : Optional.empty();
            if (digest.isPresent() && !DIGEST.matcher(digest.get()).matches()) {
                throw malformed(text, "after @ stands sha256: and 64 hexadecimal digits");
            }
            if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
                throw malformed(text, "\"%s\" is no tag".formatted(tag.get()));
            }
            return new Unqualified(tagged ? rest.substring(0, colon) : rest, tag, digest);
        }
    }
}
