package dev.fcvm.it.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.net.JoinedNetwork;
import dev.fcvm.net.NetworkPlace;
import dev.fcvm.net.NetworkResources;
import dev.fcvm.net.flags.DnsFlags;
import dev.fcvm.net.flags.EgressFlags;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.settings.NetworkPool;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.vmm.confine.ConfinementResources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that supervises the network of one rootless machine, and does with it what it is told on standard input: one
 * line each, answered by one line, {@code ok …} or {@code error …}. Where an answer has several lines they are separated
 * by {@code |}.
 */
final class NetworkDriver {

    private static final NetworkName NETWORK = new NetworkName("one");

    private final Path place;
    private final Settings settings;
    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
    private @Nullable JoinedNetwork network;

    private NetworkDriver(Path place) throws IOException, FcvmException {
        this.place = place;
        Files.createDirectories(place.resolve("run"));
        this.settings = SettingsReader.read(
                Map.of(),
                Map.of(
                        "HOME", place.toString(),
                        "FCVM_DATA_DIR", place.resolve("data").toString(),
                        "XDG_RUNTIME_DIR", place.resolve("run").toString()),
                Path.of("/"));
    }

    /** Argument: a directory. */
    public static void main(String[] arguments) throws Exception {
        var driver = new NetworkDriver(Path.of(arguments[0]));
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String answer;
            try {
                answer = "ok " + driver.obey(line.split(" ", -1)).replace('\n', '|');
            } catch (FcvmException | IllegalStateException e) {
                answer = "error " + e.getMessage();
            }
            System.out.println(answer);
        }
    }

    private String obey(String[] words) throws IOException, FcvmException, InterruptedException {
        List<String> ports = Arrays.asList(words).subList(1, words.length);
        switch (words[0]) {
            case "prepare" -> {
                Files.createDirectories(directory());
                Files.createDirectories(place.resolve("sockets"));
                new NamedNetworks(settings.directories())
                        .create(NETWORK.value(), Optional.empty(), NetworkPool.STANDARD, Clock.systemUTC());
                network = JoinedNetwork.prepare(
                        place(), request(ports), List.of("alone"), Optional.empty(), warnings::add);
                return network.links() + "|RULES|" + network.rules();
            }
            case "attach" -> network().attach(Long.parseLong(words[1]));
            case "adopt" ->
                network = JoinedNetwork.adopt(place(), request(List.of()), Long.parseLong(words[1]), warnings::add);
            case "list" -> {
                return network().published().toString();
            }
            case "publish" -> {
                return network().publish(PublishedPorts.parse(ports)).toString();
            }
            case "unpublish" -> network().unpublish(PublishedPorts.parse(ports));
            case "warning" -> {
                return String.valueOf(warnings.poll(60, TimeUnit.SECONDS));
            }
            case "part" -> network().part();
            case "close" -> {
                network().close();
                new NamedNetworks(settings.directories()).remove(NETWORK.value());
            }
            case "sweep" -> {
                place().journal().releaseAll();
                var networks = new NamedNetworks(settings.directories());
                if (!networks.list().isEmpty()) {
                    networks.remove(NETWORK.value());
                }
            }
            case "files" -> {
                return Files.exists(journal()) + " " + Files.exists(place.resolve("sockets/ports.sock"));
            }
            default -> throw new IllegalStateException("no such word: " + words[0]);
        }
        return "";
    }

    private static NetworkRequest request(List<String> ports) throws FcvmException {
        return new NetworkRequest(
                true,
                PublishedPorts.parse(ports),
                EgressFlags.parse(Optional.of("deny"), List.of("allowed.test")),
                false,
                false,
                DnsFlags.parse(List.of("192.0.2.53"), List.of(), List.of(), List.of()),
                Optional.of(NETWORK));
    }

    /** The same machine for each process that takes it over. */
    private MachineId machine() throws IOException {
        Path file = place.resolve("id");
        if (!Files.exists(file)) {
            Files.writeString(file, MachineId.random().value());
        }
        return new MachineId(Files.readString(file));
    }

    private Path directory() throws IOException {
        return settings.directories().machines().resolve(machine().value());
    }

    private Path journal() throws IOException {
        return directory().resolve("journal");
    }

    private NetworkPlace place() throws IOException, FcvmException {
        // What a machine's journal may hold of its network; users are written down as the monitor's are.
        List<ResourceKind> kinds = new ArrayList<>(NetworkResources.kinds(settings.directories()));
        kinds.addAll(ConfinementResources.kinds());
        return new NetworkPlace(
                machine(), directory(), place.resolve("sockets"), true, settings, Journal.open(journal(), kinds));
    }

    private JoinedNetwork network() {
        if (network == null) {
            throw new IllegalStateException("there is none");
        }
        return network;
    }
}
