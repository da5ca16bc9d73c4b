package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.machine.disk.DiskWatch;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.ready.Signs;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.Hearer;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.Environments;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The time in which a machine's container may run: what can be asked of the machine then, what is heard of the container,
 * and its end.
 */
final class Supervision {

    private static final Duration WRITE_BACK = Duration.ofMinutes(1);

    private final Standing standing;
    private final MachineSpec spec;
    private final OwnedMachine owned;
    private final Audience audience;
    private final HealthKeeper health;
    private final RunLog logs;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final CompletableFuture<Boolean> started = new CompletableFuture<>();
    private volatile Optional<Conversation> conversation = Optional.empty();
    private volatile Optional<RunningVm> monitor = Optional.empty();
    private volatile Optional<RunMappings> mapped = Optional.empty();
    private volatile Optional<RunNetwork> network = Optional.empty();

    Supervision(Standing standing, Audience audience, RunLog logs) {
        this.standing = standing;
        this.spec = standing.spec();
        this.owned = standing.owned();
        this.audience = audience;
        this.health = new HealthKeeper(standing);
        this.logs = logs;
    }

    /** Completes when the container can be asked for things: true; or when it never will: false. */
    CompletableFuture<Boolean> ready() {
        return ready;
    }

    /** Completes when the container runs, or when it never will. */
    CompletableFuture<Boolean> started() {
        return started;
    }

    /** Returns the session with its agent, when its container may run. */
    Optional<AgentSession> agent() {
        return conversation.map(Conversation::agent);
    }

    /** Returns what it shows of itself by which it can be told whether it is ready. */
    Signs signs() {
        return health.signs();
    }

    /** Returns its monitor, when its container may run. */
    Optional<RunningVm> monitor() {
        return monitor;
    }

    /** Returns its mappings, when its container may run. */
    Optional<RunMappings> mappings() {
        return mapped;
    }

    /** Returns its network, which may be none, when its container may run. */
    Optional<RunNetwork> network() {
        return network;
    }

    /** It has this network. */
    void networked(RunNetwork joined) {
        network = Optional.of(joined);
    }

    /** It has this monitor, though its agent has not answered yet. */
    void monitored(RunningVm vm) {
        monitor = Optional.of(vm);
    }

    /** Its container finds these of the host. */
    void mapped(RunMappings mappings) {
        mapped = Optional.of(mappings);
    }

    /** Its container's health is not known yet. */
    void beginHealth() {
        health.begin();
    }

    /** Its container has been started, by another process. */
    void runsAlready() {
        started.complete(true);
        health.goOn();
    }

    /** Nothing is left of it that could be asked for things. */
    void over() {
        ready.complete(false);
        started.complete(false);
    }

    /**
     * Supervises it to its end.
     *
     * @param disks its files that grow
     * @param over how the container has ended, if it has
     */
    RunEnd supervise(
            Settings settings,
            Resources resources,
            Supplier<List<Path>> disks,
            OutputLog log,
            RunningVm vm,
            Conversation talk,
            Optional<ExitRecord> over)
            throws FcvmException, InterruptedException {
        show(log);
        for (ExecSession exec : talk.execs()) {
            var _ = ExecEnds.record(exec, standing::happened);
        }
        talk.join(log, spec.interactive(), spec.tty(), over);
        conversation = Optional.of(talk);
        monitor = Optional.of(vm);
        ready.complete(true);
        Conversation.End end;
        try (DiskWatch _ = DiskWatch.start(
                owned.files().directory(), disks, settings.diskFloor(), vm, new DiskPauses(standing, audience))) {
            end = talk.awaitEnd(log, new Hearing());
            if (end instanceof Conversation.End.Over ended && spec.isWrittenBack() && !ended.givenUp()) {
                talk.shutDown(true);
                vm.awaitExit(WRITE_BACK);
            }
        } finally {
            conversation = Optional.empty();
            monitor = Optional.empty();
            mapped = Optional.empty();
            network = Optional.empty();
        }
        return switch (end) {
            case Conversation.End.LetGo letGo -> new RunEnd.LetGo();
            case Conversation.End.Suspended suspended -> new RunEnd.Suspended();
            case Conversation.End.Over ended -> over(ended, resources);
        };
    }

    private RunEnd over(Conversation.End.Over over, Resources resources) throws FcvmException {
        if (over.outOfMemory()) {
            audience.warn(resources.outOfMemory());
        }
        standing.exit(over.code(), over.outOfMemory());
        return new RunEnd.Exited(over.code(), over.outOfMemory());
    }

    /** What is heard of the container while it runs. */
    private final class Hearing implements Hearer {

        @Override
        public void started() {
            if (!started.isDone()) { // a guest may say it as often as it likes
                hasStarted();
            }
        }

        @Override
        public void health(String document) {
            health.heard(document);
        }
    }

    /** Its container runs. */
    void hasStarted() {
        audience.reached(Phase.CONTAINER_STARTED);
        forgetEnvironment();
        standing.happened(Action.START, Map.of());
        started.complete(true);
    }

    /** The container has it; it is not needed a second time. */
    void forgetEnvironment() {
        try {
            Environments.forget(owned.files());
        } catch (FcvmException stays) {
            audience.warn(String.valueOf(stays.getMessage()));
        }
    }

    private void show(OutputLog log) throws FcvmException {
        try {
            signs().opened(log);
        } catch (IOException failure) {
            throw logs.failure(failure);
        }
    }
}
