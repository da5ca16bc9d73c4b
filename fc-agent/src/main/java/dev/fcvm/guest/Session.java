package dev.fcvm.guest;

import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.container.Probes;
import dev.fcvm.guest.container.Secrets;
import dev.fcvm.guest.exec.Execs;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Power;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Attach;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecResize;
import dev.fcvm.link.message.Message.ExecSignal;
import dev.fcvm.link.message.Message.Failed;
import dev.fcvm.link.message.Message.Held;
import dev.fcvm.link.message.Message.Hold;
import dev.fcvm.link.message.Message.Kept;
import dev.fcvm.link.message.Message.Mount;
import dev.fcvm.link.message.Message.Mounted;
import dev.fcvm.link.message.Message.Probe;
import dev.fcvm.link.message.Message.Release;
import dev.fcvm.link.message.Message.Renew;
import dev.fcvm.link.message.Message.Renewed;
import dev.fcvm.link.message.Message.Resize;
import dev.fcvm.link.message.Message.Secret;
import dev.fcvm.link.message.Message.Share;
import dev.fcvm.link.message.Message.Shutdown;
import dev.fcvm.link.message.Message.Signal;
import dev.fcvm.link.message.Message.Signalled;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.link.message.Message.Stop;
import dev.fcvm.link.message.Message.Unmount;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Does what a host says, for as long as its session lasts. */
final class Session {

    private final Link link;
    private final GuestFiles files;
    private final Console console;
    private final Containers containers;
    private final Execs execs;
    private final Probes probes;

    Session(Link link, GuestFiles files, Console console, Containers containers) {
        this.link = link;
        this.files = files;
        this.console = console;
        this.containers = containers;
        this.execs = new Execs(link, files, console);
        this.probes = new Probes(link, files, console);
    }

    /**
     * Serves the host until the machine or the session ends.
     *
     * @param version the agent's
     * @throws LinkException when the session has ended; what runs goes on
     */
    void serve(String version) throws LinkException, InterruptedException {
        containers.greet(link, version);
        console.log("ready");
        // Only now: the host's answer takes at least as long.
        containers.readPlan();
        containers.tellHealth(link);
        while (true) {
            Message message = link.receive();
            if (message instanceof Shutdown shutdown) {
                new Power(files, console).off(shutdown.keep());
                return;
            }
            serve(message);
        }
    }

    /** No switch over the types: its bootstrap costs more than all else that happens here until Podman starts. */
    @SuppressWarnings("IfChainToSwitch")
    private void serve(Message message) throws LinkException, InterruptedException {
        if (message instanceof Start start) {
            start(start);
        } else if (message instanceof Attach attach) {
            attach(attach);
        } else if (message instanceof Kept kept) {
            Container container = containers.find(kept.container());
            if (container != null) {
                container.kept(kept.stdout(), kept.stderr());
            }
        } else if (message instanceof Signal signal) {
            // Says that there is somebody here, whatever the container makes of it.
            link.send(new Signalled(signal.container(), signal.number()));
            Container container = containers.find(signal.container());
            if (container == null) {
                console.log("signal " + signal.number() + " refused: no container has been started");
            } else {
                container.signals().send(signal.number());
            }
        } else if (message instanceof Stop stop) {
            Container container = known(stop.container());
            if (container != null) {
                container.stop(stop.number(), stop.graceMillis());
            }
        } else if (message instanceof Resize resize) {
            Container container = known(resize.container());
            if (container != null) {
                container.resize(resize.size());
            }
        } else if (message instanceof Exec exec) {
            execs.start(exec, containers.find(exec.container()));
        } else if (message instanceof ExecResize resize) {
            execs.resize(resize.exec(), resize.size());
        } else if (message instanceof ExecSignal signal) {
            execs.signal(signal.exec(), signal.number());
        } else if (message instanceof Probe probe) {
            probes.start(probe, containers.find(probe.container()));
        } else if (message instanceof Secret secret) {
            keep(secret);
        } else if (message instanceof Share share) {
            containers.shares().join(share.mapping(), link.joinStream(share.stream()));
        } else if (message instanceof Mount mount) {
            answer(mount.container(), () -> containers.mount(mount));
        } else if (message instanceof Unmount unmount) {
            answer(unmount.container(), () -> containers.unmount(unmount));
        } else if (message instanceof Hold hold) {
            link.send(new Held(hold.container(), problem(() -> containers.hold(hold.container()))));
        } else if (message instanceof Renew renew) {
            link.send(new Renewed(renew.container(), problem(() -> containers.renew(renew))));
            containers.tellHealth(link);
        } else if (message instanceof Release release) {
            String problem = problem(() -> containers.release(release.container()));
            if (!problem.isEmpty()) {
                console.log(problem);
            }
        } else {
            throw new LinkException("the host sent a message that only an agent sends");
        }
    }

    /** In a thread of its own: a mapping may wait for its host. */
    private void answer(String container, Step step) {
        var thread = new Thread(
                null,
                () -> {
                    try {
                        link.send(new Mounted(container, problem(step)));
                    } catch (LinkException e) {
                        console.log("what became of a mapping finds no host any more: " + Console.reason(e));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "mapping",
                0,
                false);
        thread.setDaemon(true);
        thread.start();
    }

    /** What a host asks for and waits for. */
    private interface Step {
        void run() throws AgentException, InterruptedException;
    }

    /** Does it, and returns what kept it from being done, in one line; empty for nothing. */
    private static String problem(Step step) throws InterruptedException {
        try {
            step.run();
            return "";
        } catch (AgentException e) {
            return Console.oneLine(Console.reason(e));
        }
    }

    private void start(Start start) throws LinkException, InterruptedException {
        try {
            containers.start(start);
        } catch (AgentException e) {
            fail(start.container(), Console.reason(e));
        }
    }

    private void keep(Secret secret) throws LinkException, InterruptedException {
        try {
            new Secrets(files).keep(secret);
        } catch (IOException e) {
            fail(secret.container(), "cannot keep a secret in memory: " + Console.reason(e));
        }
    }

    private void attach(Attach attach) throws LinkException, InterruptedException {
        Container container = known(attach.container());
        if (container != null) {
            link.send(container.attach(link, attach));
            return;
        }
        reset(attach.stdin());
        reset(attach.stdout());
        reset(attach.stderr());
    }

    private void reset(int stream) throws LinkException {
        if (stream != 0) {
            link.joinStream(stream).reset();
        }
    }

    /** Returns the container; the host is told when there is none. */
    private @Nullable Container known(String id) throws LinkException, InterruptedException {
        Container container = containers.find(id);
        if (container == null) {
            fail(id, "there is no container " + id + " in this machine");
        }
        return container;
    }

    private void fail(String container, String problem) throws LinkException, InterruptedException {
        String reason = Console.oneLine(problem);
        console.log(reason);
        link.send(new Failed(container, reason));
    }
}
