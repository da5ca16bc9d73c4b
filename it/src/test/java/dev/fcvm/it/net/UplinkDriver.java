package dev.fcvm.it.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.privileged.HostNetwork;
import dev.fcvm.net.privileged.PrivilegedUplink;
import dev.fcvm.net.privileged.UplinkRequest;
import dev.fcvm.settings.NetworkPool;
import dev.fcvm.settings.NetworkPool6;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A process of its own, in a network namespace that is the host's to it, which does with uplinks what it is told on
 * standard input: one line each, answered by one line, {@code ok …}, {@code error …} or
 * {@code defect …}.
 */
final class UplinkDriver {

    private final HostNetwork host;
    private final Path machines;
    private final NetworkPool pool;
    private final Map<String, PrivilegedUplink> uplinks = new HashMap<>();

    private UplinkDriver(HostNetwork host, Path machines, NetworkPool pool) {
        this.host = host;
        this.machines = machines;
        this.pool = pool;
    }

    /** Arguments: the directory of claims, the template, the directory of machines, the pool. */
    public static void main(String[] arguments) throws Exception {
        var driver = new UplinkDriver(
                new HostNetwork(Path.of(arguments[0]), Path.of(arguments[1])),
                Path.of(arguments[2]),
                NetworkPool.parse(arguments[3]).orElseThrow());
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String answer;
            try {
                answer = "ok " + driver.obey(line.split(" ", -1));
            } catch (FcvmException e) {
                answer = "error " + e.getMessage();
            } catch (IllegalStateException e) {
                answer = "defect " + e.getMessage();
            }
            System.out.println(answer);
        }
    }

    private String obey(String[] words) throws IOException, FcvmException, InterruptedException {
        String name = words[1];
        List<PublishedPort> ports = Arrays.stream(words)
                .skip(2)
                .filter(word -> word.contains(","))
                .map(UplinkDriver::port)
                .toList();
        switch (words[0]) {
            case "claim" -> {
                MachineId id = MachineId.random();
                Path directory = Files.createDirectories(machines.resolve(id.value()));
                Files.deleteIfExists(machines.resolve(name));
                Files.createSymbolicLink(machines.resolve(name), directory);
                Optional<NetworkPool6> pool6 =
                        Arrays.asList(words).contains("ipv6") ? Optional.of(NetworkPool6.STANDARD) : Optional.empty();
                Files.writeString(directory.resolve("id"), id.value());
                PrivilegedUplink uplink = PrivilegedUplink.claim(
                        ends(id, directory), asked(pool6), ports, Optional.empty(), Optional.empty());
                uplinks.put(name, uplink);
                return uplink.address().getHostAddress();
            }
            case "adopt" -> {
                Path directory = machines.resolve(name).toRealPath();
                uplinks.put(
                        name, PrivilegedUplink.adopt(ends(id(directory), directory), asked(Optional.empty()), ports));
            }
            case "attach" -> {
                long before = System.nanoTime();
                uplink(name).attach(Long.parseLong(words[2]));
                return Long.toString((System.nanoTime() - before) / 1000);
            }
            case "publish" -> {
                return uplink(name).publish(ports).toString();
            }
            case "unpublish" -> uplink(name).unpublish(ports.getFirst());
            case "close" -> uplink(name).close();
            case "interrupted-close" -> {
                Thread.currentThread().interrupt();
                uplink(name).close();
                return Boolean.toString(Thread.interrupted());
            }
            case "sweep" -> {
                Path directory = machines.resolve(name).toRealPath();
                journal(directory).releaseAll();
            }
            case "let-go" -> uplink(name).letGo();
            default -> throw new IllegalStateException("no such word: " + words[0]);
        }
        return "";
    }

    private static MachineId id(Path directory) throws IOException {
        return new MachineId(Files.readString(directory.resolve("id")));
    }

    private Journal journal(Path directory) throws FcvmException {
        return Journal.open(directory.resolve("journal"), List.of(PrivilegedUplink.kind(host)));
    }

    private PrivilegedUplink.Ends ends(MachineId machine, Path directory) throws FcvmException {
        return new PrivilegedUplink.Ends(machine, directory, host, journal(directory), System.err::println);
    }

    private UplinkRequest asked(Optional<NetworkPool6> pool6) {
        return new UplinkRequest(pool, pool6, List.of(InetAddress.ofLiteral("192.0.2.53")), false);
    }

    private PrivilegedUplink uplink(String name) {
        return Objects.requireNonNull(uplinks.get(name));
    }

    /** Reads PROTOCOL,ADDRESS,PORT,GUESTPORT. */
    private static PublishedPort port(String word) {
        String[] parts = word.split(",", -1);
        return new PublishedPort(
                Optional.of(InetAddress.ofLiteral(parts[1])),
                Integer.parseInt(parts[2]),
                Integer.parseInt(parts[3]),
                parts[0].equals("tcp") ? Protocol.TCP : Protocol.UDP);
    }
}
