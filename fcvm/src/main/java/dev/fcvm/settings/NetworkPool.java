package dev.fcvm.settings;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The IPv4 addresses that machines started as root get theirs from, four each (a /30).
 *
 * @param base its first address, as a number in network order
 * @param prefix the length of its prefix, 8 to 30
 */
public record NetworkPool(int base, int prefix) {

    /**
     * 16,384 machines. In 10.0.0.0/8, which is private (RFC 1918), and away from what others take there by themselves:
     * Podman 10.88 and 10.89, Kubernetes 10.42, 10.43, 10.96 and 10.244, LXD and clouds the low ones, slirp4netns 10.0.2.
     */
    public static final NetworkPool STANDARD = new NetworkPool(10 << 24 | 231 << 16, 16);

    /** The addresses of one machine: the network's, the host's, the machine's, the broadcast's. */
    public static final int EACH = 4;

    private static final int SMALLEST = 30;
    private static final int LARGEST = 8;
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})/([0-9]{1,2})");
    /** What no machine can be reached by from its host, or what every machine has inside: the guest's own network. */
    private static final NetworkPool[] SPECIAL = {
        new NetworkPool(0, 8),
        new NetworkPool(127 << 24, 8),
        new NetworkPool(169 << 24 | 254 << 16, 16),
        new NetworkPool(172 << 24 | 30 << 16, SMALLEST)
    };

    public NetworkPool {
        if (prefix < LARGEST || prefix > SMALLEST || (base & ~mask(prefix)) != 0) {
            throw new IllegalArgumentException("no network: %08x/%d".formatted(base, prefix));
        }
    }

    /**
     * Reads ADDRESS/PREFIX.
     *
     * @return nothing when that is no network of 4 addresses or more, has bits set behind its prefix, or touches
     *     0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, multicast addresses or 172.30.0.0/30, which is inside every machine
     */
    public static Optional<NetworkPool> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int base = 0;
        for (int part = 1; part <= 4; part++) {
            int value = Integer.parseInt(matcher.group(part));
            if (value > 255) {
                return Optional.empty();
            }
            base = base << 8 | value;
        }
        int prefix = Integer.parseInt(matcher.group(5));
        if (prefix < LARGEST || prefix > SMALLEST || (base & ~mask(prefix)) != 0 || base >>> 28 >= 14) {
            return Optional.empty();
        }
        NetworkPool pool = new NetworkPool(base, prefix);
        for (NetworkPool special : SPECIAL) {
            if (pool.overlaps(special)) {
                return Optional.empty();
            }
        }
        return Optional.of(pool);
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (Integer.SIZE - prefix);
    }

    private boolean overlaps(NetworkPool other) {
        int common = mask(Math.min(prefix, other.prefix));
        return (base & common) == (other.base & common);
    }

    /** Returns whether a network lies in this one. */
    public boolean holds(int network, int itsPrefix) {
        return itsPrefix >= prefix && (network & mask(prefix)) == base;
    }

    /** Returns how many machines there are addresses for. */
    public int size() {
        return 1 << (SMALLEST - prefix);
    }

    /** Returns the first address of the network of this number, from 0. */
    public int network(int index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException(index);
        }
        return base + EACH * index;
    }

    /** Returns an address by its number. */
    public static Inet4Address address(int number) {
        try {
            return (Inet4Address) InetAddress.getByAddress(
                    ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    @Override
    public String toString() {
        return address(base).getHostAddress() + "/" + prefix;
    }
}
