package dev.fcvm.guest;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.Message;
import dev.fcvm.link.Message.Exited;
import dev.fcvm.link.Message.Failed;
import dev.fcvm.link.Message.Ready;
import dev.fcvm.link.Message.Run;
import dev.fcvm.link.Message.Shutdown;
import dev.fcvm.link.Message.Signal;
import dev.fcvm.link.Message.Signalled;
import dev.fcvm.link.Message.Started;
import dev.fcvm.plan.Plan;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what the host says, for as long as one session lasts. */
final class Session {

    private final Link link;
    private final GuestFiles files;
    private final Console console;
    private @Nullable Plan machinesPlan;
    private @Nullable AgentException planProblem;
    private @Nullable Signals signals;

    Session(Link link, GuestFiles files, Console console) {
        this.link = link;
        this.files = files;
        this.console = console;
    }

    /**
     * Serves the host until the machine or the session ends.
     *
     * @param version the agent's
     * @throws LinkException when the session has ended; a container that runs goes on
     */
    void serve(String version) throws LinkException, InterruptedException {
        link.send(new Ready(version, Uptime.millis(files.uptime())));
        console.log("ready");
        // Only now: the host's answer takes at least as long.
        readPlan();
        while (true) {
            // No switch over the types: its bootstrap costs more than all else that happens here until Podman starts.
            Message message = link.receive();
            if (message instanceof Run run) {
                run(run);
            } else if (message instanceof Signal signal) {
                signal(signal);
            } else if (message instanceof Shutdown shutdown) {
                new Power(files, console).off(shutdown.keep());
                return;
            } else {
                throw new LinkException("the host sent a message that only an agent sends");
            }
        }
    }

    private void readPlan() {
        try {
            machinesPlan = PlanSource.ofMachine(files, console);
            if (machinesPlan != null) {
                prepare(machinesPlan);
            }
        } catch (AgentException e) {
            planProblem = e;
        }
    }

    private void run(Run run) throws LinkException, InterruptedException {
        ContainerStdio stdio = ContainerStdio.join(link, run);
        try {
            Plan plan = plan(run);
            List<String> options = plan.network().isPresent()
                    ? NetworkSysctls.set(plan.container().options(), files.sysctls())
                    : plan.container().options();
            List<String> command = PodmanCommand.of(
                    files.podman(),
                    options,
                    plan.container(),
                    plan.network().isPresent(),
                    run.environment(),
                    files.containerPid(),
                    files.conmonPid());
            claim();
            PodmanProcess podman = PodmanProcess.start(command, stdio, files.containerPid());
            signals = new Signals(files, podman, console);
            HealthChecks.start(files.podman(), plan.name(), options, podman, console);
            link.send(new Started(Uptime.millis(files.uptime())));
            console.log("podman started");
            var waiter = new Thread(null, () -> report(podman, plan.keep()), "podman", 0, false);
            waiter.setDaemon(true);
            waiter.start();
        } catch (AgentException e) {
            stdio.reset();
            fail(e);
        }
    }

    private Plan plan(Run run) throws AgentException {
        if (planProblem != null) {
            throw planProblem;
        }
        if (machinesPlan != null) {
            return machinesPlan;
        }
        Plan plan = PlanSource.ofMessage(run.plan());
        prepare(plan);
        return plan;
    }

    /** Whichever agent process starts the container leaves a mark, so that none ever does it again in this boot. */
    private void claim() throws AgentException {
        try {
            Files.createDirectories(files.state());
            Files.createFile(files.started());
        } catch (FileAlreadyExistsException e) {
            throw new AgentException("a container has been started in this machine already; a machine runs one", e);
        } catch (IOException e) {
            throw new AgentException("cannot write to " + files.state() + ": " + Console.reason(e), e);
        }
    }

    private void prepare(Plan plan) throws AgentException {
        try {
            new GuestNetwork(files).set(plan);
        } catch (IOException e) {
            throw new AgentException("cannot set the guest's name and network: " + Console.reason(e), e);
        }
    }

    private void report(PodmanProcess podman, boolean keep) {
        try {
            int code = keep
                    ? podman.await()
                    : podman.awaitContainer(new ContainerExit(files.exits(), console), new ConmonSession(files));
            console.log("podman ended with " + code);
            link.send(new Exited(code, OutOfMemory.hasStruck(files.groups())));
        } catch (LinkException e) {
            console.log("the exit code finds no host: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void signal(Signal signal) throws LinkException, InterruptedException {
        // Says that there is somebody here, whatever the container makes of it.
        link.send(new Signalled(signal.number()));
        if (signals == null) {
            console.log("signal " + signal.number() + " refused: no container has been started");
        } else {
            signals.send(signal.number());
        }
    }

    private void fail(AgentException problem) throws LinkException, InterruptedException {
        String reason = Console.oneLine(Console.reason(problem));
        console.log(reason);
        link.send(new Failed(reason));
    }
}
