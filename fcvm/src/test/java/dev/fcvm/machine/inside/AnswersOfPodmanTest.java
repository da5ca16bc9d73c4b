package dev.fcvm.machine.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a guest's words. */
class AnswersOfPodmanTest {

    @Test
    void shouldReadWhatAContainerUses() throws Exception {
        Usage usage = Usage.parse("web", bytes("""
            [
              {"id": "abc", "cpu_percent": "2.5%", "pids": 3}
            ]
            1538
            1145
            """));

        assertThat(usage.fields()).containsEntry("cpu_percent", "2.5%").containsEntry("pids", "3");
        assertThat(usage.received()).isEqualTo(1538);
        assertThat(usage.sent()).isEqualTo(1145);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "[1]", "{}", "nonsense]", "[{\"a\":"})
    void shouldSayThatAGuestDoesNotAnswer(String answer) {
        assertThatThrownBy(() -> Usage.parse("web", bytes(answer)))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("machine web does not say what it uses");
    }

    @Test
    void shouldTellChangesOfTheContainersAlone() {
        Changes changes =
                Changes.parse(bytes("C /etc\nA /etc/x\nA /run/.fcvm\nA /run/.fcvm/id\nA /run/.fcvmx\nD /y\n"));

        assertThat(changes.lines()).containsExactly("C /etc", "A /etc/x", "A /run/.fcvmx", "D /y");
        assertThat(changes.byKind())
                .containsEntry("added", List.of("/etc/x", "/run/.fcvmx"))
                .containsEntry("deleted", List.of("/y"));
    }

    @Test
    void shouldTellPodmansReasonInOneHarmlessLine() {
        byte[] said = bytes("time=now level=warning\nError: \"/x\" could not\n be \u001b[31mfound");

        assertThat(GuestWords.of(said, said.length))
                .startsWith("\"/x\" could not")
                .doesNotContain("\u001b", "\n");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
