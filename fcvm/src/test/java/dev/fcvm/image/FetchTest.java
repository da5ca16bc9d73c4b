package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.image.Skopeo.Source;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real skopeo against a registry that behaves as no real one can be made to. */
@Timeout(120)
class FetchTest {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    @TempDir
    Path directory;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ImageBounds bounds = TestStore.BOUNDS;
    private long announced = 1010;
    private ServerSocket server;
    private String host;

    /** What the registry does when it is asked for a blob. */
    @FunctionalInterface
    private interface Blob {
        void answer(OutputStream out) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Skopeo.program().find().isPresent(), "skopeo is not installed");
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        host = "127.0.0.1:" + server.getLocalPort();
        Files.createDirectory(directory.resolve("tmp"));
    }

    @AfterEach
    void stop() throws IOException {
        over.countDown();
        if (server != null) {
            server.close();
        }
        threads.shutdownNow();
    }

    @Test
    void shouldGiveUpOnARegistryThatGoesSilentInTheMiddle() {
        registry(out -> {
            head(out, "application/octet-stream", "Content-Length: 1000\r\n");
            out.write(new byte[10]);
            out.flush();
            over.await();
        });

        assertThatThrownBy(() -> fetch(Duration.ofSeconds(2)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("nothing has come from " + host + " for 2 s");
        assertThat(tag().holders()).isEmpty();
    }

    @Test
    void shouldGiveUpOnARegistryThatSendsMoreThanItsManifestAnnounces() {
        registry(out -> {
            head(out, "application/octet-stream", "");
            byte[] much = new byte[1 << 20];
            while (over.getCount() > 0) {
                out.write(much);
            }
        });

        assertThatThrownBy(() -> fetch(Duration.ofMinutes(1)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("more than the image's manifest announces");
        assertThat(tag().holders()).isEmpty();
    }

    @Test
    void shouldGiveUpOnARegistryThatSendsALittleNowAndThen() {
        registry(out -> {
            head(out, "application/octet-stream", "");
            while (!over.await(20, TimeUnit.MILLISECONDS)) {
                out.write(new byte[1000]);
                out.flush();
            }
        });

        // Which of the two is said depends on how much skopeo reads before it writes.
        assertThatThrownBy(() -> fetch(Duration.ofSeconds(2)))
                .isInstanceOf(FcvmException.class)
                .hasMessageMatching(".*(nothing has|[0-9]+ bytes have) come from " + host + " .*");
    }

    @Test
    void shouldNotTakeMoreThanAnImageMayHaveWhateverItsManifestSays() {
        bounds = new ImageBounds(new DataSize(0), new DataSize(1 << 20), 1000);
        announced = Fetch.UNKNOWN;
        registry(FetchTest::endless);

        assertThatThrownBy(() -> fetch(Duration.ofMinutes(1)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("larger than 1 MiB (FCVM_IMAGE_MAX_SIZE)");
    }

    @Test
    void shouldTakeAnImageThatAnnouncesNothingAtItsWord() {
        announced = 0;
        registry(FetchTest::endless);

        assertThatThrownBy(() -> fetch(Duration.ofMinutes(1)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("more than the image's manifest announces");
    }

    @Test
    void shouldStopBeforeTheDiskIsFull() {
        bounds = new ImageBounds(new DataSize(1L << 60), Settings.LARGEST_IMAGE, 1000);
        registry(FetchTest::endless);

        assertThatThrownBy(() -> fetch(Duration.ofMinutes(1)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("too little space")
                .hasMessageContaining("FCVM_DISK_FLOOR");
    }

    @Test
    void shouldFollowNoRedirectsWithoutEnd() {
        registry(out -> out.write(("HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: http://"
                        + host + "/v2/a/b/blobs/" + RawManifestTest.digest(1) + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1)));

        assertThatThrownBy(() -> fetch(Duration.ofMinutes(1)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("cannot get " + host + "/a/b:1");
    }

    private static void endless(OutputStream out) throws IOException {
        head(out, "application/octet-stream", "");
        byte[] block = new byte[1 << 16];
        while (true) {
            out.write(block);
        }
    }

    @Test
    void shouldEndWhenInterrupted() throws Exception {
        registry(out -> {
            asked.countDown();
            over.await();
        });
        Throwable[] thrown = new Throwable[1];
        Thread fetching = Thread.ofPlatform().start(() -> {
            try {
                fetch(Duration.ofMinutes(1));
            } catch (FcvmException | IOException | InterruptedException e) {
                thrown[0] = e;
            }
        });
        asked.await();
        fetching.interrupt();
        fetching.join();

        assertThat(thrown[0]).isInstanceOf(InterruptedException.class);
        assertThat(tag().holders()).isEmpty();
    }

    private void fetch(Duration patience) throws FcvmException, IOException, InterruptedException {
        RegistryOptions options = new RegistryOptions(Optional.empty(), Optional.of(false), Optional.empty());
        Skopeo skopeo = new Skopeo(
                options,
                Optional.empty(),
                tag(),
                directory,
                directory,
                UnpackSpace.ofUser(),
                CredentialFiles.of(System.getenv(), Optional.empty(), Optional.empty()));
        Source source = new Source("docker://" + host + "/a/b:1", host + "/a/b:1", Optional.of(host), Optional.empty());
        Room room = new Room(directory, directory, source.label(), bounds);
        new Fetch(skopeo, Progress.silent(), patience, bounds, room)
                .into(directory.resolve("fetched"), source, false, announced);
    }

    private ProcessTag tag() {
        return new ProcessTag("FCVM_IMAGE_WORK", directory.toString());
    }

    private void registry(Blob layer) {
        String layerDigest = RawManifestTest.digest(1);
        byte[] config =
                "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                        .formatted(Platform.host().architecture(), layerDigest)
                        .getBytes(StandardCharsets.UTF_8);
        String configDigest = "sha256:" + Skopeo.sha256(config);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"%s",
                 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":1000}]}
                """.formatted(MANIFEST, configDigest, config.length, layerDigest)
                .getBytes(StandardCharsets.UTF_8);
        threads.execute(() -> {
            try {
                while (true) {
                    Socket caller = server.accept();
                    threads.execute(() -> answer(caller, layerDigest, layer, configDigest, config, manifest));
                }
            } catch (IOException closed) {
                return; // the test is over
            }
        });
    }

    private static void answer(
            Socket caller, String layerDigest, Blob layer, String configDigest, byte[] config, byte[] manifest) {
        try (caller) {
            String path = path(caller);
            OutputStream out = caller.getOutputStream();
            if (path.endsWith(layerDigest)) {
                layer.answer(out);
            } else if (path.endsWith(configDigest)) {
                send(out, "application/octet-stream", config);
            } else if (path.contains("/manifests/")) {
                send(out, MANIFEST, manifest);
            } else {
                send(out, "application/json", new byte[] {'{', '}'});
            }
        } catch (IOException gone) {
            return; // as skopeo is when it is ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads a request, and returns the path in its first line. */
    private static String path(Socket caller) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(caller.getInputStream(), StandardCharsets.ISO_8859_1));
        String first = String.valueOf(reader.readLine());
        for (String line = first; line != null && !line.isEmpty(); line = reader.readLine()) {
            assertThat(line).hasSizeLessThan(10_000);
        }
        return first.split(" ", -1)[1];
    }

    private static void head(OutputStream out, String type, String more) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: %s\r\n%s\r\n"
                .formatted(type, more)
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void send(OutputStream out, String type, byte[] bytes) throws IOException {
        head(out, type, "Content-Length: " + bytes.length + "\r\n");
        out.write(bytes);
    }
}
