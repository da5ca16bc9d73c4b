package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.select.VmmChoice;

/**
 * What making and starting a machine needs of whoever asks for it.
 *
 * @param settings what the user has set
 * @param monitors chooses the monitor
 * @param image finds the image
 * @param listener hears of the progress
 */
public record MachineSource(Settings settings, VmmSource monitors, ResolvedImage.Source image, RunListener listener) {

    /** Chooses a monitor. */
    @FunctionalInterface
    public interface VmmSource {
        /** Chooses by what the user wants and the host has. */
        VmmChoice choose(Settings settings) throws FcvmException, InterruptedException;
    }

    /** Chooses the monitor, checks that it can be confined so, and says what was chosen. */
    public VmmChoice monitor(Settings of, Isolation isolation) throws FcvmException, InterruptedException {
        VmmChoice choice = monitors.choose(of);
        choice.vmm().check(isolation);
        if (choice.fellBack()) {
            listener.warn(choice.reason());
        } else {
            listener.note(choice.reason());
        }
        return choice;
    }
}
