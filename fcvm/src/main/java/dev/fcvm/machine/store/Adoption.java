package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What it takes to take over a machine that runs, and whose supervisor is gone.
 *
 * @param settings of whoever takes it over
 * @param vmm its monitor
 * @param handle by what the monitor is found
 * @param isolation how the monitor is separated from the host
 * @param resources how large the machine is
 * @param network the network it was started with
 */
public record Adoption(
        Settings settings, Vmm vmm, VmHandle handle, Isolation isolation, Resources resources, NetworkRequest network) {

    /** Finds out. */
    public static Adoption of(MachineSpec spec, MachineFiles files, Settings settings) throws FcvmException {
        Settings own = settings.booting(
                VmmKind.valueOf(spec.vmm().toUpperCase(Locale.ROOT)),
                spec.kernel().isEmpty() ? Optional.empty() : Optional.of(Path.of(spec.kernel())));
        return new Adoption(
                own,
                Vmms.running(own, spec.vmm(), spec.kvm()),
                handle(files),
                Isolation.valueOf(spec.isolation().toUpperCase(Locale.ROOT)),
                Resources.of(spec),
                spec.network().request());
    }

    private static VmHandle handle(MachineFiles files) throws FcvmException {
        try {
            return VmHandle.ofJson(Files.readString(files.handle()));
        } catch (IOException gone) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot read " + files.handle() + ": " + gone.getMessage(), gone);
        }
    }

    /** Returns whether there is something to take over: a machine whose container may run. */
    public static boolean isPossible(StoredMachine machine) {
        if (!(machine.state() instanceof MachineState.Up)) {
            return false;
        }
        try {
            VmHandle handle = handle(machine.files());
            return handle.keeper().isAlive() || handle.warden().isAlive();
        } catch (FcvmException nothing) {
            return false; // it was killed before its monitor was written down
        }
    }
}
