package dev.fcvm.vmm.firecracker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.vmm.process.UnixSockets;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ApiConnectionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @Test
    void shouldAskForTheVersionAndSendACallWholeAndWithItsLength() throws Exception {
        try (FakeApi fake = new FakeApi(socket(), FakeApi.version("1.12.1"), FakeApi.DONE);
                ApiConnection api = open()) {
            assertThat(api.version()).isEqualTo(new FirecrackerVersion(1, 12, 1));
            api.call(VmState.PAUSED);
            assertThat(fake.request()).isEqualTo("GET /version HTTP/1.1\nHost: localhost\n\n");
            assertThat(fake.request())
                    .isEqualTo("PATCH /vm HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
                            + "Content-Length: 18\n\n{\"state\":\"Paused\"}");
        }
    }

    @Test
    void shouldTellWhyACallWasRefusedAndGoOn() throws Exception {
        String refusal = FakeApi.body(400, "{\"fault_message\":\"no \\n way\"}");
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version("1.12.1"), refusal, FakeApi.DONE);
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Action.START))
                    .isInstanceOfSatisfying(
                            ApiRefusal.class, e -> assertThat(e.fault()).isEqualTo("no \n way"))
                    .hasMessage("firecracker could not start the machine: no way");
            api.call(VmState.RESUMED);
        }
    }

    @Test
    void shouldTellARefusalThatIsNoJsonAsItIs() throws Exception {
        String refusal = FakeApi.body(400, "{ \"error\": \"no\nway\" }");
        try (FakeApi _ = new FakeApi(
                        socket(), FakeApi.version("1.12.1"), refusal, "HTTP/1.1 503\r\n\r\n", FakeApi.DONE);
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Action.START))
                    .hasMessageStartingWith("firecracker could not start the machine: ")
                    .hasMessageContaining("no way");
            assertThatThrownBy(() -> api.call(Action.START))
                    .hasMessage("firecracker could not start the machine: status 503");
        }
    }

    @Test
    void shouldGiveUpOnASilentFirecrackerAndThenFailAtOnce() throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version("1.12.1"), FakeApi.SILENCE);
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Action.START, Duration.ofMillis(100)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not start the machine within");
            assertThatThrownBy(() -> api.call(Action.START)).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void shouldGiveUpOnAFirecrackerThatHangsUp() throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version("1.12.1"), FakeApi.HANG_UP);
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Action.START)).hasMessage("firecracker closed the connection");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.17.0-dev", "1.99.0", "2.0.0", "v1.16.1"})
    void shouldTakeVersionsItDoesNotKnowYet(String version) throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version(version), FakeApi.DONE);
                ApiConnection api = open()) {
            api.call(Vsocks.override());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"banana", "1.12", ""})
    void shouldNotTakeWhatIsNoVersion(String version) throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version(version))) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("'" + version + "', which is none");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"firecracker_version\":null}",
                "[]",
                "17",
                "nonsense",
                "",
                "{\"firecracker_version\":{}}"
            })
    void shouldNotTakeAnAnswerThatIsNone(String answer) throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.body(200, answer))) {
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("firecracker ");
        }
    }

    @Test
    void shouldRefuseAVersionThatIsTooOld() throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version("0.25.2"))) {
            assertThatThrownBy(this::open).hasMessage("firecracker 0.25.2 is too old: take 1.1.0 or newer");
        }
    }

    @Test
    void shouldRefuseWhatTheVersionDoesNotHaveWithoutAskingIt() throws Exception {
        try (FakeApi fake = new FakeApi(socket(), FakeApi.version("1.12.1"), FakeApi.DONE);
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Vsocks.override()))
                    .isInstanceOfSatisfying(
                            ApiRefusal.class, e -> assertThat(e.fault()).isEmpty())
                    .hasMessage("firecracker 1.12.1 has no other vsock socket for a snapshot to restore; it came with"
                            + " 1.16.0: take a newer one, or restore it with the path it was made with");
            api.call(VmState.PAUSED);
            fake.request();
            assertThat(fake.request()).startsWith("PATCH /vm ");
        }
    }

    @Test
    void shouldNotRestoreASnapshotWithAVersionThatLosesTheLink() throws Exception {
        try (FakeApi _ = new FakeApi(socket(), FakeApi.version("1.16.0"));
                ApiConnection api = open()) {
            assertThatThrownBy(() -> api.call(Vsocks.override()))
                    .isInstanceOf(ApiRefusal.class)
                    .hasMessage("firecracker 1.16.0 may lose the link to a restored machine:"
                            + " restore it with 1.16.1 or newer");
        }
    }

    private Path socket() {
        return directory.resolve("api");
    }

    private ApiConnection open() throws IOException, InterruptedException {
        return ApiConnection.open(UnixSockets.connect(socket(), () -> true, PATIENCE), PATIENCE);
    }

    /** A call that came late. */
    private static final class Vsocks {
        static SnapshotLoad override() {
            return SnapshotLoad.of("/s", SnapshotLoad.MemoryBackend.ofFile("/m"))
                    .onSocket(new SnapshotLoad.VsockOverride("/v"));
        }
    }
}
