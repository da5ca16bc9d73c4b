package dev.fcvm.settings;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The IPv6 addresses of machines started as root. A machine's are not claimed: its IPv4 addresses, which are nobody
 * else's, are their last 32 bits.
 *
 * @param high the first 64 bits
 * @param low the other 64, of which the last 32 are zero
 * @param prefix how many bits name the pool, 8 to 96
 */
public record NetworkPool6(long high, long low, int prefix) {

    /** A unique local prefix (RFC 4193), drawn at random once. */
    public static final NetworkPool6 STANDARD = new NetworkPool6(0xfd5e_7a1c_93d2_0000L, 0, 64);

    /** The length of a machine's prefix. */
    public static final int MACHINE_PREFIX = 126;

    private static final int SMALLEST = 96;
    private static final int LARGEST = 8;
    private static final int BYTES = 16;
    private static final long UNSIGNED = 0xffff_ffffL;
    private static final Pattern FORM = Pattern.compile("([0-9a-fA-F:]{2,39})/([0-9]{1,3})");

    /** Loopback and unspecified; inside every machine; link-local; multicast. */
    private static final NetworkPool6[] SPECIAL = {
        new NetworkPool6(0, 0, SMALLEST),
        new NetworkPool6(0xfd00_ac1e_0000_0000L, 0, 64),
        new NetworkPool6(0xfe80_0000_0000_0000L, 0, 10),
        new NetworkPool6(0xff00_0000_0000_0000L, 0, 8)
    };

    public NetworkPool6 {
        if (prefix < LARGEST || prefix > SMALLEST || (high & ~highMask(prefix)) != 0 || (low & ~lowMask(prefix)) != 0) {
            throw new IllegalArgumentException("no network: %016x %016x/%d".formatted(high, low, prefix));
        }
    }

    /**
     * Reads ADDRESS/PREFIX.
     *
     * @return nothing when that is no network of 2<sup>32</sup> addresses or more, has bits set behind its prefix, or
     *     touches loopback, link-local or multicast addresses or fd00:ac1e::/64, which is inside every machine
     */
    public static Optional<NetworkPool6> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(matcher.group(1));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
        int prefix = Integer.parseInt(matcher.group(2));
        if (!(address instanceof Inet6Address) || prefix < LARGEST || prefix > SMALLEST) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        long high = bytes.getLong();
        long low = bytes.getLong();
        if ((high & ~highMask(prefix)) != 0 || (low & ~lowMask(prefix)) != 0) {
            return Optional.empty();
        }
        NetworkPool6 pool = new NetworkPool6(high, low, prefix);
        for (NetworkPool6 special : SPECIAL) {
            int common = Math.min(prefix, special.prefix);
            if (pool.holds(special.high, special.low, common) || special.holds(high, low, common)) {
                return Optional.empty();
            }
        }
        return Optional.of(pool);
    }

    private static long highMask(int prefix) {
        return prefix >= Long.SIZE ? -1 : -1L << (Long.SIZE - prefix);
    }

    private static long lowMask(int prefix) {
        return prefix <= Long.SIZE ? 0 : -1L << (2 * Long.SIZE - prefix);
    }

    private boolean holds(long itsHigh, long itsLow, int bits) {
        return ((high ^ itsHigh) & highMask(bits)) == 0 && ((low ^ itsLow) & lowMask(bits)) == 0;
    }

    /** Returns whether a network lies in this one. */
    public boolean holds(Inet6Address network, int itsPrefix) {
        ByteBuffer bytes = ByteBuffer.wrap(network.getAddress());
        return itsPrefix >= prefix && holds(bytes.getLong(), bytes.getLong(), prefix);
    }

    /** Returns the address whose last 32 bits are these. */
    public Inet6Address address(int last) {
        return address(high, low | (last & UNSIGNED));
    }

    private static Inet6Address address(long high, long low) {
        try {
            return (Inet6Address) InetAddress.getByAddress(
                    ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("sixteen bytes are an address", e);
        }
    }

    @Override
    public String toString() {
        return address(high, low).getHostAddress().replaceFirst("(:0)+$", "::") + "/" + prefix;
    }
}
