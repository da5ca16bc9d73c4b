package dev.fcvm.net.named;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.net.flags.Addresses;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machines in a network: for each a file by its address, a hosts(5) file that the name servers of all of them follow,
 * with the machine's id in its first line. The place is that machine's, whichever process supervises it, until it is given
 * back by the machine's journal, or the machine's directory is gone. Everything here is done under the networks' lock.
 *
 * @param directory the network's
 * @param subnet the addresses there are
 * @param machines where each machine has its directory
 */
record Members(Path directory, Subnet subnet, Path machines) {

    private static final Pattern OWNER = Pattern.compile("# machine ([0-9a-f]{32})(?: .*)?");

    /** What a name server takes for a name: labels of at most 63 characters, 253 in all. */
    private static final Pattern NAME = Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(?:\\.[A-Za-z0-9_-]{1,63})*");

    /** One of them. */
    record Member(Inet4Address address, MachineId machine, List<String> names) {}

    /** Returns where the name servers read names. */
    Path hosts() {
        return directory.resolve("members");
    }

    void make() throws IOException {
        Files.createDirectory(hosts());
        // For the name servers' users; nobody else comes as far as here.
        Files.setPosixFilePermissions(hosts(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path file(Inet4Address address) {
        return hosts().resolve(address.getHostAddress());
    }

    /**
     * Finds an address that nobody has.
     *
     * @param preferred one the machine had before, if it is to have that again where it is free
     */
    Optional<Inet4Address> free(MachineId machine, Optional<Inet4Address> preferred) {
        if (preferred.filter(this::isPlace).filter(this::isFree).isPresent()) {
            return preferred;
        }
        // Not the lowest: an address that was just given back is not at once somebody else's.
        int start = Math.floorMod(machine.hashCode(), subnet.places());
        for (int step = 0; step < subnet.places(); step++) {
            Inet4Address address = subnet.place((start + step) % subnet.places());
            if (isFree(address)) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    private boolean isPlace(Inet4Address address) {
        for (int index = 0; index < subnet.places(); index++) {
            if (subnet.place(index).equals(address)) {
                return true;
            }
        }
        return false;
    }

    private boolean isFree(Inet4Address address) {
        return !Files.exists(file(address));
    }

    /** Gives a free address to a machine. */
    void take(Inet4Address address, MachineId machine, List<String> names) throws IOException {
        StringBuilder text = new StringBuilder("# machine %s\n".formatted(machine.value()));
        for (String name : names) {
            if (isResolvable(name)) {
                text.append(address.getHostAddress()).append(' ').append(name).append('\n');
            }
        }
        AtomicFiles.writeForAll(file(address), text.toString());
    }

    /** Returns whether a name server could tell it: it is a name, and no address. */
    static boolean isResolvable(String name) {
        return NAME.matcher(name).matches() && Addresses.parse(name).isEmpty();
    }

    /** Tells whether an address is this machine's. */
    boolean isOf(Inet4Address address, MachineId machine) throws IOException {
        return !isFree(address) && read(file(address)).machine().equals(machine);
    }

    /** Gives an address back, if it is this machine's. */
    void release(Inet4Address address, MachineId machine) throws IOException {
        if (isOf(address, machine)) {
            Files.delete(file(address));
        }
    }

    /** Returns those that are there still. */
    List<Member> present() throws IOException {
        return all().stream().filter(this::isPresent).toList();
    }

    /** Forgets machines that are gone altogether, and returns whether none is left. */
    boolean sweep() throws IOException {
        boolean none = true;
        for (Member member : all()) {
            if (isPresent(member)) {
                none = false;
            } else {
                Files.deleteIfExists(file(member.address()));
            }
        }
        return none;
    }

    /** One whose directory was deleted while it ran is there as well. */
    private boolean isPresent(Member member) {
        return Files.isDirectory(machines.resolve(member.machine().value()))
                || !new MachineProcesses(member.machine()).living().isEmpty();
    }

    private List<Member> all() throws IOException {
        List<Member> members = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(hosts(), "[0-9]*")) {
            for (Path file : files) {
                members.add(read(file));
            }
        }
        members.sort(Comparator.comparingLong(member -> Integer.toUnsignedLong(Subnet.number(member.address()))));
        return members;
    }

    private static Member read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        Matcher owner = OWNER.matcher(lines.isEmpty() ? "" : lines.getFirst());
        Optional<InetAddress> address = Addresses.parse(String.valueOf(file.getFileName()));
        if (!owner.matches() || address.isEmpty() || !(address.get() instanceof Inet4Address own)) {
            throw new IOException(file + " is none of fcvm's files; delete it");
        }
        List<String> names = lines.stream()
                .skip(1)
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
        return new Member(own, new MachineId(owner.group(1)), names);
    }
}
