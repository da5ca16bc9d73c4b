package dev.fcvm.machine;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.LinuxSignal;
import dev.fcvm.vmm.VmExit;

/** What can happen to a machine whose monitor runs. */
sealed interface RunEvent {

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
}
