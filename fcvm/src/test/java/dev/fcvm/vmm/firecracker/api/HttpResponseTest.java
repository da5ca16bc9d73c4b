package dev.fcvm.vmm.firecracker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpResponseTest {

    @Test
    void shouldReadOneAnswerAfterTheOtherAndNotAByteFurther() throws IOException {
        InputStream from = stream("HTTP/1.1 204 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n\r\n"
                + "HTTP/1.1 400 \r\ncontent-LENGTH:  5\r\n\r\nhello"
                + "HTTP/1.1 503\r\n\r\n"
                + "HTTP/1.0 200 OK\nContent-Length: 2\n\n{}rest");
        assertThat(HttpResponse.read(from)).isEqualTo(new HttpResponse(204, ""));
        assertThat(HttpResponse.read(from)).isEqualTo(new HttpResponse(400, "hello"));
        assertThat(HttpResponse.read(from)).isEqualTo(new HttpResponse(503, ""));
        assertThat(HttpResponse.read(from)).isEqualTo(new HttpResponse(200, "{}"));
        assertThat(new String(from.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("rest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "HTTP/1.1 204",
                "HTTP/1.1 204 \r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 099\r\n\r\n",
                "HTTP/1.1 2000\r\n\r\n",
                "HTTP/1.1 200\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200\r\nContent-Length: 1048577\r\n\r\n",
                "HTTP/1.1 200\r\nContent-Length: 99999999999999\r\n\r\n",
                "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhell",
                "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            })
    void shouldRefuseWhatIsNone(String answer) {
        assertThatThrownBy(() -> HttpResponse.read(stream(answer))).isInstanceOf(IOException.class);
    }

    @Test
    void shouldReadNoLineAndNoHeadersWithoutEnd() {
        assertThatThrownBy(() -> HttpResponse.read(stream("HTTP/1.1 200 " + "x".repeat(2000))))
                .hasMessageContaining("line of more than");
        assertThatThrownBy(() -> HttpResponse.read(stream("HTTP/1.1 200\r\n" + "a: b\r\n".repeat(1000))))
                .hasMessageContaining("headers");
    }

    @Test
    void shouldThrowNothingButItsOwnErrorWhateverComes() {
        byte[] seed =
                "HTTP/1.1 400 \r\nContent-Length: 12\r\n\r\n{\"fault\": \"\"}".getBytes(StandardCharsets.US_ASCII);
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = seed.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                noise[random.nextInt(noise.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(HttpResponse.read(new ByteArrayInputStream(noise)).status())
                        .isBetween(100, 599);
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith("firecracker");
            }
        }
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
