package dev.fcvm.machine;

import dev.fcvm.agent.AgentClient;
import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.InputPump;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Message;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What is said with the agent of one machine from its boot to the container's exit code. For one thread. */
final class Conversation implements AutoCloseable {

    private static final String BOOTING = "while it booted";
    private static final String RUNNING = "before the container's exit code was known";

    private final BlockingQueue<RunEvent> events;
    private final AgentClient agent;
    private final MachineFailures failures;
    private final RunListener listener;
    private final Stdio stdio;
    private final Impatience impatience;
    private final AtomicBoolean firstByte = new AtomicBoolean();

    Conversation(BlockingQueue<RunEvent> events, AgentClient agent, RunningVm vm, Stdio stdio, RunListener listener) {
        this.events = events;
        this.agent = agent;
        this.failures = new MachineFailures(vm);
        this.stdio = stdio;
        this.listener = listener;
        this.impatience = new Impatience();
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
                case RunEvent.FromAgent(AgentEvent.Said(Message.Ready ready)) -> {
                    return;
                }
                case RunEvent.FromAgent(AgentEvent.Said(Message.Failed(String reason))) ->
                    throw MachineFailures.refused(reason);
                case RunEvent.FromAgent(AgentEvent.Said(Message.FromGuest early)) ->
                    throw failures.lost("it spoke of a container before it was ready", BOOTING);
                case RunEvent.Signalled signalled ->
                    throw new IllegalStateException("signals end a run that has no container yet");
            }
        }
    }

    /**
     * Has the container run to its end, and its streams with it.
     *
     * @param relay hands the container's signals over as soon as the agent knows of the container
     * @return its exit code, or 128+N when the user has given it up by signal N
     */
    int run(String plan, List<String> environment, SignalRelay relay) throws FcvmException, InterruptedException {
        int outputs = (int) List.of(stdio.output(), stdio.error()).stream()
                .filter(Optional::isPresent)
                .count();
        var ends = new CountDownLatch(outputs);
        try {
            int input = startInput();
            int output = startOutput(stdio.output(), "stdout", ends);
            int error = startOutput(stdio.error(), "stderr", ends);
            agent.tell(new Message.Run(plan, environment, input, output, error));
        } catch (LinkException gone) {
            throw failures.lost(String.valueOf(gone.getMessage()), RUNNING);
        }
        relay.forwardTo(signal -> events.add(new RunEvent.Signalled(signal)));
        int code = awaitExit();
        relay.endRunAgain();
        // All output has been written to the streams by now; what is left is ours to carry.
        ends.await();
        return code;
    }

    /** Has the machine write its disks back when they are kept, and end. */
    void shutDown(boolean keep) {
        agent.tell(new Message.Shutdown(keep));
    }

    private int awaitExit() throws FcvmException, InterruptedException {
        while (true) {
            switch (events.take()) {
                case RunEvent.MachineEnded(var exit) -> throw failures.ended(exit, RUNNING);
                case RunEvent.FromAgent(AgentEvent.Gone(String reason)) -> throw failures.lost(reason, RUNNING);
                case RunEvent.FromAgent(AgentEvent.Said(Message.Started started)) ->
                    listener.reached(Phase.CONTAINER_STARTED);
                case RunEvent.FromAgent(AgentEvent.Said(Message.Exited(int code))) -> {
                    return code & 0xff;
                }
                case RunEvent.FromAgent(AgentEvent.Said(Message.Failed(String reason))) ->
                    throw MachineFailures.refused(reason);
                case RunEvent.FromAgent(AgentEvent.Said(Message.Ready again)) ->
                    throw failures.lost("it was started anew, and does not know of the container any more", RUNNING);
                case RunEvent.Signalled(LinuxSignal signal) -> {
                    boolean told = agent.tell(new Message.Signal(signal.number()));
                    if (!told || impatience.isExhaustedBy(signal)) {
                        return 128 + signal.number();
                    }
                }
            }
        }
    }

    private int startInput() throws LinkException {
        if (stdio.input().isEmpty()) {
            return 0;
        }
        LinkStream stream = agent.openStream();
        // A thread of the system: the read blocks in the kernel, and would keep a carrier from all virtual ones.
        Thread.ofPlatform()
                .name("stdin")
                .daemon()
                .start(new InputPump(stdio.input().get(), stream));
        return stream.number();
    }

    private int startOutput(Optional<OutputStream> target, String name, CountDownLatch ends) throws LinkException {
        if (target.isEmpty()) {
            return 0;
        }
        LinkStream stream = agent.openStream();
        var pump = new OutputPump(stream, target.get(), this::heardFromContainer, ends::countDown);
        Thread.ofPlatform().name(name).daemon().start(pump);
        return stream.number();
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
