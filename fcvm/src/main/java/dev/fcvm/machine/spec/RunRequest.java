package dev.fcvm.machine.spec;

import dev.fcvm.host.file.CallersFile;
import dev.fcvm.host.text.RawText;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.secret.WantedSecret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code fcvm run} was asked for.
 *
 * @param image the image as the user named it
 * @param command the container's command; empty for the image's own
 * @param name {@code --name}
 * @param hostname {@code --hostname}
 * @param cpus {@code --cpus}
 * @param memory {@code --memory}
 * @param environment {@code NAME=VALUE}: may be secret
 * @param flags what Podman in the guest carries out
 * @param interactive whether the container has a standard input
 * @param tty whether the container has a terminal
 * @param logLimit what is kept of the container's output, in bytes
 * @param remove whether nothing is to stay behind
 * @param cidFile where the machine's id is written
 * @param network the network the machine is to have
 * @param publishAll whether the ports the image exposes are published as well
 * @param rates what the machine may do in a second
 * @param mappings what of the host the container finds at which path
 * @param secrets {@code --secret}
 * @param ready {@code --wait-ready}
 * @param suspendAfter {@code --suspend-after}
 */
public record RunRequest(
        String image,
        List<String> command,
        Optional<String> name,
        Optional<String> hostname,
        Optional<String> cpus,
        Optional<String> memory,
        List<String> environment,
        ContainerFlags flags,
        boolean interactive,
        boolean tty,
        long logLimit,
        boolean remove,
        Optional<CallersFile> cidFile,
        NetworkRequest network,
        boolean publishAll,
        RateFlags rates,
        List<Mapping> mappings,
        List<WantedSecret> secrets,
        Optional<String> ready,
        Optional<Duration> suspendAfter) {

    public RunRequest {
        image = RawText.replaced(image);
        command = RawText.replaced(command);
        environment = RawText.replaced(environment);
        mappings = List.copyOf(mappings);
        secrets = List.copyOf(secrets);
    }

    /** Returns the same with this network. */
    public RunRequest with(NetworkRequest other) {
        return new RunRequest(
                image,
                command,
                name,
                hostname,
                cpus,
                memory,
                environment,
                flags,
                interactive,
                tty,
                logLimit,
                remove,
                cidFile,
                other,
                publishAll,
                rates,
                mappings,
                secrets,
                ready,
                suspendAfter);
    }
}
