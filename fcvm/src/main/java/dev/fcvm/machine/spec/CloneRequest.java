package dev.fcvm.machine.spec;

import dev.fcvm.host.text.RawText;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.volume.Mapping;
import java.time.Duration;
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
 * @param mappings what it is given when it goes on, beside what it was saved with
 * @param remove whether nothing is to stay behind
 * @param suspendAfter {@code --suspend-after}; as its source, where nothing is said
 */
public record CloneRequest(
        Optional<String> name,
        Optional<String> hostname,
        List<PublishedPort> ports,
        List<String> environment,
        List<String> labels,
        List<Mapping.HostDirectory> mappings,
        boolean remove,
        Optional<Duration> suspendAfter) {

    /** Nothing in particular. */
    public static final CloneRequest NOTHING = new CloneRequest(
            Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), List.of(), false, Optional.empty());

    public CloneRequest {
        ports = List.copyOf(ports);
        mappings = List.copyOf(mappings);
        environment = RawText.replaced(environment);
        labels = RawText.replaced(labels);
    }
}
