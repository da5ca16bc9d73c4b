package dev.fcvm.guest.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.PlanSource;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the agent makes of a metadata service's answers; the service is a script on the loopback, not Firecracker's. */
@Timeout(30)
final class MetadataServiceTest {

    private static final String TOKEN = "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nt0ken";

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private ServerSocket service;

    @TempDir
    Path directory;

    MetadataServiceTest() throws IOException {
        service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @BeforeEach
    void serve() {
        var thread = new Thread(this::answer);
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
    }

    @Test
    void shouldAskForATokenAndThenWithItForJson() throws Exception {
        answers.addAll(List.of(TOKEN, ok("{\"a\":\"ü\"}")));
        assertThat(new String(get(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":\"ü\"}");
        assertThat(requests.get(0))
                .startsWith("PUT /latest/api/token HTTP/1.1\r\n")
                .contains("X-metadata-token-ttl-seconds: 60\r\n")
                .doesNotContain("X-Forwarded-For");
        assertThat(requests.get(1))
                .startsWith("GET /fcvm/plan HTTP/1.1\r\n")
                .contains("Accept: application/json\r\n", "X-metadata-token: t0ken\r\n");
    }

    @Test
    void shouldTakeANewTokenOnceWhenTheFirstHasExpired() throws Exception {
        answers.addAll(List.of(TOKEN, refusal(401, "MMDS token not valid."), TOKEN, ok("{}")));
        assertThat(get()).hasSize(2);
    }

    @Test
    void shouldSayThatNoTokenIsTaken() {
        answers.addAll(
                List.of(TOKEN, refusal(401, "MMDS token not valid."), TOKEN, refusal(401, "MMDS token not valid.")));
        assertThatThrownBy(this::get).hasMessage("it takes no token: MMDS token not valid.");
    }

    @Test
    void shouldSayThatThereIsNoPlan() {
        answers.addAll(List.of(TOKEN, refusal(404, "Resource not found: /fcvm/plan.")));
        assertThatThrownBy(this::get).hasMessage("it has no /fcvm/plan: Resource not found: /fcvm/plan.");
    }

    @Test
    void shouldRefuseMoreThanAPlanMayHoldBeforeItIsRead() {
        answers.addAll(List.of(TOKEN, "HTTP/1.1 200 \r\nContent-Length: %d\r\n\r\n".formatted(PlanJson.MAX_BYTES + 1)));
        assertThatThrownBy(this::get)
                .hasMessage("its answer is too large: %d bytes, %d allowed"
                        .formatted(PlanJson.MAX_BYTES + 1, PlanJson.MAX_BYTES));
    }

    @Test
    void shouldRefuseHeadersWithoutAnEnd() {
        answers.addAll(List.of(TOKEN, "HTTP/1.1 200 \r\nX: " + "x".repeat(20_000)));
        assertThatThrownBy(this::get).hasMessage("its answer has no end of its headers");
    }

    @Test
    void shouldRefuseWhatIsNoHttp() {
        answers.add("SSH-2.0-OpenSSH\r\n\r\n");
        assertThatThrownBy(this::get).hasMessageContaining("does not speak HTTP");
    }

    @Test
    void shouldNotTakeHalfAnAnswerForOne() {
        answers.addAll(List.of(TOKEN, "HTTP/1.1 200 \r\nContent-Length: 100\r\n\r\n{\"half\":"));
        assertThatThrownBy(this::get).hasMessage("it ended the connection in the middle of an answer");
    }

    @Test
    void shouldGiveUpOnASilentService() {
        // The connection stands in the kernel's queue, and nobody takes it: the first answer never comes.
        answers.add("");
        assertThatThrownBy(this::get).hasMessageContaining("took too long");
    }

    @Test
    void shouldSayThatNobodyIsThere() throws IOException {
        service.close();
        assertThatThrownBy(this::get).hasMessageContaining("it does not answer: connect failed");
    }

    @Test
    void shouldLookForThePlanThereOnlyWhenTheKernelWasToldSo() throws Exception {
        Path line = Files.writeString(directory.resolve("cmdline"), "quiet fcvm.plan=mmds root=x\n");
        assertThat(PlanSource.isInMetadata(line)).isTrue();
        Files.writeString(line, "quiet fcvm.plan=mmdsx\n");
        assertThat(PlanSource.isInMetadata(line)).isFalse();
        assertThat(PlanSource.isInMetadata(directory.resolve("none"))).isFalse();
    }

    private byte[] get() throws IOException {
        return new MetadataService(Syscalls.shared(), new byte[] {127, 0, 0, 1}, service.getLocalPort())
                .get(MetadataService.PLAN);
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    private static String refusal(int status, String body) {
        return "HTTP/1.1 " + status + " \r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private void answer() {
        try (Socket client = service.accept()) {
            for (int i = 0; i < 100; i++) {
                requests.add(request(client.getInputStream()));
                String answer = answers.get(i);
                if (answer.isEmpty()) {
                    client.getInputStream().read(); // until the other side gives up
                    return;
                }
                client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                if (i + 1 == answers.size()) {
                    return;
                }
            }
        } catch (IOException closed) {
            // The client has ended, or the test.
            return;
        }
    }

    private static String request(InputStream in) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no whole request");
            }
            text.append((char) next);
        }
        return text.toString();
    }
}
