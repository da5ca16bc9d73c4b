package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.Suspension;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.port.WaitingPorts;
import dev.fcvm.vmm.RunningVm;
import java.util.Optional;

/**
 * Has a machine stand still that does not go on: it ends when its memory is saved. When that fails, it goes on. Who calls it
 * meanwhile waits, and finds it then, or wakes it.
 *
 * @param standing where it stands
 * @param supervision what it has
 * @param audience is told when its ports stay closed
 * @param doors lets callers wait
 */
record Suspending(Standing standing, Supervision supervision, Audience audience, Doorkeeper doors) {

    /**
     * Does it.
     *
     * @param reason why it stands still meanwhile
     * @param hold has its container stand still
     * @param step saves it
     */
    void run(String reason, LiveMachine.WhileHeld hold, LiveMachine.WhileStill step)
            throws FcvmException, InterruptedException {
        RunningVm vm = supervision.monitor().orElseThrow(() -> standing.notRunning(LiveMachine.REASON_VERB));
        AgentSession agent = supervision.agent().orElseThrow(() -> standing.notRunning(LiveMachine.REASON_VERB));
        RunNetwork network = supervision.network().orElseThrow(() -> standing.notRunning(LiveMachine.REASON_VERB));
        MachineFiles files = standing.owned().files();
        MachineState.Paused paused = standing.pause(reason);
        try (Pending awake = new Pending(() -> {
            Uninterrupted.run(() -> {
                new Suspension(files).forget();
                vm.resume();
                agent.release(files.id().value());
                speak(network, files);
            });
            standing.goOn(paused);
        })) {
            network.silence();
            doors.open(files);
            hold.with(agent);
            vm.pause();
            step.with(vm);
            awake.handOver();
        }
    }

    private void speak(RunNetwork network, MachineFiles files) throws InterruptedException {
        Optional<WaitingPorts> waiting = doors.take(files.id());
        try {
            Optional<PortReservation> ports =
                    waiting.isPresent() ? Optional.of(waiting.get().take()) : Optional.empty();
            network.speak(ports);
            waiting.ifPresent(there -> there.answer(true));
        } catch (FcvmException failure) {
            waiting.ifPresent(WaitingPorts::close);
            audience.warn("the machine's published ports are closed: " + failure.getMessage());
        }
    }
}
