package dev.fcvm.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.json.MalformedJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SignedManifestTest {

    /** As docker-registry 2.8.2 signed it; it gave the digest below in Docker-Content-Digest. */
    private static final String SIGNED = """
        {"name":"s1","tag":"1","architecture":"amd64","fsLayers":[{"blobSum":"sha256:67993e17c8a67fe7dd01e33\
        d66b6a41e67acb753410bc4f5c7c7fb634607fdb2"}],"history":[{"v1Compatibility":"{\\"architecture\\":\\"a\
        md64\\",\\"config\\":{\\"Env\\":[\\"PATH=/bin\\"]},\\"id\\":\\"d71ce6dadbf749b533db325e7bacf73929969\
        b59e8ce44e19ec1e54eadeea338\\",\\"os\\":\\"linux\\"}"}],"schemaVersion":1,"signatures":[{"header":{"\
        jwk":{"crv":"P-256","kid":"T4GT:QG23:SI3C:IYFH:E6CD:OZX6:IETE:MWIC:GWLP:VA5D:RWQ6:KCUU","kty":"EC","\
        x":"z5tJ_HmrF2iLf6S5wuDYBFXYCxpswwx4eSQA37WrQpw","y":"cuA-WNhSZkI8oNMp23AttqziaVYFL6SDwwMFvDHhhLU"},\
        "alg":"ES256"},"signature":"c6_B6Tim8Yjta_8IzBfZkQIRb81NBpBz5Edo9uG9hLlt9J_gCE5no9kgxTsSv7iGRyfWniHw\
        qnCC0l3VMKvPYA","protected":"eyJmb3JtYXRMZW5ndGgiOjM1NSwiZm9ybWF0VGFpbCI6ImZRIiwidGltZSI6IjIwMjYtMTE\
        tMjdUMDc6MzM6NThaIn0"}]}\
        """;

    private static final String DIGEST = "99db0aa8775a93bee790070b7401273cc087d4d82bc6ce9613a2e6e2250ae321";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldFindWhatARegistryTakesTheDigestOf() throws Exception {
        byte[] digested = SignedManifest.digested(bytes(SIGNED));

        byte[] digest = MessageDigest.getInstance("SHA-256").digest(digested);
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(DIGEST);
    }

    @Test
    void shouldTakeAllOfAManifestWithoutSignatures() throws Exception {
        for (String text :
                new String[] {"{\"schemaVersion\":2,\"signatures\":[{\"protected\":\"x\"}]}", "{\"schemaVersion\":1}"
                }) {
            assertThat(SignedManifest.digested(bytes(text))).isEqualTo(bytes(text));
        }
    }

    @Test
    void shouldRefuseSignaturesOfNothing() {
        for (String payload : new String[] {
            "{\"formatLength\":5000,\"formatTail\":\"\"}",
            "{\"formatLength\":-1}",
            "{}x",
            "{\"formatLength\":1,\"formatTail\":\"*\"}"
        }) {
            String text = "{\"schemaVersion\":1,\"signatures\":[{\"protected\":\"%s\"}]}"
                    .formatted(Base64.getUrlEncoder().encodeToString(bytes(payload)));
            assertThatThrownBy(() -> SignedManifest.digested(bytes(text)))
                    .as(payload)
                    .isInstanceOf(MalformedJson.class);
        }
    }
}
