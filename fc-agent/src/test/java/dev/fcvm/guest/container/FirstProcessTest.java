package dev.fcvm.guest.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.system.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FirstProcessTest {

    @TempDir
    private Path directory;

    private TestGuest guest;
    private Path told;

    @BeforeEach
    void begin() throws Exception {
        guest = new TestGuest(directory);
        Files.createDirectories(guest.files.state());
        told = directory.resolve("told");
        Path conmon = Files.createDirectories(guest.files.processes().resolve("76"));
        Files.writeString(conmon.resolve("cmdline"), "conmon\0-c\0x\0-p\0" + told + "\0");
        Path process = Files.createDirectories(guest.files.processes().resolve("77"));
        Files.createSymbolicLink(process.resolve("exe"), Path.of("/app"));
    }

    @Test
    void shouldBeFoundWhereConmonWasToldWhenPodmansServiceHasMadeTheContainer() throws Exception {
        assertThat(FirstProcess.isMade(guest.files)).as("without conmon").isFalse();
        Files.writeString(guest.files.conmonPid(), "76\n");
        assertThat(FirstProcess.isMade(guest.files)).as("before the runtime").isFalse();
        Files.writeString(told, "77");
        Child podman = Child.start(List.of("sleep", "1000"), Optional.empty(), false);
        try {
            assertThat(new FirstProcess(guest.files, podman).await()).isEqualTo("77");
            // Podman takes its own away when the container has ended.
            Files.delete(told);
            assertThat(new FirstProcess(guest.files, podman).now()).isEqualTo("77");
        } finally {
            podman.process().destroyForcibly();
        }
    }

    @Test
    void shouldNotBeLookedForAtAConmonThatHasEnded() throws Exception {
        Files.writeString(guest.files.conmonPid(), "75\n");
        assertThat(FirstProcess.isMade(guest.files)).isFalse();
    }
}
