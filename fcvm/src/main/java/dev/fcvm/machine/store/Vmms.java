package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.select.VmmChoice;
import dev.fcvm.vmm.select.VmmSelector;
import dev.fcvm.vmm.select.VmmSettings;
import java.util.List;

/** Asks the monitors' room with the user's settings. */
public final class Vmms {

    private Vmms() {}

    /** Chooses the monitor. */
    public static VmmChoice choose(Settings settings) throws FcvmException, InterruptedException {
        return VmmSelector.select(of(settings));
    }

    /** Returns the monitor with which a machine that runs is taken over. */
    static Vmm running(Settings settings, String name, boolean kvm) throws FcvmException {
        return VmmSelector.running(name, kvm, of(settings));
    }

    /** Returns what could boot machines here, the choice first. */
    public static List<VmmChoice> candidates(Settings settings) throws FcvmException, InterruptedException {
        return VmmSelector.candidates(of(settings));
    }

    /** Says that a monitor has failed on KVM, which is to be looked at anew before the next machine. */
    public static void distrustKvm(Settings settings) throws FcvmException {
        VmmSelector.distrustKvm(of(settings));
    }

    static VmmSettings of(Settings settings) {
        return new VmmSettings(
                switch (settings.vmm()) {
                    case AUTO -> VmmSettings.Wanted.AUTO;
                    case QEMU -> VmmSettings.Wanted.QEMU;
                    case FIRECRACKER -> VmmSettings.Wanted.FIRECRACKER;
                },
                switch (settings.kvm()) {
                    case AUTO -> VmmSettings.Kvm.AUTO;
                    case YES -> VmmSettings.Kvm.YES;
                    case NO -> VmmSettings.Kvm.NO;
                },
                settings.qemu(),
                settings.firecracker(),
                settings.directories().data(),
                settings.scripts(),
                new Confinement(settings.jailer(), settings.jailerUids().orElse(UserRange.STANDARD)),
                settings.bootTimeout());
    }
}
