package dev.fcvm.guest;

import dev.fcvm.guest.container.PodmanCommand;
import dev.fcvm.guest.mount.GuestMounts;
import dev.fcvm.guest.mount.Shares;
import dev.fcvm.guest.network.NetworkSysctls;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.DeviceModules;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/**
 * How Podman is told to start a plan's container, with what the guest must have ready for that.
 *
 * @param shares what hosts serve of their directories
 */
record StartLine(GuestFiles files, Console console, Shares shares) {

    /** Mounts what the container is to find, loads what its devices need, and returns the options that say so. */
    List<String> options(Plan plan) throws AgentException {
        List<String> options = new ArrayList<>(
                plan.network().isPresent()
                        ? NetworkSysctls.set(plan.container().options(), files.sysctls())
                        : plan.container().options());
        options.addAll(new GuestMounts(files, shares).mount(plan.mounts()));
        DeviceModules.load(options, files, console);
        return options;
    }

    /**
     * Returns the arguments of {@code podman run}.
     *
     * @param options what {@link #options} returned
     */
    List<String> arguments(Plan plan, List<String> options) {
        List<String> all = new ArrayList<>(options);
        if (plan.keep()) {
            // What an earlier boot of this disk left half made, when the machine was killed, makes room.
            all.add("--replace");
        }
        all.add(new MachineSession(files.session()).volume());
        return all;
    }

    /**
     * Returns Podman's command line: {@code run}, or {@code start} for a container that is on the disk already.
     *
     * @param arguments what {@link #arguments} returned
     */
    List<String> command(Start start, Plan plan, List<String> arguments) throws AgentException {
        boolean terminal = start.terminal().isPresent();
        if (start.again()) {
            return PodmanCommand.again(
                    files.podman(), plan.name(), plan.container().interactive(), terminal);
        }
        return PodmanCommand.run(
                files.podman(),
                arguments,
                plan.container(),
                plan.network().isPresent(),
                start.environment(),
                terminal,
                files.containerPid(),
                files.conmonPid());
    }
}
