package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.Egress.Allowed;
import dev.fcvm.net.flags.Egress.AllowedName;
import dev.fcvm.net.flags.Egress.AllowedNetwork;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code --egress} and {@code --allow}. What it returns is in canonical form, and fit to stand in a rule. */
public final class EgressFlags {

    /** More destinations than this a machine cannot be allowed. */
    public static final int MOST = 1000;

    private static final String FLAG = "--allow";
    private static final String FORM = "it must be CIDR[:PORT] or NAME[:PORT], such as 192.0.2.0/24, 192.0.2.1:443,"
            + " [2001:db8::/32]:443 or example.com:443";
    private static final InetAddress METADATA = InetAddress.ofLiteral("169.254.169.254");

    private static final Pattern BRACKETS = Pattern.compile("\\[([^\\[\\]]*)](?::([0-9]{1,9}))?");
    private static final Pattern ONE_COLON = Pattern.compile("([^:\\[\\]]*)(?::([0-9]{1,9}))?");
    private static final Pattern NETWORK = Pattern.compile("([^/]*)(?:/(0|[1-9][0-9]{0,2}))?");

    private EgressFlags() {}

    /**
     * Reads them.
     *
     * @param egress {@code --egress} as given, if it was
     * @param allow what {@code --allow} was given, once for each time it was
     */
    public static Egress parse(Optional<String> egress, List<String> allow) throws FcvmException {
        boolean open = switch (egress.orElse("open")) {
            case "open" -> true;
            case "deny" -> false;
            default -> throw Quoted.refusal("--egress", egress.get(), "it must be one of: open, deny");
        };
        if (open && !allow.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--allow " + Quoted.text(allow.getFirst()) + " says nothing while everything may be reached;"
                            + " add --egress deny, or leave --allow out");
        }
        if (allow.size() > MOST) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--allow is given more than " + MOST + " times");
        }
        Set<Allowed> allowed = new LinkedHashSet<>();
        for (String value : allow) {
            allowed.add(allowed(value));
        }
        return open ? Egress.OPEN : new Egress(false, List.copyOf(allowed));
    }

    private static Allowed allowed(String value) throws FcvmException {
        Matcher brackets = BRACKETS.matcher(value);
        if (brackets.matches()) {
            Optional<Allowed> network = network(brackets.group(1), port(brackets.group(2), value), value);
            if (network.isEmpty() || !brackets.group(1).contains(":")) {
                throw Quoted.refusal(FLAG, value, "an IPv6 address or network belongs into the brackets; " + FORM);
            }
            return network.get();
        }
        Matcher plain = ONE_COLON.matcher(value);
        if (plain.matches()) {
            OptionalInt port = port(plain.group(2), value);
            Optional<Allowed> network = network(plain.group(1), port, value);
            if (network.isPresent()) {
                return network.get();
            }
            return HostNames.parse(plain.group(1))
                    .map(name -> new AllowedName(name, port))
                    .orElseThrow(() -> Quoted.refusal(FLAG, value, FORM));
        }
        // More than one colon and no brackets: an IPv6 address or network without a port.
        return network(value, OptionalInt.empty(), value).orElseThrow(() -> Quoted.refusal(FLAG, value, FORM));
    }

    private static OptionalInt port(String text, String value) throws FcvmException {
        if (text == null) {
            return OptionalInt.empty();
        }
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65_535) {
            throw Quoted.refusal(FLAG, value, "the port must be between 1 and 65535");
        }
        return OptionalInt.of(port);
    }

    /** Returns the network; nothing when the text does not begin with an address. */
    private static Optional<Allowed> network(String text, OptionalInt port, String value) throws FcvmException {
        Matcher parts = NETWORK.matcher(text);
        Optional<InetAddress> address = parts.matches() ? Addresses.parse(parts.group(1)) : Optional.empty();
        if (address.isEmpty()) {
            return Optional.empty();
        }
        InetAddress given = address.get();
        int bits = 8 * given.getAddress().length;
        int prefix = parts.group(2) == null ? bits : Integer.parseInt(parts.group(2));
        if (prefix > bits) {
            throw Quoted.refusal(FLAG, value, "the prefix of such a network is at most " + bits + " bits");
        }
        InetAddress masked = masked(given, prefix);
        if (!masked.equals(given)) {
            // Widening it silently would allow what nobody has written down.
            throw Quoted.refusal(
                    FLAG,
                    value,
                    "%s is an address inside the network; write %s/%d for the network, or %s for the address"
                            .formatted(Addresses.text(given), Addresses.text(masked), prefix, Addresses.text(given)));
        }
        if (prefix == bits) {
            refuseUnreachable(given, value);
        }
        return Optional.of(new AllowedNetwork(Addresses.text(given) + "/" + prefix, port));
    }

    private static void refuseUnreachable(InetAddress address, String value) throws FcvmException {
        if (address.equals(METADATA)) {
            throw Quoted.refusal(FLAG, value, "the host's cloud metadata address is closed to every machine");
        }
        if (address.isLoopbackAddress()) {
            throw Quoted.refusal(
                    FLAG, value, "a machine has its own loopback; the host's is opened by --allow-host-loopback");
        }
    }

    private static InetAddress masked(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int bit = prefix; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> (bit % 8));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("the length was an address's", e);
        }
    }
}
