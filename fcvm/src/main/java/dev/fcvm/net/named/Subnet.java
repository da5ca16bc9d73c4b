package dev.fcvm.net.named;

import dev.fcvm.settings.NetworkPool;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A network of IPv4 addresses.
 *
 * @param base its first address, as a number in network order
 * @param prefix the length of its prefix, 0 to 32
 */
public record Subnet(int base, int prefix) {

    /** More than 254 machines in one network are not joined, and fewer than 6 are no use. */
    private static final int SMALLEST = 29;

    private static final int LARGEST = 16;

    public Subnet {
        if (prefix < 0 || prefix > Integer.SIZE || (base & ~mask(prefix)) != 0) {
            throw new IllegalArgumentException("no network: %08x/%d".formatted(base, prefix));
        }
    }

    /**
     * Reads ADDRESS/PREFIX, for machines.
     *
     * @return nothing when that is no network with a prefix of 16 to 29 bits, or one that {@link NetworkPool#parse}
     *     refuses
     */
    public static Optional<Subnet> parse(String text) {
        return NetworkPool.parse(text)
                .map(pool -> new Subnet(pool.base(), pool.prefix()))
                .filter(subnet -> subnet.prefix >= LARGEST && subnet.prefix <= SMALLEST);
    }

    static Subnet of(NetworkPool pool) {
        return new Subnet(pool.base(), pool.prefix());
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (Integer.SIZE - prefix);
    }

    boolean overlaps(Subnet other) {
        int common = mask(Math.min(prefix, other.prefix));
        return (base & common) == (other.base & common);
    }

    boolean holds(Inet4Address address) {
        return (number(address) & mask(prefix)) == base;
    }

    static int number(Inet4Address address) {
        return ByteBuffer.wrap(address.getAddress()).getInt();
    }

    /** Returns how many machines there are addresses for: all but the first and the last address. */
    int places() {
        return (int) Math.min((1L << (Integer.SIZE - prefix)) - 2, EthernetSwitch.MOST_MEMBERS);
    }

    /** Returns the address of the place of this number, from 0. */
    Inet4Address place(int index) {
        if (index < 0 || index >= places()) {
            throw new IndexOutOfBoundsException(index);
        }
        return NetworkPool.address(base + 1 + index);
    }

    @Override
    public String toString() {
        return NetworkPool.address(base).getHostAddress() + "/" + prefix;
    }
}
