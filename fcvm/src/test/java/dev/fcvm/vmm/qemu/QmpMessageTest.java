package dev.fcvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QmpMessageTest {

    @Test
    void shouldReadWhatQemuSays() throws IOException {
        assertThat(
                        QmpMessage.parse(
                                "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, \"package\": \"Debian 1:7\"}, \"capabilities\": [\"oob\"]}}"))
                .isEqualTo(new QmpMessage.Greeting("7.2.22 (Debian 1:7)"));
        assertThat(QmpMessage.parse("{\"QMP\": {}}")).isEqualTo(new QmpMessage.Greeting(""));
        assertThat(QmpMessage.parse("{\"return\": {}, \"id\": 7}")).isEqualTo(new QmpMessage.Done(7, "", ""));
        assertThat(QmpMessage.parse("{\"return\": {\"status\": \"running\", \"running\": true}, \"id\": 8}"))
                .isEqualTo(new QmpMessage.Done(8, "running", ""));
        assertThat(
                        QmpMessage.parse(
                                "{\"return\": {\"status\": \"failed\", \"error-desc\": \"no room\", \"ram\": {\"total\": 1}}, \"id\": 8}"))
                .isEqualTo(new QmpMessage.Done(8, "failed", "no room"));
        assertThat(QmpMessage.parse("{\"id\": 9, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such\"}}"))
                .isEqualTo(new QmpMessage.Refused(9, "no such"));
        assertThat(
                        QmpMessage.parse(
                                "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}"))
                .isEqualTo(new QmpMessage.Event("SHUTDOWN", "guest-reset"));
        assertThat(QmpMessage.parse("{\"event\": \"STOP\"}")).isEqualTo(new QmpMessage.Event("STOP", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "true",
                "{}",
                "{\"event\": 1}",
                "{\"event\": null}",
                "{\"id\": \"seven\", \"return\": {}}",
                "{\"id\": 99999999999999999999, \"return\": {}}",
                "{\"return\": {}",
                "{\"data\": []}",
                "{\"error\": {\"desc\": {\"a\": 1}}}",
                "{\"unknown\": [[[[[[[[",
                "\u0000",
            })
    void shouldRefuseWhatIsNone(String line) {
        assertThatThrownBy(() -> QmpMessage.parse(line)).isInstanceOf(IOException.class);
    }

    @Test
    void shouldRefuseNestingAsDeepAsALineCanHold() {
        for (String bracket : new String[] {"[", "{\"a\":"}) {
            String deep = "{\"x\":" + bracket.repeat((64 << 10) / bracket.length());
            assertThatThrownBy(() -> QmpMessage.parse(deep)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldThrowNothingButItsOwnErrorWhateverComes() {
        String seed =
                "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-\\u0041\"}, \"id\": 1}";
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder line = new StringBuilder(seed);
            for (int change = random.nextInt(4); change >= 0; change--) {
                line.setCharAt(random.nextInt(line.length()), (char) random.nextInt(128));
            }
            try {
                assertThat(QmpMessage.parse(line.toString())).isNotNull();
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith("QEMU sent");
            }
        }
    }
}
