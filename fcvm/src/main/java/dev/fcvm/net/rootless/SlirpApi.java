package dev.fcvm.net.rootless;

import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.Exchange;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The port forwarding of a slirp4netns, by its API socket: one JSON document a connection, whose end is the closing of
 * the writing side (slirp4netns(1), "API socket").
 *
 * @param socket the API socket
 * @param patience how long one answer may take: it comes within milliseconds, or never
 */
public record SlirpApi(Path socket, Duration patience) {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Speaks with the usual patience. */
    public SlirpApi(Path socket) {
        this(socket, PATIENCE);
    }

    /**
     * A forwarding.
     *
     * @param id slirp4netns' own number for it
     * @param port what it does
     */
    public record Forwarding(int id, PublishedPort port) {}

    /**
     * Opens a port, which must have an address.
     *
     * @param guest the address in the machine's namespace
     * @throws SocketTimeoutException when slirp4netns does not answer
     * @throws IOException when slirp4netns refuses, which says no more than that the port cannot be had
     */
    public void add(PublishedPort port, String guest) throws IOException {
        String request = """
                {"execute":"add_hostfwd","arguments":{"proto":"%s","host_addr":"%s","host_port":%d,\
                "guest_addr":"%s","guest_port":%d}}""".formatted(
                        port.protocol().word(),
                        port.address().orElseThrow().getHostAddress(),
                        port.hostPort(),
                        guest,
                        port.guestPort());
        ask(request);
    }

    /** Closes a port; one that is not open stays so. */
    public void remove(PublishedPort port) throws IOException {
        for (Forwarding forwarding : list()) {
            if (forwarding.port().equals(port)) {
                ask("{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":%d}}".formatted(forwarding.id()));
            }
        }
    }

    /** Returns what is forwarded. */
    public List<Forwarding> list() throws IOException {
        Object answer = ask("{\"execute\":\"list_hostfwd\"}");
        if (answer instanceof Map<?, ?> fields && fields.get("entries") instanceof List<?> entries) {
            return entries.stream()
                    .map(entry -> entry instanceof Map<?, ?> map ? forwarding(map) : Optional.<Forwarding>empty())
                    .flatMap(Optional::stream)
                    .toList();
        }
        throw new IOException("slirp4netns lists no ports: " + answer);
    }

    private static Optional<Forwarding> forwarding(Map<?, ?> entry) {
        if (entry.get("id") instanceof Number id
                && entry.get("host_port") instanceof Number host
                && entry.get("guest_port") instanceof Number guest
                && entry.get("host_addr") instanceof String address) {
            Protocol protocol = "udp".equals(entry.get("proto")) ? Protocol.UDP : Protocol.TCP;
            return Optional.of(new Forwarding(
                    id.intValue(),
                    new PublishedPort(
                            Optional.of(InetAddress.ofLiteral(address)), host.intValue(), guest.intValue(), protocol)));
        }
        return Optional.empty();
    }

    private Object ask(String request) throws IOException {
        return answer(new Exchange(socket, "slirp4netns", patience).ask(request));
    }

    /** Returns what is behind "return"; throws what is behind "error". */
    static Object answer(byte[] document) throws IOException {
        Object whole;
        try {
            whole = UntrustedJson.read(
                    Jsonb.instance().type(Object.class), new String(document, StandardCharsets.UTF_8));
        } catch (MalformedJson e) {
            throw new IOException("slirp4netns answers with something else than JSON: " + e.getMessage(), e);
        }
        if (whole instanceof Map<?, ?> fields) {
            if (fields.get("return") instanceof Map<?, ?> result) {
                return result;
            }
            if (fields.containsKey("entries")) {
                return fields; // as slirp4netns 1.2 lists ports, whatever its manual says
            }
            if (fields.get("error") instanceof Map<?, ?> error) {
                throw new IOException(String.valueOf(error.get("desc")));
            }
        }
        throw new IOException("slirp4netns answers neither with a result nor an error");
    }
}
