package dev.fcvm.machine.session;

import dev.fcvm.agent.GuestText;
import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import java.time.Duration;
import java.util.Optional;

/** Says why a machine came to nothing, with the last its console said. */
final class MachineFailures {

    private static final int CONSOLE_LINES = 10;
    /** A monitor is gone this soon after its sockets have closed. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private static final int LONGEST_REASON = 500;

    private final RunningVm vm;

    /** A shell's exit codes of what a signal has ended begin behind it. */
    private static final int SIGNALLED = 128;

    MachineFailures(RunningVm vm) {
        this.vm = vm;
    }

    /** The machine ended before it was to. */
    FcvmException ended(VmExit exit, String when) {
        String how = switch (exit) {
            case VmExit.PoweredOff() -> "switched itself off";
            case VmExit.Reset() -> "reset itself";
            case VmExit.Panicked() -> "panicked";
            case VmExit.Killed() -> "was killed";
            case VmExit.MonitorFailed(int code, String _)
            when code > SIGNALLED -> "lost its monitor, which was killed by signal " + (code - SIGNALLED) + ",";
            case VmExit.MonitorFailed(int code, String reason) ->
                "lost its monitor, which ended with code " + code
                        + (reason.isBlank() ? "," : ": " + GuestText.harmless(reason, LONGEST_REASON));
        };
        return new FcvmException(
                exit instanceof VmExit.MonitorFailed ? FcvmException.Kind.VMM : FcvmException.Kind.GUEST,
                "the machine " + how + " " + when + "; try another kernel or --vmm, or see fcvm doctor" + console());
    }

    /** The agent did not say it is ready. */
    FcvmException silent(Duration deadline) {
        return new FcvmException(
                FcvmException.Kind.GUEST,
                "the agent in the machine did not answer within " + seconds(deadline)
                        + "; give it more time with FCVM_BOOT_TIMEOUT, or make the base again with fcvm init"
                        + console());
    }

    /**
     * The session with the agent ended. When that is so because the machine has ended, that is what is told: which of
     * the two is noticed first is chance.
     *
     * @param when what the machine was doing
     */
    FcvmException lost(String reason, String when) throws InterruptedException {
        Optional<VmExit> exit = vm.awaitExit(FAREWELL);
        if (exit.isPresent()) {
            return ended(exit.get(), when);
        }
        return new FcvmException(FcvmException.Kind.GUEST, "the agent in the machine was lost: " + reason + console());
    }

    /** The agent could not do what it was told. */
    static FcvmException refused(String reason) {
        return new FcvmException(
                FcvmException.Kind.GUEST,
                "the agent could not run the container: " + GuestText.harmless(reason, LONGEST_REASON));
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() / 1000.0 + " s";
    }

    private String console() {
        String tail = vm.consoleTail(CONSOLE_LINES).strip();
        return tail.isEmpty() ? "" : "\nThe last lines of its console:\n  " + tail.replace("\n", "\n  ");
    }
}
