package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The name servers the host asks, as far as somebody beside the host can ask them too (resolv.conf(5)). */
final class HostResolvers {

    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    /** Whom systemd-resolved asks, where resolv.conf names only its own stub, 127.0.0.53. */
    private static final Path BEHIND_THE_STUB = Path.of("/run/systemd/resolve/resolv.conf");

    private static final String KEYWORD = "nameserver";
    private static final String METADATA = "169.254.169.254";

    private HostResolvers() {}

    /**
     * Returns them, the first first.
     *
     * @throws FcvmException when there is none
     */
    static List<InetAddress> read() throws FcvmException {
        return read(RESOLV_CONF, BEHIND_THE_STUB);
    }

    static List<InetAddress> read(Path resolvConf, Path behindTheStub) throws FcvmException {
        List<InetAddress> named = parse(text(resolvConf));
        List<InetAddress> usable = usable(named);
        if (usable.isEmpty() && named.stream().anyMatch(InetAddress::isLoopbackAddress)) {
            usable = usable(parse(text(behindTheStub)));
        }
        if (usable.isEmpty()) {
            throw new FcvmException(
                    Kind.HOST,
                    "%s names no name server that a machine can reach%s: name one with --dns ADDRESS"
                            .formatted(resolvConf, named.isEmpty() ? "" : ", only " + list(named)));
        }
        return usable;
    }

    private static String list(List<InetAddress> addresses) {
        return String.join(
                ", ", addresses.stream().map(InetAddress::getHostAddress).toList());
    }

    private static String text(Path file) throws FcvmException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot read %s, which names the host's name servers: name one with --dns ADDRESS".formatted(file),
                    e);
        }
    }

    /** The uplink is IPv4 so far, and the metadata address is closed, even where it answers questions for names. */
    private static List<InetAddress> usable(List<InetAddress> named) {
        return named.stream()
                .filter(address -> address.getAddress().length == 4)
                .filter(address -> !address.isLoopbackAddress() && !address.isAnyLocalAddress())
                .filter(address -> !address.getHostAddress().equals(METADATA))
                .toList();
    }

    private static List<InetAddress> parse(String text) {
        return text.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals(KEYWORD))
                .flatMap(words -> literal(words[1]).stream())
                .toList();
    }

    private static List<InetAddress> literal(String word) {
        try {
            return List.of(InetAddress.ofLiteral(word));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }
}
