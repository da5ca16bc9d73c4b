package dev.fcvm.host.port;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.ProcessHolders;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who holds a port of the host, as far as the kernel tells: /proc/net lists sockets that listen or are connected, not
 * those that are bound only, and whose process a socket is can be seen by root and by that process's user alone.
 *
 * @param root {@code /proc}
 */
public record PortHolders(Path root) {

    private static final String LISTENING = "0A";
    private static final String TIME_WAIT = "06";
    private static final Path SYSTEM = Path.of("/proc");

    /** Which of the kernel's tables. */
    public enum Table {
        TCP,
        UDP
    }

    /**
     * A process with a socket on the port.
     *
     * @param program its name as the kernel has it, at most 15 characters, none of which controls a terminal
     * @param machine the machine of fcvm it belongs to
     */
    public record Holder(long pid, String program, Optional<MachineId> machine) {}

    /** What is known of the one who holds a port. */
    public sealed interface Finding {
        /** These processes do. */
        record Processes(List<Holder> holders) implements Finding {}

        /** A process of this user does, which is not ours to look at. */
        record OfUser(long uid) implements Finding {}

        /** It is not to be seen from here. */
        record Unknown() implements Finding {}
    }

    /** Returns those of this host. */
    public static PortHolders ofHost() {
        return new PortHolders(SYSTEM);
    }

    /**
     * Looks who holds a port.
     *
     * @param address the address it was wanted on; one that stands for all finds holders on any
     */
    public Finding find(Table table, InetAddress address, int port) {
        List<Entry> entries = entries(table, address, port);
        // One that listens stands in the way for certain; others only when nobody does.
        List<Entry> listening =
                entries.stream().filter(entry -> entry.state.equals(LISTENING)).toList();
        List<Entry> guilty = listening.isEmpty() ? entries : listening;
        if (guilty.isEmpty()) {
            return new Finding.Unknown();
        }
        Set<String> links = new HashSet<>();
        guilty.forEach(entry -> links.add("socket:[" + entry.inode + "]"));
        List<Holder> holders = holders(links);
        return holders.isEmpty() ? new Finding.OfUser(guilty.getFirst().uid) : new Finding.Processes(holders);
    }

    private record Entry(String state, long uid, String inode) {}

    private List<Entry> entries(Table table, InetAddress address, int port) {
        List<Entry> entries = new ArrayList<>();
        String name = table == Table.TCP ? "tcp" : "udp";
        for (String file : List.of(name, name + "6")) {
            Path path = root.resolve("net").resolve(file);
            for (String line : ProcessHolders.text(path).split("\n", -1)) {
                String[] words = line.strip().split("\\s+", -1);
                // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
                if (words.length < 10 || words[0].equals("sl")) {
                    continue;
                }
                int colon = words[1].indexOf(':');
                if (colon > 0
                        && Integer.parseInt(words[1].substring(colon + 1), 16) == port
                        && !words[3].equals(TIME_WAIT)
                        && meet(address, bytes(words[1].substring(0, colon)))) {
                    entries.add(new Entry(words[3], Long.parseLong(words[7]), words[9]));
                }
            }
        }
        return entries;
    }

    /** Returns an address of /proc/net, which has each 32 bits in the order of the processor. */
    private static byte[] bytes(String hex) {
        byte[] swapped = HexFormat.of().parseHex(hex);
        var bytes = new byte[swapped.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = swapped[i / 4 * 4 + 3 - i % 4];
        }
        return bytes;
    }

    private static boolean meet(InetAddress wanted, byte[] held) {
        try {
            // Java makes an IPv4 address of one that is mapped into IPv6.
            InetAddress other = InetAddress.getByAddress(held);
            if (other.equals(wanted)) {
                return true;
            }
            boolean otherIsAll = other.isAnyLocalAddress();
            // A socket on :: holds the port of IPv4, too, as a rule.
            boolean sameFamily = other.getClass() == wanted.getClass();
            return (otherIsAll && (sameFamily || held.length == 16))
                    || (wanted.isAnyLocalAddress() && (sameFamily || wanted.getAddress().length == 16));
        } catch (IOException e) {
            throw new AssertionError("the kernel's address has " + held.length + " bytes", e);
        }
    }

    private List<Holder> holders(Set<String> links) {
        List<Holder> holders = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(root, "[0-9]*")) {
            for (Path process : processes) {
                if (has(process, links)) {
                    holders.add(new Holder(
                            Long.parseLong(process.getFileName().toString()),
                            ProcessHolders.text(process.resolve("comm")).strip().replaceAll("[^ -~]", "?"),
                            machine(process)));
                }
            }
        } catch (IOException e) {
            return List.copyOf(holders);
        }
        return List.copyOf(holders);
    }

    private static boolean has(Path process, Set<String> links) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (links.contains(target(descriptor))) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException notOurs) {
            return false;
        }
        return false;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    private static Optional<MachineId> machine(Path process) {
        String before = MachineProcesses.VARIABLE + "=";
        for (String variable : ProcessHolders.text(process.resolve("environ")).split("\0", -1)) {
            if (variable.startsWith(before)
                    && variable.substring(before.length()).matches("[0-9a-f]{32}")) {
                return Optional.of(new MachineId(variable.substring(before.length())));
            }
        }
        return Optional.empty();
    }
}
