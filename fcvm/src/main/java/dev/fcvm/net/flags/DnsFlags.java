package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.GuestNames.HostEntry;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads {@code --dns}, {@code --dns-search}, {@code --dns-option} and {@code --add-host}. What it returns is fit to stand
 * in resolv.conf and in /etc/hosts.
 */
public final class DnsFlags {

    /** More than this of anything nobody's file has. */
    private static final int MOST = 256;

    /** What stands for the address of the host itself in {@code --add-host}. */
    static final String HOST_GATEWAY = "host-gateway";

    private static final Pattern OPTION = Pattern.compile("[a-z][a-z0-9-]{0,31}(?::[0-9]{1,5})?");

    private DnsFlags() {}

    /** Reads them; each is what the flag was given, once for each time it was. */
    public static GuestNames parse(
            List<String> dns, List<String> dnsSearch, List<String> dnsOptions, List<String> addHost)
            throws FcvmException {
        return new GuestNames(
                all("--dns", dns, DnsFlags::server),
                search(dnsSearch),
                all("--dns-option", dnsOptions, DnsFlags::option),
                all("--add-host", addHost.stream().flatMap(DnsFlags::oneName).toList(), DnsFlags::host));
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(String value) throws FcvmException;
    }

    private static <T> List<T> all(String flag, List<String> values, Reader<T> reader) throws FcvmException {
        List<String> single = values.stream().flatMap(DnsFlags::separated).toList();
        if (single.size() > MOST) {
            throw new FcvmException(FcvmException.Kind.USAGE, flag + " is given more than " + MOST + " times");
        }
        Set<T> read = new LinkedHashSet<>();
        for (String value : single) {
            read.add(reader.read(value));
        }
        return List.copyOf(read);
    }

    /** Of these flags Podman takes several values with commas between them. */
    private static Stream<String> separated(String value) {
        return Stream.of(value.split(",", -1));
    }

    private static InetAddress server(String value) throws FcvmException {
        InetAddress server = Addresses.parse(value)
                .orElseThrow(() -> Quoted.refusal(
                        "--dns", value, "it must be the IP address of a name server, such as 192.0.2.53"));
        if (server.isLoopbackAddress()) {
            throw Quoted.refusal(
                    "--dns",
                    value,
                    "that is the machine's own loopback, where no name server is; leave --dns out to use the host's");
        }
        if (server.isAnyLocalAddress() || server.isMulticastAddress()) {
            throw Quoted.refusal("--dns", value, "no name server has that address");
        }
        return server;
    }

    private static List<String> search(List<String> values) throws FcvmException {
        List<String> domains = all("--dns-search", values, DnsFlags::domain);
        if (domains.contains(".") && domains.size() > 1) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--dns-search . means no domain at all; leave it or the others out");
        }
        return domains;
    }

    private static String domain(String value) throws FcvmException {
        if (value.equals(".")) {
            return value;
        }
        return HostNames.parseWide(value)
                .orElseThrow(() -> Quoted.refusal(
                        "--dns-search", value, "it must be a domain, such as example.com, or . for none"));
    }

    private static String option(String value) throws FcvmException {
        if (!OPTION.matcher(value).matches()) {
            throw Quoted.refusal(
                    "--dns-option", value, "it must be an option of resolv.conf, such as ndots:2 or edns0");
        }
        return value;
    }

    /** Several names of one address have semicolons between them. */
    private static Stream<String> oneName(String values) {
        return separated(values).flatMap(value -> {
            int colon = value.indexOf(':');
            return colon < 0
                    ? Stream.of(value)
                    : Stream.of(value.substring(0, colon).split(";", -1)).map(name -> name + value.substring(colon));
        });
    }

    private static HostEntry host(String value) throws FcvmException {
        int colon = value.indexOf(':');
        String address = value.substring(colon + 1);
        if (address.startsWith("[") && address.endsWith("]") && address.contains(":")) {
            address = address.substring(1, address.length() - 1);
        }
        Optional<InetAddress> parsed = Addresses.parse(address);
        Optional<String> name = colon < 0 ? Optional.empty() : HostNames.parseWide(value.substring(0, colon));
        if (name.isEmpty() || (parsed.isEmpty() && !address.equals(HOST_GATEWAY))) {
            throw Quoted.refusal(
                    "--add-host",
                    value,
                    "it must be NAME:IP, such as db:192.0.2.5, or NAME:host-gateway for the host itself");
        }
        return new HostEntry(name.get(), parsed);
    }
}
