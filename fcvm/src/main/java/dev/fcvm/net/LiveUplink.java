package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.net.port.Exchange;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The published ports of a machine that another process supervises, which is asked to change them.
 *
 * @param sockets the machine's sockets
 */
public record LiveUplink(Path sockets) {

    /** A thousand ports take slirp4netns some seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Finds it.
     *
     * @param directory the machine's
     * @param sockets the machine's
     * @return nothing when the machine has no network
     */
    public static Optional<LiveUplink> of(Path directory, Path sockets) throws FcvmException {
        return NetworkRecord.read(directory).map(_ -> new LiveUplink(sockets));
    }

    /**
     * Returns what a machine's files say that is published, with the host's side settled; nobody is asked.
     *
     * @param directory the machine's
     */
    public static List<PublishedPort> recorded(Path directory) throws FcvmException {
        Optional<NetworkState> state = NetworkRecord.read(directory);
        return state.isPresent() ? PublishedPorts.settled(state.get().ports()) : List.of();
    }

    /** Returns what is published, with the host's side settled. */
    public List<PublishedPort> list() throws FcvmException {
        return ask(PortServer.LIST, List.of());
    }

    /** As {@link JoinedNetwork#publish}. */
    public List<PublishedPort> publish(List<PublishedPort> wanted) throws FcvmException {
        return ask(PortServer.PUBLISH, wanted);
    }

    /** As {@link JoinedNetwork#unpublish}. */
    public void unpublish(List<PublishedPort> ports) throws FcvmException {
        ask(PortServer.UNPUBLISH, ports);
    }

    private List<PublishedPort> ask(String verb, List<PublishedPort> ports) throws FcvmException {
        List<String> answer;
        try {
            byte[] words = new Exchange(PortServer.socket(sockets), "the machine's supervisor", PATIENCE)
                    .ask(PortServer.text(verb, PortServer.written(ports)));
            answer = new String(words, StandardCharsets.UTF_8).lines().toList();
        } catch (SocketTimeoutException e) {
            throw new FcvmException(Kind.HOST, "cannot %s ports: %s".formatted(verb, e.getMessage()), e);
        } catch (IOException nobody) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot %s ports: nobody supervises the machine now; it is ending, or its fcvm process was killed"
                            .formatted(verb),
                    nobody);
        }
        List<String> rest = answer.stream().skip(1).toList();
        if (!answer.isEmpty() && answer.getFirst().equals(PortServer.DONE)) {
            return PublishedPorts.settled(rest);
        }
        throw new FcvmException(kind(answer), rest.isEmpty() ? "the machine's supervisor has failed" : rest.getFirst());
    }

    private static Kind kind(List<String> answer) {
        for (Kind kind : Kind.values()) {
            if (answer.stream().limit(1).anyMatch(kind.name()::equals)) {
                return kind;
            }
        }
        return Kind.HOST;
    }
}
