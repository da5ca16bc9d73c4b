package dev.fcvm.net.named;

import dev.fcvm.host.AtomicFiles;
import dev.fcvm.host.LockFile;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.MachineProcesses;
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
 * The machines in a network: for each a file by its address, a hosts(5) file that the name servers of all of them
 * follow, and another whose lock the supervising process holds. Everything here is done under the networks' lock.
 *
 * @param directory the network's
 * @param subnet the addresses there are
 */
record Members(Path directory, Subnet subnet) {

    private static final Pattern OWNER = Pattern.compile("# machine ([0-9a-f]{32}) of process ([0-9]{1,10})");

    /** What a name server takes for a name: labels of at most 63 characters, 253 in all. */
    private static final Pattern NAME = Pattern.compile("(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(?:\\.[A-Za-z0-9_-]{1,63})*");

    /**
     * One of them.
     *
     * @param process the process that supervises it, which has ended when its lock is free
     */
    record Member(Inet4Address address, MachineId machine, long process, List<String> names) {}

    /** Returns where the name servers read names. */
    Path hosts() {
        return directory.resolve("members");
    }

    private Path locks() {
        return directory.resolve("locks");
    }

    void make() throws IOException {
        Files.createDirectory(hosts());
        // For the name servers' users; nobody else comes as far as here.
        Files.setPosixFilePermissions(hosts(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(locks());
    }

    /** Takes an address for a machine of this process; nothing when there is none left. */
    Optional<Claim> claim(MachineId machine, List<String> names) throws IOException {
        // Not the lowest: an address that was just given back is not at once somebody else's.
        int start = Math.floorMod(machine.hashCode(), subnet.places());
        for (int step = 0; step < subnet.places(); step++) {
            Inet4Address address = subnet.place((start + step) % subnet.places());
            if (!Files.exists(hosts().resolve(address.getHostAddress()))) {
                return Optional.of(take(address, machine, names));
            }
        }
        return Optional.empty();
    }

    private Claim take(Inet4Address address, MachineId machine, List<String> names) throws IOException {
        Path lockFile = locks().resolve(address.getHostAddress());
        LockFile lock = LockFile.tryExclusive(lockFile)
                .orElseThrow(() -> new IOException("the fresh claim " + lockFile + " is locked"));
        boolean taken = false;
        try {
            StringBuilder text = new StringBuilder("# machine %s of process %d\n"
                    .formatted(machine.value(), ProcessHandle.current().pid()));
            for (String name : names) {
                if (isResolvable(name)) {
                    text.append(address.getHostAddress())
                            .append(' ')
                            .append(name)
                            .append('\n');
                }
            }
            AtomicFiles.writeForAll(hosts().resolve(address.getHostAddress()), text.toString());
            taken = true;
            return new Claim(address, lock);
        } finally {
            if (!taken) {
                lock.close();
                Files.deleteIfExists(lockFile);
            }
        }
    }

    /** Returns whether a name server could tell it: it is a name, and no address. */
    static boolean isResolvable(String name) {
        return NAME.matcher(name).matches() && Addresses.parse(name).isEmpty();
    }

    /**
     * An address that is a machine's.
     *
     * @param lock held as long as it is
     */
    record Claim(Inet4Address address, LockFile lock) {}

    /** Gives it back. */
    void release(Claim claim) throws IOException {
        try (LockFile _ = claim.lock()) {
            forget(claim.address());
        }
    }

    private void forget(Inet4Address address) throws IOException {
        Files.deleteIfExists(hosts().resolve(address.getHostAddress()));
        Files.deleteIfExists(locks().resolve(address.getHostAddress()));
    }

    /** Returns those whose supervisor lives. */
    List<Member> living() throws IOException {
        List<Member> living = new ArrayList<>();
        for (Member member : all()) {
            if (isHeld(member)) {
                living.add(member);
            }
        }
        return living;
    }

    /**
     * Forgets machines that are gone altogether, and returns whether none is left. One whose supervisor was killed but
     * which runs still keeps its address until it is cleared away.
     */
    boolean sweep() throws IOException {
        boolean none = true;
        for (Member member : all()) {
            if (isHeld(member)
                    || !new MachineProcesses(member.machine()).living().isEmpty()) {
                none = false;
            } else {
                forget(member.address());
            }
        }
        return none;
    }

    private boolean isHeld(Member member) throws IOException {
        if (member.process() == ProcessHandle.current().pid()) {
            return true; // our own; to open the file would be to lose its lock
        }
        Optional<LockFile> free =
                LockFile.tryExclusive(locks().resolve(member.address().getHostAddress()));
        if (free.isPresent()) {
            free.get().close();
        }
        return free.isEmpty();
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
        return new Member(own, new MachineId(owner.group(1)), Long.parseLong(owner.group(2)), names);
    }
}
