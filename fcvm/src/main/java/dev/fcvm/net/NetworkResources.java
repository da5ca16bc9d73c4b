package dev.fcvm.net;

import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.privileged.HostNetwork;
import dev.fcvm.net.privileged.PrivilegedUplink;
import dev.fcvm.settings.Directories;
import dev.fcvm.settings.Settings;
import java.nio.file.Path;
import java.util.List;

/** What machines' networks have on the host, as it stands in their journals. */
public final class NetworkResources {

    private NetworkResources() {}

    /** Returns how it is read back. */
    public static List<ResourceKind> kinds(Directories directories) {
        return List.of(
                PrivilegedUplink.kind(HostNetwork.withoutTemplate()), new NamedNetworks(directories).placeKind());
    }

    static HostNetwork host(Settings settings) {
        return HostNetwork.of(settings.home().orElse(Path.of("/nonexistent")));
    }
}
