package dev.fcvm.machine.spec;

import dev.fcvm.host.RawText;
import dev.fcvm.net.flags.PublishedPort;
import java.util.List;
import java.util.Optional;

/**
 * What {@code fcvm clone} was asked for; all else is as it was in the machine that was saved.
 *
 * @param name {@code --name}
 * @param hostname {@code --hostname}
 * @param ports what is published, instead of what was
 * @param environment {@code NAME=VALUE} for commands that are run in it: may be secret
 * @param labels {@code NAME=VALUE}, beside those there were
 * @param remove whether nothing is to stay behind
 */
public record CloneRequest(
        Optional<String> name,
        Optional<String> hostname,
        List<PublishedPort> ports,
        List<String> environment,
        List<String> labels,
        boolean remove) {

    public CloneRequest {
        ports = List.copyOf(ports);
        environment = RawText.replaced(environment);
        labels = RawText.replaced(labels);
    }
}
