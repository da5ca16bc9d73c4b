package dev.fcvm.guest;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.link.message.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodmanStartTest {

    @TempDir
    private Path directory;

    @Test
    void shouldSayThatThereIsNoPodman() throws Exception {
        var guest = new TestGuest(directory);
        var start = new Message.Start("c", "", List.of(), false, Optional.empty(), 1000);
        assertThatThrownBy(() -> new PodmanStart(guest.files, guest.console)
                        .start(start, TestGuest.plan(List.of()), List.of(), List.of("/nowhere/podman")))
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("cannot start Podman in the guest: ")
                .hasMessageContaining("/nowhere/podman");
    }
}
