package dev.fcvm.guest.resident;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Goes the way to a container of Podman's service where there is no Podman, so that its classes land in the AOT cache. */
public final class ServiceTraining {

    private static final String ID = "0123456789abcdef".repeat(4);

    private ServiceTraining() {}

    /**
     * Goes it.
     *
     * @param directory one of its own
     */
    public static void run(Path directory, Consumer<String> log) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Process conmon = new ProcessBuilder("sleep", "60").start();
        try {
            Path process = Files.createDirectories(directory.resolve("proc/" + conmon.pid()));
            Path pid = Files.writeString(directory.resolve("pid"), "1");
            Files.writeString(process.resolve("cmdline"), "conmon\0-p\0" + pid + "\0");
            Path exits = Files.createDirectories(directory.resolve("exits"));
            Files.writeString(exits.resolve(ID), "7");
            Path conmonPid = Files.writeString(directory.resolve("conmon"), Long.toString(conmon.pid()));
            var place = new ResidentPodman.Place(
                    directory,
                    directory.resolve("first"),
                    conmonPid,
                    exits,
                    directory.resolve("proc"),
                    directory.resolve("busybox"),
                    log);
            run(place, conmon);
        } finally {
            conmon.destroyForcibly();
        }
    }

    private static void run(ResidentPodman.Place place, Process conmon) throws IOException, InterruptedException {
        String creation = String.valueOf(Creation.of(new Creation.Wanted(
                List.of(
                        "--name=a",
                        "--hostname=b",
                        "--memory=1048576b",
                        "--label=a=b",
                        "--volume=/a:/b:ro",
                        "--replace"),
                "image",
                List.of("command"),
                List.of("A=b"),
                true,
                List.of("podman"),
                place.conmonPid())));
        Process service = new ProcessBuilder("sleep", "60").start();
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(place.directory().resolve("podman.sock")));
            var thread = new Thread(() -> answer(server, place.log()), "service");
            thread.setDaemon(true);
            thread.start();
            var resident =
                    new ResidentPodman(place, service, InputStream.nullInputStream(), InputStream.nullInputStream());
            Process run = resident.run(creation, () -> {
                throw new IOException("the training's container was left to Podman's program");
            });
            run.getInputStream().readAllBytes();
            run.getErrorStream().readAllBytes();
            conmon.destroyForcibly();
            if (run.waitFor() != 7) {
                throw new IOException("the training's container has ended in another way");
            }
        } finally {
            service.destroyForcibly();
        }
    }

    private static void answer(ServerSocketChannel server, Consumer<String> log) {
        String created = "HTTP/1.0 201 Created\r\n\r\n{\"Id\":\"" + ID + "\",\"Warnings\":[]}\n";
        try {
            for (String answer :
                    List.of(created, "HTTP/1.0 204 No Content\r\n\r\n", "HTTP/1.0 204 No Content\r\n\r\n")) {
                try (SocketChannel client = server.accept()) {
                    client.read(ByteBuffer.allocate(1 << 16));
                    // Whoever is asked slowly waits for a moment.
                    Thread.sleep(5);
                    client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
                }
            }
        } catch (IOException e) {
            log.accept("trained on " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
