package dev.fcvm.image.layer;

import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first form of docker's manifests, with signatures in it. Its digest is that of the manifest without them, which is
 * put together as each signature says: so many bytes from the beginning, and then an end (the JWS JSON serialization of
 * github.com/docker/libtrust).
 */
public final class SignedManifest {

    private SignedManifest() {}

    /**
     * What is read of the manifest.
     *
     * @param schemaVersion 1
     * @param signatures at least one, if it is signed
     */
    @Json
    public record Signed(int schemaVersion, @Nullable List<Signature> signatures) {
        public Signed {
            signatures = signatures == null ? null : List.copyOf(signatures);
        }
    }

    /**
     * What is read of a signature.
     *
     * @param text how to find what is signed, in Base64
     */
    @Json
    public record Signature(
            @Json.Property("protected") @Nullable String text) {}

    /**
     * How to find what is signed.
     *
     * @param formatLength how many bytes of the manifest
     * @param formatTail what comes behind, in Base64
     */
    @Json
    public record Payload(int formatLength, @Nullable String formatTail) {}

    /**
     * Returns what the digest of a manifest is taken of.
     *
     * @param manifest of whatever form
     * @return all of it, unless it has signatures
     * @throws MalformedJson when it has signatures that cannot be read
     */
    public static byte[] digested(byte[] manifest) throws MalformedJson {
        Jsonb json = Jsonb.instance();
        Signed signed = UntrustedJson.read(json.type(Signed.class), new String(manifest, StandardCharsets.UTF_8));
        Optional<String> first = signed.schemaVersion() != 1 || signed.signatures() == null
                ? Optional.empty()
                : signed.signatures().stream().findFirst().flatMap(each -> Optional.ofNullable(each.text()));
        if (first.isEmpty()) {
            return manifest;
        }
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            String text = new String(decoder.decode(first.get()), StandardCharsets.UTF_8);
            Payload payload = UntrustedJson.read(json.type(Payload.class), text);
            byte[] tail = decoder.decode(payload.formatTail() == null ? "" : payload.formatTail());
            int length = payload.formatLength();
            if (length <= 0 || length > manifest.length) {
                throw new IllegalArgumentException("it signs no part of the manifest: " + length);
            }
            byte[] whole = Arrays.copyOf(manifest, length + tail.length);
            System.arraycopy(tail, 0, whole, length, tail.length);
            return whole;
        } catch (IllegalArgumentException e) {
            throw new MalformedJson("a signature of the manifest cannot be read", e);
        }
    }
}
