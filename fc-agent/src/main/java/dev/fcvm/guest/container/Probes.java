package dev.fcvm.guest.container;

import dev.fcvm.guest.probe.FileLook;
import dev.fcvm.guest.probe.PortLook;
import dev.fcvm.guest.probe.Sight;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.Message.Probe;
import dev.fcvm.link.message.Message.Probed;
import dev.fcvm.link.message.ProbeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Looks, once for each time a host asks, whether a container is ready. */
public final class Probes {

    /** Who waits looks once at a time. */
    private static final int MOST = 16;

    private final Link link;
    private final GuestFiles files;
    private final Console console;
    private final AtomicInteger running = new AtomicInteger();

    public Probes(Link link, GuestFiles files, Console console) {
        this.link = link;
        this.files = files;
        this.console = console;
    }

    /**
     * Looks, and tells the host what was seen.
     *
     * @param container null when there is none of that id
     */
    public void start(Probe probe, @Nullable Container container) throws LinkException, InterruptedException {
        if (container == null || running.incrementAndGet() > MOST) {
            if (container != null) {
                running.decrementAndGet();
            }
            String why = container == null ? "there is no container" : "it is looked for too often at once";
            link.send(new Probed(probe.probe(), false, 0, why));
            return;
        }
        var thread = new Thread(null, () -> run(probe, container), "probe", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Probe probe, Container container) {
        try {
            Sight sight = look(probe, container);
            running.decrementAndGet();
            link.send(new Probed(probe.probe(), sight.met(), sight.status(), Console.oneLine(sight.seen())));
        } catch (LinkException e) {
            console.log("what was seen of the container finds no host: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Sight look(Probe probe, Container container) throws InterruptedException {
        try {
            if (probe.kind() == ProbeKind.TCP) {
                return PortLook.inGuest().connect(probe.port(), probe.limitMillis());
            }
            if (probe.kind() == ProbeKind.HTTP) {
                return PortLook.inGuest().get(probe.port(), probe.path(), probe.limitMillis());
            }
            if (probe.kind() == ProbeKind.HEALTH) {
                return container.health().now();
            }
            return file(probe.path());
        } catch (IOException e) {
            return new Sight(false, 0, "it cannot be looked at: " + Console.reason(e));
        }
    }

    private Sight file(String path) throws IOException {
        if (!FirstProcess.isMade(files)) {
            return new Sight(false, 0, "the container does not run yet");
        }
        String pid = Files.readString(files.containerPid()).strip();
        return FileLook.find(files.processes().resolve(pid).resolve("root"), path);
    }
}
