package dev.fcvm.net.flags;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as text: read strictly, without ever asking a name server, and written in one form only. */
public final class Addresses {

    private static final String OCTET = "(?:0|[1-9][0-9]{0,2})";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]{2,39}");

    private Addresses() {}

    /**
     * Reads an address. IPv4 is four decimal numbers without leading zeros, which some programs take for octal; IPv6 has
     * neither brackets nor a zone nor an IPv4 address in it.
     *
     * @return nothing when the text is no such address
     */
    public static Optional<InetAddress> parse(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            // ::ffff:c000:201 is IPv4 in IPv6's clothes: Java undresses it, and rules for one would miss the other.
            return text.contains(":") == address instanceof Inet6Address ? Optional.of(address) : Optional.empty();
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    /** Returns the address's one text: RFC 5952's for IPv6, without a zone. */
    public static String text(InetAddress address) {
        return address instanceof Inet4Address ? address.getHostAddress() : compressed(address.getAddress());
    }

    /** Returns the same in brackets when it is an IPv6 address, as it stands before a port. */
    public static String beforePort(InetAddress address) {
        return address instanceof Inet4Address ? text(address) : "[" + text(address) + "]";
    }

    private static String compressed(byte[] bytes) {
        var groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        // The longest run of at least two zeros, the first of several, is left out.
        int start = 0;
        int length = 1;
        for (int i = 0; i < groups.length; i++) {
            int run = 0;
            while (i + run < groups.length && groups[i + run] == 0) {
                run++;
            }
            if (run > length) {
                start = i;
                length = run;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (length > 1 && i == start) {
                text.append("::");
                i += length - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
