package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds, among what a machine has published, what somebody names. */
public final class PortQuery {

    private static final Pattern GUEST = Pattern.compile("([0-9]{1,5})(?:/(tcp|udp))?");

    private PortQuery() {}

    /**
     * Returns those of a port of the guest.
     *
     * @param guest {@code PORT[/tcp|udp]}, TCP when it does not say
     * @throws FcvmException when there is none, as Podman has it
     */
    public static List<PublishedPort> ofGuest(List<PublishedPort> published, String guest) throws FcvmException {
        Matcher parts = GUEST.matcher(guest);
        List<PublishedPort> found = new ArrayList<>();
        if (parts.matches()) {
            String protocol = Optional.ofNullable(parts.group(2)).orElse(Protocol.TCP.word());
            int port = Integer.parseInt(parts.group(1));
            for (PublishedPort candidate : published) {
                if (candidate.guestPort() == port && candidate.protocol().word().equals(protocol)) {
                    found.add(candidate);
                }
            }
        }
        if (found.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.NOT_FOUND, "failed to find published port " + Quoted.text(guest));
        }
        return List.copyOf(found);
    }

    /**
     * Returns those that {@code --publish} means: each that has its guest's port and protocol and, where it says them, its
     * address and its host's port.
     *
     * @throws FcvmException when one of the wanted is none
     */
    public static List<PublishedPort> matching(List<PublishedPort> published, List<PublishedPort> wanted)
            throws FcvmException {
        List<PublishedPort> found = new ArrayList<>();
        for (PublishedPort port : wanted) {
            List<PublishedPort> these = published.stream()
                    .filter(candidate -> means(port, candidate))
                    .toList();
            if (these.isEmpty()) {
                throw new FcvmException(
                        FcvmException.Kind.NOT_FOUND,
                        "the machine does not publish " + PublishedPorts.written(port) + "; see: fcvm port");
            }
            these.stream().filter(one -> !found.contains(one)).forEach(found::add);
        }
        return List.copyOf(found);
    }

    private static boolean means(PublishedPort wanted, PublishedPort candidate) {
        Optional<InetAddress> address = wanted.address();
        return wanted.guestPort() == candidate.guestPort()
                && wanted.protocol() == candidate.protocol()
                && (wanted.hostPort() == 0 || wanted.hostPort() == candidate.hostPort())
                && (address.isEmpty() || address.equals(candidate.address()));
    }
}
