package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The messages are skopeo's own, as version 1.9 wrote them; those of newer versions, of rate limits and of subordinate ids
 * are from memory.
 */
class SkopeoFailureTest {

    private static final String HOST = "127.0.0.1:5599";
    private static final String IMAGE = HOST + "/a/b:1";
    private static final String PARSING = "Error parsing image name \\\"docker://" + IMAGE + "\\\": ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "reading manifest 1 in 127.0.0.1:5599/a/b: unauthorized: authentication required | IMAGE | skopeo login 127.0.0.1:5599",
                "reading manifest 1 in 127.0.0.1:5599/a/b: requested access to the resource is denied | IMAGE | denies access",
                "unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password | IMAGE | skopeo login",
                "pinging container registry 127.0.0.1:5599: Get \\\"https://127.0.0.1:5599/v2/\\\": http: server gave HTTP response to HTTPS client | IMAGE | --tls-verify=false",
                "reading manifest 2 in 127.0.0.1:5599/a/b: manifest unknown: manifest unknown | NOT_FOUND | no such image",
                "reading manifest 2 in 127.0.0.1:5599/a/b: manifest unknown | NOT_FOUND | no such image",
                "reading manifest 2 in 127.0.0.1:5599/a/b: name unknown: repository name not known to registry | NOT_FOUND | no such image",
                "pinging container registry x: Get \\\"https://x/v2/\\\": x509: certificate signed by unknown authority (possibly because of \\\"x509: invalid signature: parent certificate cannot sign this kind of certificate\\\" while trying to verify candidate authority certificate \\\"localhost\\\") | IMAGE | certs.d/127.0.0.1:5599/ca.crt",
                "pinging container registry 127.0.0.1:1: Get \\\"https://127.0.0.1:1/v2/\\\": dial tcp 127.0.0.1:1: connect: connection refused | IMAGE | cannot be reached",
                "pinging container registry no-such-host.invalid: Get \\\"https://no-such-host.invalid/v2/\\\": dial tcp: lookup no-such-host.invalid on 10.0.0.1:53: no such host | IMAGE | cannot be reached",
                "pinging container registry 127.0.0.1:5596: Get \\\"http://127.0.0.1:5596/v2/\\\": context deadline exceeded | IMAGE | cannot be reached",
                "pinging container registry 127.0.0.1:5597: Get \\\"http://127.0.0.1:5597/v2/\\\": read tcp 127.0.0.1:34848->127.0.0.1:5597: read: connection reset by peer | IMAGE | cannot be reached",
                "Get \\\"https://127.0.0.1:5599/v2/\\\": EOF | IMAGE | broken the connection off",
                "registry 127.0.0.1:5599 is blocked in /etc/containers/registries.conf or /etc/containers/registries.conf.d | IMAGE | is blocked",
                "reading manifest 1 in docker.io/library/alpine: toomanyrequests: You have reached your pull rate limit. | IMAGE | no more requests",
                "getting username and password: 1 error occurred:\\n\\t* reading JSON file \\\"bad.json\\\": unmarshaling JSON at \\\"bad.json\\\": unexpected end of JSON input\\n\\n | IMAGE | check --authfile",
                "parsing image configuration: unsupported image-specific operation on artifact with type \\\"application/vnd.cncf.helm.config.v1+json\\\" | IMAGE | it is a Helm chart",
                "parsing image configuration: unsupported image-specific operation on artifact with type \\\"application/vnd.wasm.config.v0+json\\\" | IMAGE | something else than a container image",
                "something entirely new | IMAGE | something entirely new"
            })
    void shouldExplainWhatARegistrySays(String message, Kind kind, String words) {
        FcvmException failure = of(PARSING + message, IMAGE, Optional.of(HOST));

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessageStartingWith("cannot get " + IMAGE + ": ").hasMessageContaining(words);
        assertThat(failure.getMessage()).hasSizeLessThan(600).matches("\\P{Cntrl}+");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "initializing source oci-archive:/x/cut.tar:: creating temp directory: untarring file \\\"/var/tmp/oci3946374709\\\": unexpected EOF | IMAGE | is damaged",
                "writing blob: happened during read: Digest did not match, expected sha256:0f, got sha256:9d | IMAGE | is damaged",
                "initializing source oci-archive:/x/cut.tar:: open /var/tmp/oci87183750/index.json: no such file or directory | IMAGE | is missing",
                "determining manifest MIME type for oci-archive:/x/cut.tar:: open /var/tmp/oci3415114980/blobs/sha256/f8: no such file or directory | IMAGE | is missing",
                "initializing source docker-archive:/x/cut.tar: loading tar component manifest.json: unexpected EOF | IMAGE | is damaged",
                "initializing source docker-archive:/x/cut.tar: loading tar component manifest.json: file does not exist | IMAGE | is damaged",
                "initializing source oci:/x/cut.tar:other: no descriptor found for reference \\\"other\\\" | NOT_FOUND | no such image",
                "initializing source docker-archive:/x/cut.tar:other: Tag \\\"docker.io/library/other:latest\\\" not found | NOT_FOUND | no such image",
                "determining manifest MIME type for dir:/x: open /x/manifest.json: permission denied | HOST | permissions",
                "writing blob: write /store/partial/x/fetched/dir-put-blob263515233: no space left on device | HOST | make room",
                "open /etc/containers/policy.json: no such file or directory | HOST | apt install",
                "potentially insufficient UIDs or GIDs available in user namespace (requested 200000:200000 for /t): Check /etc/subuid and /etc/subgid if configured locally and run podman-system-migrate: lchown /t: invalid argument | HOST | subordinate ids"
            })
    void shouldExplainWhatIsWrongWithAFile(String message, Kind kind, String words) {
        FcvmException failure = of(message, "oci-archive:/x/cut.tar", Optional.empty());

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({
        "quay.io/jetstack/cert-manager-certificate:1",
        "quay.io/credential/denied:unauthorized",
        "quay.io/eof/corrupt",
        "quay.io/a/b:toomanyrequests"
    })
    void shouldNotTakeWordsOfANameForTheCause(String image) {
        String repository = image.replaceFirst(":[^:]*$", "");
        FcvmException failure = of(
                "Error parsing image name \\\"docker://" + image + "\\\": reading manifest x in " + repository
                        + ": manifest unknown",
                image,
                Optional.of("quay.io"));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void shouldNotTakeWordsOfAPathForTheCause() {
        FcvmException failure = of(
                "initializing source oci-archive:/denied/certificate.tar:: creating temp directory: untarring file"
                        + " \\\"/credential/tmp/oci1\\\": unexpected EOF",
                "oci-archive:/denied/certificate.tar",
                Optional.empty());

        assertThat(failure).hasMessageContaining("damaged");
    }

    @Test
    void shouldTakeTheLastFatalMessageAndNoControlCharacters() {
        assertThat(
                        SkopeoFailure.words(
                                new Tool.Result(
                                        1,
                                        "",
                                        "time=\"x\" level=warning msg=\"first\"\ntime=\"x\" level=fatal msg=\"a \\\"b\\\"\\n\u001b[2Jc\"\n")))
                .isEqualTo("a \"b\"  [2Jc");
        assertThat(SkopeoFailure.words(
                        new Tool.Result(1, "", "level=fatal msg=\"" + "d/\\\"".repeat(100_000) + " too long\"\n")))
                .as("an image whose names are long")
                .hasSizeLessThan(400)
                .endsWith(" too long");
        assertThat(SkopeoFailure.words(new Tool.Result(1, "", "plain words\n"))).isEqualTo("plain words");
        assertThat(SkopeoFailure.words(new Tool.Result(137, "", ""))).isEqualTo("exit code 137");
        assertThat(SkopeoFailure.words(new Tool.Result(1, "", "x".repeat(100_000))))
                .hasSizeLessThan(600);
    }

    private static FcvmException of(String message, String image, Optional<String> registry) {
        String line = "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"" + message + "\"\n";
        return SkopeoFailure.of(image, registry, new Tool.Result(1, "", line), "/credential/tmp");
    }
}
