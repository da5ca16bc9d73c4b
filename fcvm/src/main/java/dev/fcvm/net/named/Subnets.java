package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds a network of addresses that nothing uses yet.
 *
 * @param taken what is used, and by what
 */
record Subnets(List<Taken> taken) {

    /** Next to the addresses of privileged machines, and a second one for who has all of 10.0.0.0/8 behind a VPN. */
    private static final List<Subnet> POOLS = List.of(subnet(10, 232), subnet(172, 29));

    private static final int EACH = 24;

    /** Networks that every machine has inside: the guest's own, and slirp4netns'. */
    private static final List<Taken> INSIDE = List.of(
            new Taken(new Subnet(172 << 24 | 30 << 16, 30), "the inside of every machine"),
            new Taken(new Subnet(10 << 24 | 2 << 8, EACH), "the way out of rootless machines"));

    Subnets {
        taken = List.copyOf(taken);
    }

    /**
     * A network that is used.
     *
     * @param user what it is used by, as a part of a message
     */
    record Taken(Subnet subnet, String user) {}

    /**
     * Returns what is used on this host.
     *
     * @param pool the addresses of privileged machines
     * @param routes as {@code /proc/net/route} has them, see proc(5)
     * @param others the networks there are
     */
    static Subnets ofHost(NetworkPool pool, Path routes, List<NamedNetwork> others) throws FcvmException {
        List<Taken> taken = new ArrayList<>(INSIDE);
        taken.add(new Taken(Subnet.of(pool), "machines started as root (FCVM_NETWORK_POOL)"));
        others.forEach(other -> taken.add(new Taken(other.subnet(), "the network " + other.name())));
        try {
            for (String line : Files.readAllLines(routes)) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 7 && fields[1].matches("[0-9A-F]{8}")) {
                    int base = Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16));
                    int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
                    if (prefix > 0) { // the default route leads to what is nowhere else
                        taken.add(new Taken(new Subnet(base, prefix), "the host (" + fields[0] + ")"));
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new FcvmException(Kind.HOST, "cannot read the host's routes in %s: %s".formatted(routes, e), e);
        }
        return new Subnets(taken);
    }

    /** Returns one that collides with nothing. */
    Subnet free() throws FcvmException {
        for (Subnet pool : POOLS) {
            for (int index = 0; index < 1 << (EACH - pool.prefix()); index++) {
                var candidate = new Subnet(pool.base() + (index << (Integer.SIZE - EACH)), EACH);
                if (inTheWay(candidate).isEmpty()) {
                    return candidate;
                }
            }
        }
        throw new FcvmException(
                Kind.IN_USE,
                "no network of addresses is free in %s: name one that nothing uses with --subnet"
                        .formatted(String.join(
                                " and ", POOLS.stream().map(Subnet::toString).toList())));
    }

    /** Refuses one that collides with something. */
    void requireFree(Subnet wanted) throws FcvmException {
        Optional<Taken> other = inTheWay(wanted);
        if (other.isPresent()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "the subnet %s is in use: %s has %s; name another with --subnet, or let one be chosen"
                            .formatted(wanted, other.get().user(), other.get().subnet()));
        }
    }

    private Optional<Taken> inTheWay(Subnet wanted) {
        return taken.stream().filter(other -> other.subnet().overlaps(wanted)).findFirst();
    }

    private static Subnet subnet(int first, int second) {
        return new Subnet(first << 24 | second << 16, 16);
    }
}
