package dev.fcvm.net.flags;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.Egress.Allowed;
import dev.fcvm.net.flags.Egress.AllowedName;
import dev.fcvm.net.flags.Egress.AllowedNetwork;
import dev.fcvm.net.flags.GuestNames.HostEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What the flags of networks are given is read or refused in one line; what is read is written, and read again, alike.
 * Without {@code JAZZER_FUZZ=1} only the inputs under src/test/resources are run.
 */
class NetworkFlagsFuzzTest {

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyPublishedPort(byte[] bytes) throws Exception {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<PublishedPort> ports;
        try {
            ports = PublishedPorts.parse(List.of(text));
        } catch (FcvmException e) {
            oneLine(e);
            return;
        }
        require(!ports.isEmpty() && ports.size() <= PublishedPorts.MOST, text);
        for (PublishedPort port : ports) {
            String written = PublishedPorts.written(port);
            require(PublishedPorts.parse(List.of(written)).equals(List.of(port)), written);
        }
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyDestination(byte[] bytes) throws Exception {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<Allowed> allowed;
        try {
            allowed = EgressFlags.parse(Optional.of("deny"), List.of(text)).allowed();
        } catch (FcvmException e) {
            oneLine(e);
            return;
        }
        switch (allowed.getFirst()) {
            case AllowedNetwork network -> require(network.cidr().matches("[0-9a-f.:]+/[0-9]{1,3}"), network.cidr());
            case AllowedName name -> require(name.name().matches("[a-z0-9.-]{1,253}"), name.name());
        }
        require(
                EgressFlags.parse(Optional.of("deny"), List.of(written(allowed.getFirst())))
                        .allowed()
                        .equals(allowed),
                text);
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyName(byte[] bytes) throws Exception {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            for (HostEntry host : DnsFlags.parse(List.of(), List.of(), List.of(), List.of(text))
                    .hosts()) {
                require(host.name().matches("[a-z0-9_.-]{1,253}"), host.name());
            }
        } catch (FcvmException e) {
            oneLine(e);
        }
        try {
            for (String domain : DnsFlags.parse(List.of(), List.of(text), List.of(), List.of())
                    .search()) {
                require(domain.matches("[a-z0-9_.-]{1,253}"), domain);
            }
        } catch (FcvmException e) {
            oneLine(e);
        }
    }

    private static String written(Allowed allowed) {
        String destination = switch (allowed) {
            case AllowedNetwork(String cidr, var _) -> cidr.contains(":") ? "[" + cidr + "]" : cidr;
            case AllowedName(String name, var _) -> name;
        };
        return destination + (allowed.port().isPresent() ? ":" + allowed.port().getAsInt() : "");
    }

    private static void oneLine(FcvmException e) {
        String message = String.valueOf(e.getMessage());
        require(message.chars().noneMatch(Character::isISOControl), message);
        require(message.length() < 500, message);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
