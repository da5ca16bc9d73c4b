package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.net.LiveUplink;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The published ports of this user's machines. */
public final class RunningPorts implements LivePorts {

    private final Source source;
    private final Consumer<String> warnings;

    /** Where the settings come from. */
    @FunctionalInterface
    public interface Source {
        /** Reads what the user has set. */
        Settings read() throws FcvmException;
    }

    /**
     * Makes one; nothing is read before it is asked.
     *
     * @param warnings is told in one line what is not as it should be
     */
    public RunningPorts(Source source, Consumer<String> warnings) {
        this.source = source;
        this.warnings = warnings;
    }

    @Override
    public List<PublishedPort> list(String machine) throws FcvmException, InterruptedException {
        Optional<LiveUplink> uplink = find(machine);
        return uplink.isPresent() ? uplink.get().list() : List.of();
    }

    @Override
    public List<PublishedPort> publish(String machine, List<PublishedPort> ports)
            throws FcvmException, InterruptedException {
        return find(machine)
                .orElseThrow(() -> new FcvmException(
                        Kind.USAGE,
                        "cannot publish ports of machine %s: it was started with --network none".formatted(machine)))
                .publish(ports);
    }

    @Override
    public void unpublish(String machine, List<PublishedPort> ports) throws FcvmException, InterruptedException {
        Optional<LiveUplink> uplink = find(machine);
        if (uplink.isPresent()) {
            uplink.get().unpublish(ports);
        }
    }

    private Optional<LiveUplink> find(String reference) throws FcvmException, InterruptedException {
        Settings settings = source.read();
        StoredMachine machine = MachineStore.open(settings.directories()).find(reference);
        MachineFiles files = machine.files();
        boolean booted =
                machine.state() instanceof MachineState.Running || machine.state() instanceof MachineState.Paused;
        if (!booted) {
            throw notRunning(machine);
        }
        for (ProcessHandle process : new MachineProcesses(files.id()).living()) {
            if (isElsewhere(process.pid())) {
                return LiveUplink.of(
                        files.id(),
                        files.directory(),
                        files.sockets(),
                        process.pid(),
                        RunNetwork.hostNetwork(settings),
                        warnings);
            }
        }
        throw notRunning(machine);
    }

    private static FcvmException notRunning(StoredMachine machine) {
        return new FcvmException(
                Kind.USAGE, "machine %s does not run, so it has no ports: fcvm ps".formatted(machine.name()));
    }

    /** Tells the machine's namespaces from ours, in which some of what serves it runs. */
    private static boolean isElsewhere(long process) {
        try {
            return !Files.readSymbolicLink(Path.of("/proc", Long.toString(process), "ns/net"))
                    .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
        } catch (IOException e) {
            return false; // it has ended, or is not ours to look at
        }
    }
}
