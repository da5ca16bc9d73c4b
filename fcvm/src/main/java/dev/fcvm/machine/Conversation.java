package dev.fcvm.machine;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ContainerStart;
import dev.fcvm.agent.ContainerStreams;
import dev.fcvm.agent.InputPump;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.link.ExitRecord;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** What is said with the agent of one machine from its boot to the container's exit code. For one thread. */
final class Conversation implements AutoCloseable {

    private static final String BOOTING = "while it booted";
    private static final String RUNNING = "before the container's exit code was known";

    /** An agent answers within a millisecond; one on a host that is out of memory takes longer. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /**
     * How the container's run came to its end.
     *
     * @param code the exit code: the container's, or 128+N of the signal by which the user gave it up
     * @param outOfMemory whether a process in it was killed because memory ran out
     * @param givenUp whether the machine is to be ended as it is: nobody in it answers, or the user would not wait
     */
    record End(int code, boolean outOfMemory, boolean givenUp) {}

    private final RunningVm vm;
    private final Duration patience;
    private final BlockingQueue<RunEvent> events;
    private final AgentSession agent;
    private final MachineFailures failures;
    private final RunListener listener;
    private final Stdio stdio;
    private final Impatience impatience;
    private final Unanswered unanswered;
    private boolean planForgotten;
    private final AtomicBoolean firstByte = new AtomicBoolean();
    private final AtomicLong takenOutput = new AtomicLong();
    private final AtomicLong takenError = new AtomicLong();

    Conversation(BlockingQueue<RunEvent> events, AgentSession agent, RunningVm vm, Stdio stdio, RunListener listener) {
        this(events, agent, vm, stdio, listener, ANSWER);
    }

    /** With a time of the caller's for what the machine owes an answer to. */
    Conversation(
            BlockingQueue<RunEvent> events,
            AgentSession agent,
            RunningVm vm,
            Stdio stdio,
            RunListener listener,
            Duration patience) {
        this.vm = vm;
        this.patience = patience;
        this.events = events;
        this.agent = agent;
        this.failures = new MachineFailures(vm);
        this.stdio = stdio;
        this.listener = listener;
        this.impatience = new Impatience();
        this.unanswered = new Unanswered(patience, System::nanoTime);
    }

    /** Waits until the agent is up. */
    void awaitReady(Duration deadline) throws FcvmException, InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            RunEvent event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            switch (event) {
                case null -> throw failures.silent(deadline);
                case RunEvent.MachineEnded(var exit) -> throw failures.ended(exit, BOOTING);
                case RunEvent.FromAgent(AgentEvent.Gone(String reason)) -> throw failures.lost(reason, BOOTING);
                case RunEvent.FromAgent(AgentEvent.Ready ready) -> {
                    return;
                }
                case RunEvent.FromAgent(AgentEvent.Failed(String container, String reason)) ->
                    throw MachineFailures.refused(reason);
                case RunEvent.FromAgent(AgentEvent early) ->
                    throw failures.lost("it spoke of a container before it was ready", BOOTING);
                case RunEvent.PlanStays early -> throw new IllegalStateException("nobody has the plan yet");
                case RunEvent.Unanswered early -> throw new IllegalStateException("nobody was sent a signal yet");
                case RunEvent.Signalled signalled ->
                    throw new IllegalStateException("signals end a run that has no container yet");
            }
        }
    }

    /**
     * Has the container run to its end, and its streams with it.
     *
     * @param container what the agent is to call it
     * @param relay hands the container's signals over as soon as the agent knows of the container
     */
    End run(String container, String plan, List<String> environment, SignalRelay relay)
            throws FcvmException, InterruptedException {
        List<OutputPump> outputs = new ArrayList<>();
        try {
            agent.start(new ContainerStart(
                    container, plan, environment, false, Optional.empty(), ContainerStart.OUTPUT_LIMIT));
            ContainerStreams streams = agent.attach(
                    container,
                    stdio.input().isPresent(),
                    stdio.output().isPresent(),
                    stdio.error().isPresent(),
                    0,
                    0);
            streams.input().ifPresent(this::startInput);
            startOutput(streams.output(), stdio.output(), "stdout", outputs, total -> {
                takenOutput.set(total);
                keep(container);
            });
            startOutput(streams.error(), stdio.error(), "stderr", outputs, total -> {
                takenError.set(total);
                keep(container);
            });
        } catch (LinkException gone) {
            throw failures.lost(String.valueOf(gone.getMessage()), RUNNING);
        }
        relay.forwardTo(signal -> events.add(new RunEvent.Signalled(signal)));
        End end = awaitExit(container);
        relay.endRunAgain();
        if (!end.givenUp()) {
            awaitOutput(outputs);
        }
        return end;
    }

    /** Has the machine write its disks back when they are kept, and end. */
    void shutDown(boolean keep) {
        agent.shutdown(keep);
    }

    /** All output is in the streams by now, says the agent; what is left is ours to carry, at our reader's pace. */
    private void awaitOutput(List<OutputPump> outputs) throws FcvmException, InterruptedException {
        for (OutputPump output : outputs) {
            if (!output.awaitEnd(patience)) {
                listener.warn("the machine did not end the container's output within " + patience.toSeconds()
                        + " s of its exit: the last of it may be missing");
            }
            Optional<IOException> trouble = output.trouble();
            if (trouble.isPresent()) {
                throw new FcvmException(
                        FcvmException.Kind.HOST,
                        "cannot write the container's output: " + IoReason.of(trouble.get())
                                + "; give it a place that takes it all",
                        trouble.get());
            }
        }
    }

    private End awaitExit(String container) throws FcvmException, InterruptedException {
        while (true) {
            switch (next()) {
                case RunEvent.Unanswered(LinuxSignal signal) -> {
                    listener.warn("the agent in the machine did not answer signal " + signal + " within "
                            + patience.toSeconds() + " s: the machine is ended");
                    return new End(128 + signal.number(), false, true);
                }
                case RunEvent.MachineEnded(var exit) -> throw failures.ended(exit, RUNNING);
                case RunEvent.FromAgent(AgentEvent.Gone(String reason)) -> throw failures.lost(reason, RUNNING);
                case RunEvent.FromAgent(AgentEvent.Started started) -> {
                    listener.reached(Phase.CONTAINER_STARTED);
                    if (!planForgotten) {
                        planForgotten = true;
                        forgetPlan();
                    }
                }
                case RunEvent.FromAgent(AgentEvent.Signalled(String of, int number)) -> unanswered.answered(number);
                case RunEvent.FromAgent(AgentEvent.Exited(String of, ExitRecord exit)) -> {
                    return new End(exit.code(), exit.outOfMemory(), false);
                }
                case RunEvent.FromAgent(AgentEvent.Failed(String of, String reason)) ->
                    throw MachineFailures.refused(reason);
                case RunEvent.FromAgent(AgentEvent.Ready again) ->
                    throw failures.lost("it was started anew, and does not know of the container any more", RUNNING);
                case RunEvent.FromAgent(AgentEvent.Attached attached) -> {
                    // All of it comes: the streams were asked for before the container could write.
                }
                case RunEvent.PlanStays(FcvmException why) ->
                    listener.note("the metadata service keeps the machine's plan: " + why.getMessage());
                case RunEvent.Signalled(LinuxSignal signal) -> {
                    boolean told = agent.signal(container, signal.number());
                    if (!told || impatience.isExhaustedBy(signal)) {
                        return new End(128 + signal.number(), false, true);
                    }
                    unanswered.sent(signal);
                }
            }
        }
    }

    /** Returns the next thing that happens, one that fails to happen included. */
    private RunEvent next() throws InterruptedException {
        while (true) {
            Optional<LinuxSignal> overdue = unanswered.overdue();
            if (overdue.isPresent()) {
                return new RunEvent.Unanswered(overdue.get());
            }
            Optional<Duration> left = unanswered.left();
            RunEvent event =
                    left.isEmpty() ? events.take() : events.poll(left.get().toNanos(), TimeUnit.NANOSECONDS);
            if (event != null) {
                return event;
            }
        }
    }

    /** The agent has the plan; nobody else in the guest needs it. Beside the run, which a stopped monitor must not hold up. */
    private void forgetPlan() {
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

    private void startInput(LinkStream stream) {
        // A thread of the system: the read blocks in the kernel, and would keep a carrier from all virtual ones.
        Thread.ofPlatform()
                .name("stdin")
                .daemon()
                .start(new InputPump(stdio.input().orElseThrow(), stream));
    }

    private void startOutput(
            Optional<LinkStream> stream,
            Optional<OutputStream> target,
            String name,
            List<OutputPump> outputs,
            LongConsumer taken) {
        if (stream.isPresent() && target.isPresent()) {
            var pump = new OutputPump(stream.get(), target.get(), this::heardFromContainer, taken);
            outputs.add(pump);
            Thread.ofPlatform().name(name).daemon().start(pump);
        }
    }

    /** Tells the guest what it need no longer keep. Said in vain it is said again, with the next bytes. */
    private void keep(String container) {
        agent.kept(container, takenOutput.get(), takenError.get());
    }

    private void heardFromContainer() {
        if (firstByte.compareAndSet(false, true)) {
            listener.reached(Phase.FIRST_BYTE);
        }
    }

    @Override
    public void close() {
        agent.close();
        if (stdio.input().isPresent()) {
            try {
                stdio.input().get().close();
            } catch (IOException useless) {
                // Nobody reads from it any more, which is all that closing it was for.
                return;
            }
        }
    }
}
