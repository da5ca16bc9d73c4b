package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What went wrong with skopeo, in one line for people. */
final class SkopeoFailure {

    /** Possessive, so that it is no recursion: an image's names are in it, of whatever length. */
    private static final Pattern FATAL = Pattern.compile("level=fatal msg=(\"(?:[^\"\\\\]++|\\\\.)*+\"|\\S++)");

    private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s\"]+|docker://[^\\s\"]+");
    private static final int LONGEST = 300;

    private SkopeoFailure() {}

    /** A kind of failure: any of its words tells it. The first kind counts, so the order matters. */
    private enum Cause {
        NO_SPACE("no space left on device", "disk quota exceeded"),
        NO_POLICY("policy.json: no such file"),
        BLOCKED("is blocked in"),
        FORBIDDEN("permission denied", "operation not permitted"),
        TOO_FEW_IDS("insufficient uids or gids", "insufficient user id", "insufficient group id"),
        PLAIN_HTTP("server gave http response to https client", "first record does not look like a tls handshake"),
        UNTRUSTED("x509:", "tls: ", "certificate"),
        DENIED("unauthorized", "authentication required", "denied", "invalid username/password", "403 (forbidden)"),
        BAD_CREDENTIALS("reading json file", "unmarshaling json", "error parsing auth", "credential"),
        LIMITED("toomanyrequests", "too many requests"),
        UNKNOWN(
                "manifest unknown",
                "name unknown",
                "name_unknown",
                "404 (not found)",
                "does not resolve to an image id",
                "identifier is not an image",
                "no such image",
                "no descriptor found",
                "\" not found"),
        UNREACHABLE(
                "connection refused",
                "no such host",
                "i/o timeout",
                "deadline exceeded",
                "network is unreachable",
                "no route to host",
                "server misbehaving",
                "connection reset",
                "tls handshake timeout",
                "temporary failure in name resolution"),
        WRONG_PLATFORM("no image found in manifest list", "no image found in image index", "choosing image instance"),
        SEVERAL("more than one image", "exactly one image", "choose-image", "multiple images"),
        ARTIFACT("operation on artifact", "unsupported config mediatype", "unknown config mediatype"),
        LAYER("processing tar file"),
        NO_FILE("no such file or directory", "not a directory"),
        BROKEN_OFF("unexpected eof", "eof"),
        CORRUPT(
                "invalid tar header",
                "digest did not match",
                "digest mismatch",
                "does not match",
                "invalid checksum",
                "corrupt",
                "gzip: invalid header",
                "invalid character",
                "not found in tar",
                "file does not exist",
                "error during unpack",
                "untarring");

        private final Pattern words;

        Cause(String... words) {
            this.words = Pattern.compile(Stream.of(words).map(Pattern::quote).collect(Collectors.joining("|")));
        }

        boolean told(String message) {
            return words.matcher(message).find();
        }
    }

    /** Returns the cause skopeo gave, bounded and on one line. */
    static String words(Tool.Result result) {
        Matcher matcher = FATAL.matcher(result.errors());
        String message = "";
        while (matcher.find()) {
            message = matcher.group(1);
        }
        if (message.isEmpty()) {
            message = result.lastWords();
        }
        String plain = message.replaceAll("^\"|\"$", "")
                .replace("\\\"", "\"")
                .replaceAll("\\\\[nt]|[\\x00-\\x1f\\x7f-\\x9f]", " ")
                .strip();
        return plain.length() > LONGEST ? "…" + plain.substring(plain.length() - LONGEST) : plain;
    }

    /**
     * Explains a failure.
     *
     * @param image what was to be had, as the user knows it
     * @param registry the registry that was asked, if one was
     * @param result how skopeo ended
     * @param place where the store lies, for the message about its space
     */
    static FcvmException of(String image, Optional<String> registry, Tool.Result result, String place) {
        String words = words(result);
        String lower = withoutNames(words, image, place);
        String host = registry.orElse("the registry");
        Optional<Cause> cause =
                Arrays.stream(Cause.values()).filter(each -> each.told(lower)).findFirst();
        if (cause.isEmpty()) {
            return failure(Kind.IMAGE, image, words + ": see skopeo's own words, and try: skopeo inspect");
        }
        return switch (cause.get()) {
            case NO_SPACE ->
                failure(
                        Kind.HOST,
                        image,
                        "there is no space left in %s: make room, or set FCVM_DATA_DIR".formatted(place));
            case BLOCKED ->
                failure(
                        Kind.IMAGE,
                        image,
                        "%s is blocked in registries.conf: take it from another registry".formatted(host));
            case TOO_FEW_IDS ->
                failure(
                        Kind.HOST,
                        image,
                        "its files belong to more users than there are subordinate ids for (%s): see /etc/subuid and /etc/subgid, or pull it as root, who has the ids up to 2147418111, and from 4294901760 on"
                                .formatted(tail(words)));
            case NO_POLICY ->
                failure(
                        Kind.HOST,
                        image,
                        "/etc/containers/policy.json is missing: install it with: apt install golang-github-containers-common");
            case PLAIN_HTTP ->
                failure(
                        Kind.IMAGE,
                        image,
                        "%s speaks plain HTTP: if you trust the network, give --tls-verify=false".formatted(host));
            case UNTRUSTED ->
                failure(
                        Kind.IMAGE,
                        image,
                        "the certificate of %s is not trusted (%s): put its authority's into /etc/containers/certs.d/%s/ca.crt, or give --tls-verify=false"
                                .formatted(host, tail(words), registry.orElse("HOST")));
            case DENIED ->
                failure(
                        Kind.IMAGE,
                        image,
                        "%s denies access, or has no such image: check the name, log in with: skopeo login %s, or give --authfile"
                                .formatted(host, registry.orElse("REGISTRY")));
            case BAD_CREDENTIALS ->
                failure(
                        Kind.IMAGE,
                        image,
                        "the credentials cannot be read (%s): check --authfile".formatted(tail(words)));
            case LIMITED ->
                failure(
                        Kind.IMAGE,
                        image,
                        "%s allows no more requests for now: wait, or log in with: skopeo login %s"
                                .formatted(host, registry.orElse("REGISTRY")));
            case UNKNOWN ->
                failure(
                        Kind.NOT_FOUND,
                        image,
                        "%s has no such image: check the name and the tag".formatted(registry.orElse("it")));
            case UNREACHABLE ->
                failure(
                        Kind.IMAGE,
                        image,
                        "%s cannot be reached (%s): check the name and the network".formatted(host, tail(words)));
            case WRONG_PLATFORM -> failure(Kind.IMAGE, image, "it has no image for this machine: give --platform");
            case SEVERAL ->
                failure(
                        Kind.IMAGE,
                        image,
                        "there are several images in it: name one, as in docker-archive:FILE:NAME:TAG");
            case ARTIFACT ->
                failure(
                        Kind.IMAGE,
                        image,
                        lower.contains("helm")
                                ? "it is a Helm chart, which helm installs, and no container image: take an image that the chart names"
                                : "it is something else than a container image (%s): check what it is"
                                        .formatted(tail(words)));
            case NO_FILE ->
                failure(Kind.IMAGE, image, "a part of it is missing (%s): make it anew".formatted(tail(words)));
            case FORBIDDEN ->
                failure(Kind.HOST, image, "it may not be read (%s): check its permissions".formatted(tail(words)));
            case BROKEN_OFF ->
                registry.isPresent()
                        ? failure(
                                Kind.IMAGE,
                                image,
                                "%s has broken the connection off (%s): check the network, and try again"
                                        .formatted(host, tail(words)))
                        : damaged(image, words);
            case LAYER, CORRUPT -> damaged(image, words);
        };
    }

    private static FcvmException damaged(String image, String words) {
        return failure(
                Kind.IMAGE, image, "it is damaged or no image (%s): make or fetch it anew".formatted(tail(words)));
    }

    /** Takes out what is a name or an address and may hold any word, as {@code quay.io/x/cert-manager} does. */
    private static String withoutNames(String words, String image, String store) {
        String place = image.replaceFirst("^[a-z-]+:(?!\\d)", "");
        String repository = place.replaceFirst("@.*|:[^:/]*$", "");
        String plain = words;
        for (String name : List.of(image, place, repository, store)) {
            plain = plain.replaceAll("(?<![A-Za-z0-9])" + Pattern.quote(name) + "(?![A-Za-z0-9])", " ");
        }
        return ADDRESS.matcher(plain).replaceAll(" ").toLowerCase(Locale.ROOT);
    }

    private static FcvmException failure(Kind kind, String image, String why) {
        return new FcvmException(kind, "cannot get %s: %s".formatted(image, why));
    }

    /** The end of a message of Go holds its cause. */
    private static String tail(String words) {
        int length = 120;
        return words.length() <= length ? words : "…" + words.substring(words.length() - length);
    }
}
