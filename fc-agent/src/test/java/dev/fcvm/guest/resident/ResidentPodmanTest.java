package dev.fcvm.guest.resident;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A socket of the test stands in for Podman's service, and sleeping processes for it and for conmon. */
@Timeout(60)
class ResidentPodmanTest {

    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String CREATED = "201 Created\r\n\r\n{\"Id\":\"" + ID + "\",\"Warnings\":[]}";
    private static final String DONE = "204 No Content\r\n\r\n";
    private static final String CREATION = "{\"name\":\"otter\"}";

    @TempDir
    private Path directory;

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<Process> processes = new ArrayList<>();
    private final List<ServerSocketChannel> servers = new ArrayList<>();
    private ResidentPodman.Place place;
    private Process conmon;
    private Process service;

    @BeforeEach
    void begin() throws Exception {
        conmon = sleeping();
        service = sleeping();
        Path runs = Files.createDirectories(directory.resolve("proc/" + conmon.pid()));
        Files.writeString(directory.resolve("pid"), "77");
        Files.writeString(runs.resolve("cmdline"), "conmon\0-c\0x\0-p\0" + directory.resolve("pid") + "\0");
        place = new ResidentPodman.Place(
                directory,
                directory.resolve("first"),
                Files.writeString(directory.resolve("conmon"), conmon.pid() + "\n"),
                Files.createDirectories(directory.resolve("exits")),
                directory.resolve("proc"),
                directory.resolve("busybox"),
                _ -> {});
    }

    private Process sleeping() throws IOException {
        Process process = new ProcessBuilder("sleep", "1000").start();
        processes.add(process);
        return process;
    }

    @AfterEach
    void end() throws IOException {
        processes.forEach(Process::destroyForcibly);
        for (ServerSocketChannel server : servers) {
            server.close();
        }
    }

    /** Answers each request by its first line, without the version. */
    private void serve(Function<String, String> answers) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        servers.add(server);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("podman.sock")));
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    try (SocketChannel client = server.accept()) {
                        var request = ByteBuffer.allocate(1 << 16);
                        client.read(request);
                        String line = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8)
                                .replace(" /v5.0.0/libpod", " ")
                                .replaceAll("(?s) HTTP/1.0\r\n.*", "");
                        asked.add(line);
                        client.write(ByteBuffer.wrap(
                                ("HTTP/1.0 " + answers.apply(line)).getBytes(StandardCharsets.US_ASCII)));
                    }
                }
            } catch (ClosedChannelException over) {
                return; // the test is
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private Process run() {
        var output = new ByteArrayInputStream("out".getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int available() {
                return 0; // it comes when the container runs
            }
        };
        return new ResidentPodman(place, service, output, new ByteArrayInputStream(new byte[0]))
                .run(CREATION, () -> new ProcessBuilder("/bin/sh", "-c", "echo program; exit 9").start());
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldBeTheContainerThatTheServiceStartsUntilItsConmonEnds() throws Exception {
        serve(line -> line.endsWith("/create") ? CREATED : DONE);
        Process container = run();
        assertThat(text(container)).isEqualTo("out");
        assertThat(container.isAlive()).isTrue();
        assertThat(asked)
                .containsExactly(
                        "POST /containers/create",
                        "POST /containers/" + ID + "/init",
                        "POST /containers/" + ID + "/start");
        assertThat(place.containerPid()).hasContent("77");
        assertThat(service.waitFor())
                .as("the service holds the container's pipes")
                .isNotZero();

        Files.writeString(directory.resolve("part"), "42");
        Files.move(directory.resolve("part"), place.exits().resolve(ID));
        assertThat(container.isAlive()).as("Podman cleans up").isTrue();
        conmon.destroyForcibly().waitFor();
        assertThat(container.waitFor()).isEqualTo(42);
    }

    @Test
    void shouldLeaveAContainerThatCannotBeStartedToPodmansProgram() throws Exception {
        for (Map.Entry<String, String> refused :
                Map.of("/init", "404 Not Found", "/start", "500 Failed").entrySet()) {
            asked.clear();
            service = sleeping();
            Files.deleteIfExists(directory.resolve("podman.sock"));
            serve(line -> line.endsWith(refused.getKey())
                    ? refused.getValue() + "\r\n\r\n{\"cause\":\"no\"}"
                    : line.endsWith("/create") ? CREATED : DONE);
            Files.writeString(place.conmonPid(), conmon.pid() + "\n");
            Process program = run();
            assertThat(text(program)).isEqualTo("program\n");
            assertThat(program.waitFor()).isEqualTo(9);
            assertThat(asked).last().isEqualTo("DELETE /containers/" + ID + "?force=true&v=true");
            assertThat(place.containerPid()).doesNotExist();
            servers.getLast().close();
        }
    }

    @Test
    void shouldHavePodmansProgramSayOfWhatTheServiceWarns() throws Exception {
        serve(line -> line.endsWith("/create") ? CREATED.replace("[]", "[\"swap\"]") : DONE);
        assertThat(text(run())).isEqualTo("program\n");
        assertThat(asked).containsExactly("POST /containers/create", "DELETE /containers/otter?force=true&v=true");
    }

    @Test
    void shouldDoWithoutAServiceThatHasEnded() throws Exception {
        assertThat(text(run())).isEqualTo("program\n");
    }

    @Test
    void shouldSayThatPodmanFailedWhenItsProgramCannotBeStartedEither() throws Exception {
        Process none = new ResidentPodman(
                        place, service, new ByteArrayInputStream(new byte[0]), new ByteArrayInputStream(new byte[0]))
                .run(CREATION, () -> new ProcessBuilder(directory + "/none").start());
        assertThat(none.waitFor()).isEqualTo(125);
        assertThat(none.isAlive()).isFalse();
    }
}
