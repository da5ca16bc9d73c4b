package dev.fcvm.guest.resident;

import dev.fcvm.guest.runtime.ContainerRuntime;
import dev.fcvm.guest.runtime.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Podman's service, for one container. Its standard output and error are pipes, and so the container's: Podman hands its own
 * on ({@code --log-driver=passthrough}). The service ends when the container has been started, so that nobody but the
 * container and its conmon holds them, as with {@code podman run}.
 */
public final class ResidentPodman implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Pattern CREATED = Pattern.compile("\"Id\":\"([0-9a-f]{64})\",\"Warnings\":(\\[]|null)");

    private static final String TRAINING = "training";
    private static final int TRAINED = 3;

    private final Place place;
    private final Process service;
    private final InputStream output;
    private final InputStream error;
    private final ServiceCalls calls;

    /**
     * What it needs of the guest.
     *
     * @param directory one of its own, in memory
     * @param containerPid where the process id of the container's first process is to be written
     * @param conmonPid where that of conmon is to be written
     * @param exits where conmon leaves exit codes
     * @param processes the kernel's list of processes
     * @param busybox a program that needs no other file
     * @param log is told what goes wrong
     */
    public record Place(
            Path directory,
            Path containerPid,
            Path conmonPid,
            Path exits,
            Path processes,
            Path busybox,
            Consumer<String> log) {

        private Path socket() {
            return directory.resolve("podman.sock");
        }

        /** Returns the command line of the service. */
        public List<String> service(String podman) {
            return List.of(podman, "system", "service", "--time=0", "unix://" + socket());
        }
    }

    /** Starts Podman by its command line. */
    public interface Starter {
        /** Starts it. */
        Process start() throws IOException;
    }

    /**
     * @param service the service, which has been started
     * @param output reads what it writes to its standard output
     * @param error reads what it writes to its standard error
     */
    public ResidentPodman(Place place, Process service, InputStream output, InputStream error) {
        this.place = place;
        this.service = service;
        this.output = output;
        this.error = error;
        this.calls = new ServiceCalls(place.socket(), PATIENCE);
    }

    /**
     * Waits until it answers, and has it run containers of the guest's own, so that it and who asks it know their way. There
     * is no image yet.
     *
     * @throws IOException when it cannot, or something of these containers is left
     */
    public void train() throws IOException, InterruptedException {
        awaitAnswer();
        Path root = Files.createDirectories(place.directory().resolve(TRAINING));
        Path program = Files.copy(place.busybox(), root.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (int i = 0; i < TRAINED; i++) {
            ServedContainer trained = begin(training(root));
            int code = trained.waitFor();
            calls.ask("DELETE", "/containers/" + TRAINING + "?force=true&v=true", "");
            if (code != 0) {
                throw new IOException("a container ended with " + code);
            }
        }
        String left = calls.ask("GET", "/containers/json?all=true", "");
        if (!left.equals("[]")) {
            throw new IOException("there are containers left: " + left);
        }
        forget(root, program);
    }

    private String training(Path root) {
        String creation = Creation.of(new Creation.Wanted(
                List.of("--name=" + TRAINING, "--hostname=" + TRAINING, "--memory=67108864b"),
                TRAINING,
                List.of("/busybox", "true"),
                List.of("A=b"),
                true,
                List.of(TRAINING),
                place.conmonPid()));
        return String.valueOf(creation)
                .replace("\"image\":\"" + TRAINING + "\"", "\"rootfs\":" + JsonObject.quoted(root.toString()))
                .replace("\"raw_image_name\":\"" + TRAINING + "\",", "");
    }

    /** What ran for training is not to be taken for the machine's container. */
    private void forget(Path root, Path program) throws IOException {
        Files.deleteIfExists(place.containerPid());
        Files.deleteIfExists(place.conmonPid());
        try (DirectoryStream<Path> codes = Files.newDirectoryStream(place.exits())) {
            for (Path code : codes) {
                Files.delete(code);
            }
        }
        Files.delete(program);
        // Podman has made in it what each container has: /dev, /proc and such.
        try (var made = Files.walk(root)) {
            for (Path path : made.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void awaitAnswer() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                calls.ask("GET", "/_ping", "");
                return;
            } catch (IOException notYet) {
                if (!service.isAlive() || System.nanoTime() - end >= 0) {
                    throw new IOException("Podman's service does not answer", notYet);
                }
                Thread.sleep(20);
            }
        }
    }

    /**
     * Starts the machine's container; whatever keeps the service from it, Podman's own program is asked then, and says what
     * it says.
     *
     * @param creation what the service is told
     * @param otherwise starts Podman's program
     * @return what stands for it; it ends when the container has, and Podman has cleaned up
     */
    public Process run(String creation, Starter otherwise) {
        var later = new LaterProcess();
        var thread = new Thread(null, () -> later(creation, otherwise, later), "served", 0, false);
        thread.setDaemon(true);
        thread.start();
        return later;
    }

    private void later(String creation, Starter otherwise, LaterProcess later) {
        try {
            later.is(served(creation, otherwise));
        } catch (IOException e) {
            place.log().accept("Podman cannot be started: " + e.getMessage());
            later.isNone(e);
        }
    }

    private Process served(String creation, Starter otherwise) throws IOException {
        try {
            discard(output);
            discard(error);
            ServedContainer container = begin(creation);
            end();
            return container;
        } catch (IOException e) {
            place.log().accept("the container is left to podman run: " + e.getMessage());
            giveUp();
            return otherwise.start();
        }
    }

    /** What the service said while nobody waited for a container. */
    private static void discard(InputStream stream) throws IOException {
        for (int waiting = stream.available(); waiting > 0; waiting = stream.available()) {
            stream.skipNBytes(waiting);
        }
    }

    private ServedContainer begin(String creation) throws IOException {
        Matcher created = CREATED.matcher(calls.ask("POST", "/containers/create", creation));
        if (!created.find()) {
            // Podman's program would say of what it warns; the container's name is given.
            calls.ask("DELETE", "/containers/" + name(creation) + "?force=true&v=true", "");
            throw new IOException("Podman warns of something");
        }
        String id = created.group(1);
        try {
            calls.ask("POST", "/containers/" + id + "/init", "");
            ProcessHandle conmon = conmon();
            writePid(conmon.pid());
            calls.ask("POST", "/containers/" + id + "/start", "");
            return new ServedContainer(conmon, place.exits().resolve(id), output, error);
        } catch (IOException e) {
            remove(id);
            throw e;
        }
    }

    private static String name(String creation) throws IOException {
        return String.valueOf(JsonObject.members(creation).get("name")).replace("\"", "");
    }

    private ProcessHandle conmon() throws IOException {
        String process = Files.readString(place.conmonPid()).strip();
        Optional<ProcessHandle> conmon =
                process.matches("[1-9][0-9]{0,9}") ? ProcessHandle.of(Long.parseLong(process)) : Optional.empty();
        return conmon.orElseThrow(() -> new IOException("the container's conmon has ended"));
    }

    /** The service writes no such file itself; conmon is told where the runtime does. */
    private void writePid(long conmon) throws IOException {
        Path file = ContainerRuntime.pidFile(place.processes().resolve(conmon + "/cmdline"));
        if (file == null) {
            throw new IOException("conmon has not been told where the container's process id is to be");
        }
        Path whole = place.directory().resolve("container.pid");
        Files.copy(file, whole, StandardCopyOption.REPLACE_EXISTING);
        Files.move(whole, place.containerPid(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void remove(String id) {
        try {
            Files.deleteIfExists(place.containerPid());
            calls.ask("DELETE", "/containers/" + id + "?force=true&v=true", "");
            Files.deleteIfExists(place.conmonPid());
        } catch (IOException e) {
            // Podman's program will find its name taken, and say so.
            place.log().accept("a container stays that was not started: " + e.getMessage());
        }
    }

    /** Not its own {@code destroyForcibly}: whoever reads its pipes goes on. */
    private void end() {
        service.toHandle().destroyForcibly();
    }

    private void giveUp() {
        try {
            close();
        } catch (IOException e) {
            place.log().accept("a pipe stays open: " + e.getMessage());
        }
    }

    /** Ends it. No container of it can be read any more. */
    @Override
    public void close() throws IOException {
        end();
        try (output;
                error) {
            Files.deleteIfExists(place.socket());
        }
    }
}
