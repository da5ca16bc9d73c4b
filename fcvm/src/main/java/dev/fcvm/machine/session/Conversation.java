package dev.fcvm.machine.session;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ContainerStart;
import dev.fcvm.agent.ContainerStreams;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.log.Position;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What is said with the agent of one machine, from its first word to the container's exit code. For one thread; what
 * others want of the container comes as an event.
 */
public final class Conversation implements AutoCloseable {

    private static final String BOOTING = "while it booted";
    private static final String RUNNING = "before the container's exit code was known";

    /** An agent answers within a millisecond; one on a host that is out of memory takes longer. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** What the kernel of Linux makes its random numbers of. */
    private static final int ENTROPY_BYTES = 32;

    /** Of a process that SIGKILL ended. */
    private static final int KILLED = 128 + 9;

    /** How a conversation comes to its end. */
    public sealed interface End {

        /**
         * The container's run is over.
         *
         * @param code the exit code: the container's, or 128+N of the signal by which the user gave it up
         * @param outOfMemory whether a process in it was killed because memory ran out
         * @param givenUp whether the machine is to be ended as it is: nobody in it answers, or the user would not wait
         */
        record Over(int code, boolean outOfMemory, boolean givenUp) implements End {}

        /** Its memory is saved, and it is to be ended as it is. */
        record Suspended() implements End {}

        /** The container goes on, in the hands of another process. */
        record LetGo() implements End {}
    }

    /** What comes of waiting for an agent. */
    public sealed interface Answer {

        /** It is up, and has the container or none. */
        record Ready(Optional<ContainerStatus> container) implements Answer {}

        /** It is another process that is to wait. */
        record LetGo() implements Answer {}
    }

    private final String container;
    private final RunningVm vm;
    private final Duration patience;
    private final BlockingQueue<RunEvent> events;
    private final AgentSession agent;
    private final MachineFailures failures;
    private final Audience audience;
    private final Impatience impatience;
    private final Deadlines deadlines;
    private final List<OutputPump> outputs = new ArrayList<>();
    /** The container's streams, until the agent says where they begin. */
    private Optional<ContainerStreams> joined = Optional.empty();

    /** What the agent had when it said its first word. */
    private List<ContainerStatus> found = List.of();

    private List<ExecSession> execs = List.of();

    /** How the container ended before this conversation began, if it did. */
    private Optional<ExitRecord> exit = Optional.empty();

    private boolean planForgotten;
    /** Makes one about a container. */
    public Conversation(
            String container, BlockingQueue<RunEvent> events, AgentSession agent, RunningVm vm, Audience audience) {
        this(container, events, agent, vm, audience, ANSWER);
    }

    /** With a time of the caller's for what the machine owes an answer to. */
    Conversation(
            String container,
            BlockingQueue<RunEvent> events,
            AgentSession agent,
            RunningVm vm,
            Audience audience,
            Duration patience) {
        this.container = container;
        this.vm = vm;
        this.patience = patience;
        this.events = events;
        this.agent = agent;
        this.failures = new MachineFailures(vm);
        this.audience = audience;
        this.impatience = new Impatience();
        this.deadlines = new Deadlines(events, patience, audience);
    }

    /** Returns the session, for what concerns others than the container's own run. */
    public AgentSession agent() {
        return agent;
    }

    /**
     * Waits until the agent is up.
     *
     * @return the container, if the agent has one
     */
    public Optional<ContainerStatus> awaitReady(Duration deadline) throws FcvmException, InterruptedException {
        return switch (awaitAnswer(deadline)) {
            case Answer.Ready(Optional<ContainerStatus> found) -> found;
            case Answer.LetGo letGo -> throw new InterruptedException("let go while it booted");
        };
    }

    /** The same of a machine that is taken over, and may be let go before its agent answers: it may be paused. */
    public Answer awaitAnswer(Duration deadline) throws FcvmException, InterruptedException {
        RunEvent event = events.poll(deadline.toNanos(), TimeUnit.NANOSECONDS);
        return switch (event) {
            case null -> throw failures.silent(deadline);
            case RunEvent.MachineEnded(var exit) -> throw failures.ended(exit, BOOTING);
            case RunEvent.FromAgent(AgentEvent.Gone(String reason)) -> throw failures.lost(reason, BOOTING);
            case RunEvent.FromAgent(AgentEvent.Ready ready) -> {
                found = ready.containers();
                execs = ready.execs();
                yield new Answer.Ready(found.stream()
                        .filter(one -> one.container().equals(container))
                        .findFirst());
            }
            case RunEvent.FromAgent(AgentEvent.Failed failed) -> throw MachineFailures.refused(failed.reason());
            case RunEvent.FromAgent early ->
                throw failures.lost("it spoke of a container before it was ready", BOOTING);
            case RunEvent.Kill kill -> throw new InterruptedException("ended while it booted");
            case RunEvent.Stop stop -> throw new InterruptedException("ended while it booted");
            case RunEvent.LetGo letGo -> new Answer.LetGo();
            case RunEvent.Suspend early -> throw new IllegalStateException("nobody can have saved it yet");
            case RunEvent.PlanStays early -> throw new IllegalStateException("nobody has the plan yet");
            case RunEvent.Unanswered early -> throw new IllegalStateException("nobody was sent a signal yet");
            case RunEvent.Signalled signalled ->
                throw new IllegalStateException("signals end a run that has no container yet");
        };
    }

    /** Returns the commands of earlier sessions: those that run, and those whose end is not written down yet. */
    public List<ExecSession> execs() {
        return execs;
    }

    /** Has the agent start the container. */
    public void start(ContainerStart start) {
        agent.start(start);
    }

    /**
     * Tells the agent of a restored machine who it is, and waits until it is that.
     *
     * @param plan what it is to do, as JSON
     * @param now the time
     */
    public void renew(String plan, Instant now, Duration atMost) throws FcvmException, InterruptedException {
        byte[] entropy = new byte[ENTROPY_BYTES];
        new SecureRandom().nextBytes(entropy);
        String session = MachineId.random().value();
        String problem = Answers.await(agent.renew(container, plan, session, entropy, now), atMost, "make it its own");
        if (!problem.isEmpty()) {
            throw failures.lost(problem, "when it was to go on as another one");
        }
    }

    /** Returns where the outputs of a restored machine's container ended when it was saved. */
    public Position savedOutput() {
        return found.stream()
                .findFirst()
                .map(one -> new Position(one.stdoutTo(), one.stderrTo()))
                .orElse(Position.START);
    }

    /**
     * Has the agent send the container's output, from where the log ends, and take what is typed to it.
     *
     * @param input whether it has a standard input
     * @param tty whether it has a terminal, which has one output
     * @param over how it has ended, if it has; its output has not come yet
     */
    public void join(OutputLog log, boolean input, boolean tty, Optional<ExitRecord> over)
            throws FcvmException, InterruptedException {
        try {
            Position from = log.position().minus(log.run());
            ContainerStreams streams = agent.attach(container, input, true, !tty, from.stdout(), from.stderr());
            joined = Optional.of(streams);
            exit = over;
            if (streams.input().isPresent()) {
                var typing = new Typing(streams.input().get(), tty, size -> agent.resize(container, size));
                audience.type(typing::begin);
            }
        } catch (LinkException gone) {
            throw failures.lost(String.valueOf(gone.getMessage()), RUNNING);
        }
    }

    /** The agent says where the output begins; only now it may be read. */
    private void carry(OutputLog log, AgentEvent.Attached attached) {
        log.skipTo(log.run().plus(new Position(attached.stdoutFrom(), attached.stderrFrom())));
        var output = new ContainerOutput(log, audience, position -> {
            Position kept = position.minus(log.run());
            agent.kept(container, kept.stdout(), kept.stderr());
        });
        joined.ifPresent(streams -> {
            streams.output().ifPresent(stream -> carry(stream, output, Output.STDOUT));
            streams.error().ifPresent(stream -> carry(stream, output, Output.STDERR));
        });
        joined = Optional.empty();
    }

    private void carry(LinkStream stream, ContainerOutput output, Output which) {
        var pump = new OutputPump(stream, output.target(which), () -> {}, _ -> {});
        outputs.add(pump);
        Thread.ofVirtual().name(which.name()).start(pump);
    }

    /**
     * Waits for the container's end, and the end of its output with it.
     *
     * @param hearer hears what is said until then
     */
    public End awaitEnd(OutputLog log, Hearer hearer) throws FcvmException, InterruptedException {
        End end = awaitExit(log, hearer);
        audience.stopTyping();
        if (end instanceof End.Over(int _, boolean _, boolean givenUp) && !givenUp) {
            awaitOutput();
        }
        return end;
    }

    /** Has the machine write its disks back when they are kept, and end. */
    public void shutDown(boolean keep) {
        agent.shutdown(keep);
        vm.expectEnd();
    }

    /** All output is in the streams by now, says the agent; what is left is ours to carry, at our reader's pace. */
    private void awaitOutput() throws FcvmException, InterruptedException {
        for (OutputPump output : outputs) {
            if (!output.awaitEnd(patience)) {
                audience.warn("the machine did not end the container's output within " + patience.toSeconds()
                        + " s of its exit: the last of it may be missing");
            }
        }
        Optional<IOException> trouble = audience.trouble();
        if (trouble.isPresent()) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot write the container's output: " + IoReason.of(trouble.get())
                            + "; give it a place that takes it all",
                    trouble.get());
        }
    }

    private End awaitExit(OutputLog log, Hearer hearer) throws FcvmException, InterruptedException {
        while (true) {
            switch (deadlines.next()) {
                case RunEvent.Unanswered(LinuxSignal signal) -> {
                    audience.warn("the agent in the machine did not answer signal " + signal + " within "
                            + patience.toSeconds() + " s: the machine is ended");
                    return new End.Over(128 + signal.number(), false, true);
                }
                case RunEvent.MachineEnded(var exit) -> throw failures.ended(exit, RUNNING);
                case RunEvent.FromAgent(AgentEvent event) -> {
                    Optional<End> end = heard(event, log, hearer);
                    if (end.isPresent()) {
                        return end.get();
                    }
                }
                case RunEvent.PlanStays(FcvmException why) ->
                    audience.note("the metadata service keeps the machine's plan: " + why.getMessage());
                case RunEvent.Signalled(LinuxSignal signal) -> {
                    boolean told = agent.signal(container, signal.number());
                    if (!told || impatience.isExhaustedBy(signal)) {
                        return new End.Over(128 + signal.number(), false, true);
                    }
                    deadlines.signalled(signal);
                }
                case RunEvent.Stop(int signal, Duration grace) -> {
                    if (!agent.stop(container, signal, grace)) {
                        return new End.Over(KILLED, false, true);
                    }
                    deadlines.stopping(grace);
                }
                case RunEvent.Kill kill -> {
                    return new End.Over(KILLED, false, true);
                }
                case RunEvent.Suspend suspend -> {
                    return new End.Suspended();
                }
                case RunEvent.LetGo letGo -> {
                    return new End.LetGo();
                }
            }
        }
    }

    private Optional<End> heard(AgentEvent event, OutputLog log, Hearer hearer)
            throws FcvmException, InterruptedException {
        switch (event) {
            case AgentEvent.Gone(String reason) -> throw failures.lost(reason, RUNNING);
            case AgentEvent.Started begun -> {
                hearer.started();
                forgetPlan();
            }
            case AgentEvent.Attached attached -> {
                carry(log, attached);
                return exit.map(Conversation::over);
            }
            case AgentEvent.Health(String one, String document) -> {
                if (one.equals(container)) {
                    hearer.health(document);
                }
            }
            case AgentEvent.Signalled signalled -> deadlines.answered(signalled.number());
            case AgentEvent.Exited exited -> {
                if (joined.isPresent()) {
                    // It was over before the agent has said where its output begins, and that is still to come.
                    exit = Optional.of(exited.exit());
                    return Optional.empty();
                }
                return Optional.of(over(exited.exit()));
            }
            case AgentEvent.Failed failed -> throw MachineFailures.refused(failed.reason());
            case AgentEvent.Ready again ->
                throw failures.lost("it was started anew, and does not know of the container any more", RUNNING);
        }
        return Optional.empty();
    }

    private static End over(ExitRecord exit) {
        return new End.Over(exit.code() & 0xff, exit.outOfMemory(), false);
    }

    /** The agent has the plan; nobody else in the guest needs it. Beside the run, which a stopped monitor must not hold up. */
    private void forgetPlan() {
        if (planForgotten) {
            return;
        }
        planForgotten = true;
        Thread.ofVirtual().name("plan-forgetter").start(() -> {
            try {
                vm.forgetPlan();
            } catch (FcvmException failure) {
                events.add(new RunEvent.PlanStays(failure));
            } catch (InterruptedException never) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        agent.close();
    }
}
