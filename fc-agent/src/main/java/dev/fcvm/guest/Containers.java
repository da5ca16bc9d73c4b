package dev.fcvm.guest;

import dev.fcvm.guest.channel.SerialConsole;
import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.container.FirstProcess;
import dev.fcvm.guest.container.Freezer;
import dev.fcvm.guest.exec.Execs;
import dev.fcvm.guest.exec.RunningExec;
import dev.fcvm.guest.mount.LateDisks;
import dev.fcvm.guest.mount.LiveMounts;
import dev.fcvm.guest.mount.Shares;
import dev.fcvm.guest.network.GuestNetwork;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Power;
import dev.fcvm.guest.system.Uptime;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Exited;
import dev.fcvm.link.message.Message.Ready;
import dev.fcvm.link.message.Message.Renew;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.link.message.Message.Started;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this agent has started since the machine's boot, and the host that is told of it. */
final class Containers {

    private final GuestFiles files;
    private final Console console;
    private final Shares shares;
    private final PodmanStart podman;
    private final Map<String, Container> all = new LinkedHashMap<>();
    private @Nullable Link host;
    private @Nullable Plan plan;
    private @Nullable AgentException planProblem;

    Containers(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
        this.shares = new Shares(files, console);
        this.podman = new PodmanStart(files, console);
    }

    /** Returns what hosts serve of their directories. */
    Shares shares() {
        return shares;
    }

    /** Tells a host what there is; from now on it is the one that hears what happens. */
    synchronized void greet(Link link, String version, Execs execs) throws LinkException, InterruptedException {
        List<ContainerStatus> statuses = new ArrayList<>();
        for (Container container : all.values()) {
            statuses.add(container.status());
        }
        host = link;
        // Never waits: it is the first message of a session.
        execs.greet(link, commands -> link.send(new Ready(version, Uptime.millis(files.uptime()), statuses, commands)));
    }

    synchronized @Nullable Container find(String id) {
        return all.get(id);
    }

    /** Reads the plan the machine was booted with, unless that has been done; what is wrong is told who needs it. */
    void readPlan() {
        if (plan != null) {
            return;
        }
        try {
            planProblem = null;
            Plan machines = PlanSource.ofMachine(files, console);
            if (machines != null) {
                prepare(machines);
                plan = machines;
            }
        } catch (AgentException e) {
            planProblem = e;
        }
    }

    /**
     * Starts a container. Hosts are told when it runs, and when it has ended.
     *
     * @throws AgentException when it cannot be
     */
    void start(Start start) throws AgentException {
        Plan known = plan(start.plan());
        StartLine line = new StartLine(files, console, shares);
        List<String> options = line.options(known);
        List<String> arguments = line.arguments(known, options);
        List<String> command = line.command(start, known, arguments);
        claim();
        beginSession();
        Child begun = podman.start(start, known, arguments, command);
        var container = Container.of(
                begun,
                new Container.Launch(
                        start.container(), known.name(), known.container().interactive(), start.outputLimit()),
                options,
                files,
                console,
                this::tellHealth);
        synchronized (this) {
            all.put(container.id(), container);
        }
        console.log("podman started");
        Thread starter = begin("starter", () -> {
            if (start.again()) {
                rename(container, known);
            }
            awaitRun(container, known.keep());
        });
        begin("podman", () -> awaitEnd(container, known.keep(), starter));
    }

    /** Podman starts the container of a clone by the name its source has. */
    private void rename(Container container, Plan machines) {
        if (!machines.container().options().contains("--hostname=" + machines.hostname())) {
            try {
                String process = new FirstProcess(files, container.podman()).await();
                if (!process.isEmpty()) {
                    new Renewal(files).container(process, machines.hostname());
                }
            } catch (AgentException | IOException e) {
                console.log("the container keeps its former name: " + Console.reason(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Thread begin(String name, Runnable work) {
        var thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private Plan plan(String message) throws AgentException {
        if (planProblem != null) {
            throw planProblem;
        }
        Plan known = plan;
        if (known == null) {
            known = PlanSource.ofMessage(message);
            prepare(known);
        }
        return known;
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

    private void beginSession() throws AgentException {
        try {
            new MachineSession(files.session()).begin();
        } catch (IOException e) {
            throw new AgentException("cannot write to " + files.session() + ": " + Console.reason(e), e);
        }
    }

    /**
     * Stops a container's processes, as soon as its first one runs, and lets what was printed reach the console.
     *
     * @throws AgentException when there is none, or it cannot be stopped
     */
    void hold(String id) throws AgentException, InterruptedException {
        if (hasNone()) {
            podman.stayReady();
            SerialConsole.drain(); // a machine without a container is still
            return;
        }
        rehearse(id);
        try {
            new Freezer(files).freeze(firstProcess(id));
        } catch (IOException e) {
            throw new AgentException("the container cannot be held: " + Console.reason(e), e);
        }
        SerialConsole.drain();
    }

    /** Each clone's first steps are quick when the machine that is saved knows them already. */
    private void rehearse(String id) {
        Container container = find(id);
        Plan known = plan;
        if (container == null || known == null) {
            return;
        }
        try {
            new Renewal(files).rehearse(known);
            RunningExec.rehearse(files, container.name());
        } catch (IOException | PlanException e) {
            console.log("the way of a clone is not rehearsed: " + Console.reason(e));
        }
    }

    /** Lets them go on. What has no process yet, or none any more, does not stand still. */
    void release(String id) throws AgentException {
        Container container = find(id);
        if (container == null) {
            return;
        }
        try {
            String process = new FirstProcess(files, container.podman()).now();
            if (!process.isEmpty()) {
                new Freezer(files).thaw(process);
            }
        } catch (IOException e) {
            throw new AgentException("the container cannot go on: " + Console.reason(e), e);
        }
    }

    /** Shows a container that runs one more mapping. */
    void mount(Message.Mount mount) throws AgentException, InterruptedException {
        new LiveMounts(files, shares).add(mount, firstProcess(mount.container()));
    }

    /** Takes one away. */
    void unmount(Message.Unmount unmount) throws AgentException, InterruptedException {
        new LiveMounts(files, shares).remove(unmount, firstProcess(unmount.container()));
    }

    /**
     * Makes a restored machine one of its own, with the one container it has, and lets that go on. One that was saved
     * before it had any gets its image now, and its container is started next.
     *
     * @throws AgentException when that cannot be; the container still stands still then
     */
    void renew(Renew renew) throws AgentException, InterruptedException {
        if (hasNone()) {
            plan = new Renewal(files).machine(renew, plan);
            planProblem = null;
            mountStore();
            return;
        }
        Container container = only();
        var renewal = new Renewal(files);
        Plan renewed = renewal.machine(renew, plan);
        String process = firstProcess(container.id());
        renewal.container(process, renewed.hostname());
        synchronized (this) {
            all.remove(container.id());
            container.renew(renew.container(), renewed.keep());
            all.put(container.id(), container);
        }
        plan = renewed;
        release(container.id());
    }

    private void mountStore() throws AgentException, InterruptedException {
        try {
            new LateDisks(files).mountStore();
        } catch (IOException e) {
            throw new AgentException("cannot mount the image's disk: " + Console.reason(e), e);
        }
    }

    private synchronized boolean hasNone() {
        return all.isEmpty();
    }

    private synchronized Container only() throws AgentException {
        if (all.size() != 1) {
            throw new AgentException("a restored machine has " + all.size() + " containers; it must have one");
        }
        return all.values().iterator().next();
    }

    private String firstProcess(String id) throws AgentException, InterruptedException {
        Container container = find(id);
        if (container == null) {
            throw new AgentException("there is no container " + id + " in this machine");
        }
        try {
            String process = new FirstProcess(files, container.podman()).await();
            if (process.isEmpty()) {
                throw new AgentException("the container has ended");
            }
            return process;
        } catch (IOException e) {
            throw new AgentException("the container cannot be found: " + Console.reason(e), e);
        }
    }

    private void prepare(Plan machines) throws AgentException {
        try {
            new GuestNetwork(files).set(machines);
        } catch (IOException e) {
            throw new AgentException("cannot set the guest's name and network: " + Console.reason(e), e);
        }
    }

    /**
     * @param keep whether the container may be started once more: it is on the disk when the host is told, and may forget
     *     what made it
     */
    private void awaitRun(Container container, boolean keep) {
        try {
            if (new FirstProcess(files, container.podman()).awaitRun()) {
                console.log("container runs");
                if (keep) {
                    new Power(files, console).sync();
                }
                Link told;
                synchronized (this) {
                    told = host;
                }
                tell(told, new Started(container.id(), Uptime.millis(files.uptime())));
            }
        } catch (IOException e) {
            console.log("it is not seen that the container runs: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEnd(Container container, boolean keep, Thread starter) {
        try {
            ExitRecord exit = container.await(keep);
            starter.join();
            Link told;
            // A host hears of it either now or when it is greeted.
            synchronized (this) {
                container.hasExited(exit);
                told = host;
            }
            tell(told, new Exited(container.id(), exit));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellHealth(Message.Health health) throws InterruptedException {
        Link told;
        synchronized (this) {
            told = host;
        }
        tell(told, health);
    }

    /** Tells a host that came later what was found before. */
    void tellHealth(Link link) throws LinkException, InterruptedException {
        List<Container> known;
        synchronized (this) {
            known = List.copyOf(all.values());
        }
        for (Container container : known) {
            Message.Health health = container.health().last();
            if (health != null) {
                link.send(health);
            }
        }
    }

    private void tell(@Nullable Link link, Message.FromGuest message) throws InterruptedException {
        if (link == null) {
            return;
        }
        try {
            link.send(message);
        } catch (LinkException e) {
            console.log("what became of the container finds no host yet: " + Console.reason(e));
        }
    }
}
