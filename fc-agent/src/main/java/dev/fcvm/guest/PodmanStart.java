package dev.fcvm.guest;

import dev.fcvm.guest.container.HealthChecks;
import dev.fcvm.guest.resident.Creation;
import dev.fcvm.guest.resident.ResidentPodman;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Pipe;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.plan.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts Podman for the machine's container: its program; or its service, in a machine that was saved with one which waits
 * for its container.
 */
final class PodmanStart {

    private final GuestFiles files;
    private final Console console;
    private @Nullable ResidentPodman resident;

    PodmanStart(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
    }

    /** Has the service wait from now on. A machine without it starts its container all the same, and not as soon. */
    void stayReady() throws InterruptedException {
        if (resident != null) {
            return;
        }
        try {
            ResidentPodman started = start();
            try {
                started.train();
                resident = started;
            } catch (IOException e) {
                started.close();
                throw e;
            }
        } catch (IOException e) {
            console.log("Podman does not wait for a container: " + Console.reason(e));
        }
    }

    private ResidentPodman start() throws IOException {
        var place = new ResidentPodman.Place(
                Files.createDirectories(files.state().resolve("podman")),
                files.containerPid(),
                files.conmonPid(),
                files.exits(),
                files.processes(),
                Path.of(files.busybox()),
                text -> console.log(Console.oneLine(text)));
        try (Pipe output = Pipe.open();
                Pipe error = Pipe.open()) {
            InputStream said = output.reading();
            Process service = Child.surrounded(new ProcessBuilder(place.service(files.podman())))
                    .redirectInput(Child.nothing())
                    .redirectOutput(Redirect.to(output.writing()))
                    .redirectError(Redirect.to(error.writing()))
                    .start();
            return new ResidentPodman(place, service, said, error.reading());
        }
    }

    /**
     * Starts it.
     *
     * @param arguments what {@link StartLine#arguments} returned
     * @param command what {@link StartLine#command} returned
     * @throws AgentException when there is no such program, or its command line is too long for the kernel
     */
    Child start(Start start, Plan plan, List<String> arguments, List<String> command) throws AgentException {
        ResidentPodman waiting = resident;
        resident = null;
        try {
            if (waiting != null) {
                String creation = creation(start, plan, arguments, command);
                if (creation != null) {
                    return Child.of(waiting.run(creation, () -> Child.withPipes(command, false)));
                }
                waiting.close();
            }
            return Child.start(command, start.terminal(), plan.container().interactive());
        } catch (IOException e) {
            throw new AgentException("cannot start Podman in the guest: " + Console.reason(e), e);
        }
    }

    /** Returns what the service is told; null when only Podman's program can do it. */
    private @Nullable String creation(Start start, Plan plan, List<String> arguments, List<String> command) {
        // The service hands on no input, and no terminal.
        if (start.again()
                || start.terminal().isPresent()
                || plan.container().interactive()
                || HealthChecks.areAskedFor(arguments)) {
            return null;
        }
        return Creation.of(new Creation.Wanted(
                arguments,
                plan.container().image(),
                plan.container().command(),
                start.environment(),
                plan.network().isPresent(),
                command,
                files.conmonPid()));
    }
}
