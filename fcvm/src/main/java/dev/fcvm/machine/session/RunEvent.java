package dev.fcvm.machine.session;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.vmm.VmExit;
import java.time.Duration;

/** What can happen to a machine whose monitor runs. */
public sealed interface RunEvent {

    /** Something from the agent. */
    record FromAgent(AgentEvent event) implements RunEvent {}

    /** The machine has ended. */
    record MachineEnded(VmExit exit) implements RunEvent {}

    /** The monitor could not be made to forget the plan. */
    record PlanStays(FcvmException why) implements RunEvent {}

    /** The agent has not answered this signal in time. */
    record Unanswered(LinuxSignal signal) implements RunEvent {}

    /** A signal for the container. */
    record Signalled(LinuxSignal signal) implements RunEvent {}

    /**
     * The container is to end: by a signal, and by SIGKILL when it has not ended by itself after some time.
     *
     * @param signal its Linux number
     */
    record Stop(int signal, Duration grace) implements RunEvent {}

    /** The machine is to be ended as it is. */
    record Kill() implements RunEvent {}

    /** The machine's memory is saved, and it is to be ended as it is. */
    record Suspend() implements RunEvent {}

    /** The machine is to be left to another process. */
    record LetGo() implements RunEvent {}
}
