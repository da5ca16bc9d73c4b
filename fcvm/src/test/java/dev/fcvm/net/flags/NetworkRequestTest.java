package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NetworkRequestTest {

    @Test
    void shouldPublishWhatAnImageExposesByFreePortsAndLeaveWhatIsPublishedAlone() throws Exception {
        NetworkRequest request =
                request("127.0.0.1:8080:80", "53").publishing(List.of("80/tcp", "53/udp", "8000-8001"));

        assertThat(request.ports())
                .isEqualTo(
                        PublishedPorts.parse(List.of("127.0.0.1:8080:80", "53", ":53/udp", ":8000/tcp", ":8001/tcp")));
    }

    @Test
    void shouldPublishNothingOfAnImageThatExposesNothing() throws Exception {
        assertThat(request("80").publishing(List.of())).isEqualTo(request("80"));
    }

    @Test
    void shouldRefuseWhatIsNoPort() {
        assertThatThrownBy(() -> request().publishing(List.of("http")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("http");
    }

    private static NetworkRequest request(String... ports) throws FcvmException {
        return new NetworkRequest(
                true, PublishedPorts.parse(List.of(ports)), Egress.OPEN, false, false, GuestNames.HOSTS);
    }
}
