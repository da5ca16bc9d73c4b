package dev.fcvm.net;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.privileged.HostNetwork;
import dev.fcvm.settings.Settings;
import java.nio.file.Path;

/**
 * Whose network it is, and where.
 *
 * @param machine the machine
 * @param directory the machine's; what another process needs to take the network over is written there
 * @param sockets a directory (0700) of the machine's that its monitor has no part in
 * @param rootless whether the machine is one of an ordinary user
 * @param settings what the user has set
 * @param journal the machine's, opened with the {@linkplain NetworkResources#kinds kinds} of this room
 */
public record NetworkPlace(
        MachineId machine, Path directory, Path sockets, boolean rootless, Settings settings, Journal journal) {

    HostNetwork host() {
        return NetworkResources.host(settings);
    }

    UserRange users() {
        return settings.jailerUids().orElse(UserRange.STANDARD);
    }
}
