package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.*;
import java.util.*;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

public final class NetworkOptions {
    @Option(names = "--network") @Nullable String network;
    @Option(names = {"-p", "--publish"}) List<String> publish = new ArrayList<>();
    @Option(names = "--allow-host-loopback") boolean hostLoopback;
    @Option(names = "--ipv6") boolean ipv6;

    NetworkRequest request() throws FcvmException {
        if ("none".equals(network)) return NetworkRequest.NONE;
        return new NetworkRequest(true, PublishedPorts.parse(publish), Egress.OPEN, hostLoopback, ipv6, GuestNames.HOSTS);
    }
}
