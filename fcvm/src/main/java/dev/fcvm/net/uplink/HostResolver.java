package dev.fcvm.net.uplink;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the host's resolv.conf(5) says. Where it names systemd-resolved's stub, which answers on the host's loopback
 * alone, that service's own list of servers is read instead (systemd-resolved.service(8)).
 *
 * @param servers the name servers that can be reached from elsewhere, the first first
 * @param search the domains short names are looked up in
 */
public record HostResolver(List<InetAddress> servers, List<String> search) {

    private static final Path FILE = Path.of("/etc/resolv.conf");
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\\.?");
    private static final int MOST_DOMAINS = 32;

    public HostResolver {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
    }

    /** Reads this host's. */
    public static HostResolver ofHost() {
        return read(FILE, RESOLVED);
    }

    static HostResolver read(Path file, Path resolved) {
        List<String> lines = lines(file);
        List<InetAddress> servers = servers(lines);
        boolean stub = servers.isEmpty() && lines.stream().anyMatch(line -> line.startsWith("nameserver"));
        return new HostResolver(stub ? servers(lines(resolved)) : servers, search(lines));
    }

    /**
     * Returns the servers a machine can ask.
     *
     * @throws FcvmException when there is none
     */
    public List<InetAddress> reachable() throws FcvmException {
        if (servers.isEmpty()) {
            throw new FcvmException(
                    Kind.HOST, FILE + " names no name server that a machine can reach: name one with --dns ADDRESS");
        }
        return servers;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream().map(String::strip).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static List<InetAddress> servers(List<String> lines) {
        return lines.stream()
                .map(line -> line.split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .map(words -> literal(words[1]))
                .flatMap(Optional::stream)
                // Uplinks pass questions on by IPv4, and never to the metadata address, even where it answers some.
                .filter(server -> server instanceof Inet4Address)
                .filter(server ->
                        !server.isLoopbackAddress() && !server.isAnyLocalAddress() && !server.isLinkLocalAddress())
                .toList();
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the host's own resolver ignores it as well
        }
    }

    /** The last line counts, as for the host itself. */
    private static List<String> search(List<String> lines) {
        List<String> found = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split("\\s+", -1);
            if (words[0].equals("search") || words[0].equals("domain")) {
                found.clear();
                for (int i = 1; i < words.length && i <= MOST_DOMAINS; i++) {
                    String domain = words[i].toLowerCase(Locale.ROOT);
                    if (DOMAIN.matcher(domain).matches()) {
                        found.add(domain);
                    }
                }
            }
        }
        return found;
    }
}
