package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which machine has which addresses of the pool. A claim is a symbolic link by the name of the network to the machine's
 * directory: it is that machine's, whichever process supervises it, until it is given back by the machine's journal.
 *
 * <p>One whose machine's directory was deleted by hand is given to another machine only when there is no other left. A
 * network whose veth is there is in use, claimed or not.
 */
final class NetworkClaims {

    private static final String ROUTES = "/proc/self/net/route";
    /** In here is what the host calls its interfaces, in this process's network namespace (unlike /sys). */
    private static final Path INTERFACES = Path.of("/proc/sys/net/ipv4/conf");

    private final Path directory;

    NetworkClaims(Path directory) {
        this.directory = directory;
    }

    /** Does something before a network becomes a machine's. */
    interface Step {
        void take(MachineNetwork network) throws IOException, FcvmException, InterruptedException;
    }

    /**
     * Claims one.
     *
     * @param owner the machine's directory
     * @param preferred the one it had before, if it is to have that again where it is free
     * @param journal done before it is claimed
     * @param clear done before one is taken over from a machine that is gone
     * @throws FcvmException when all are in use, or the host uses the pool for something else
     */
    MachineNetwork claim(Path owner, NetworkPool pool, Optional<MachineNetwork> preferred, Step journal, Step clear)
            throws FcvmException, InterruptedException {
        refuseForeignRoutes(pool, Path.of(ROUTES));
        return locked(() -> {
            if (preferred.isPresent()
                    && pool.holds(preferred.get().first(), MachineNetwork.PREFIX)
                    && isFree(preferred.get(), false, clear)) {
                return take(owner, preferred.get(), journal);
            }
            // Not the lowest: an address that was just given back is not at once somebody else's.
            int start = Math.floorMod(owner.hashCode(), pool.size());
            for (boolean takeOver : new boolean[] {false, true}) {
                for (int step = 0; step < pool.size(); step++) {
                    var network = new MachineNetwork(pool.network((start + step) % pool.size()));
                    if (isFree(network, takeOver, clear)) {
                        return take(owner, network, journal);
                    }
                }
            }
            throw new FcvmException(
                    Kind.IN_USE,
                    "all %d networks for machines in %s are in use: set FCVM_NETWORK_POOL to a larger network"
                            .formatted(pool.size(), pool));
        });
    }

    private MachineNetwork take(Path owner, MachineNetwork network, Step journal)
            throws IOException, FcvmException, InterruptedException {
        journal.take(network);
        Files.createSymbolicLink(link(network), owner);
        return network;
    }

    /** What is done alone on this host. */
    interface Locked<T> {
        T run() throws IOException, FcvmException, InterruptedException;
    }

    <T> T locked(Locked<T> action) throws FcvmException, InterruptedException {
        PrivateDirectories.require(directory);
        try (LockFile _ = LockFile.exclusive(directory.resolve("lock"))) {
            return action.run();
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot see to the networks of machines in %s: %s".formatted(directory, e), e);
        }
    }

    private boolean isFree(MachineNetwork network, boolean takeOver, Step clear)
            throws IOException, FcvmException, InterruptedException {
        if (isThere(network.veth())) {
            return false;
        }
        Path link = link(network);
        if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (!takeOver || Files.exists(directory.resolve(Files.readSymbolicLink(link)))) {
            return false;
        }
        clear.take(network);
        release(network);
        return true;
    }

    /** Returns the directory of the machine whose a network is, as far as anybody claims it. */
    Optional<Path> owner(MachineNetwork network) throws IOException {
        Path link = link(network);
        return Files.isSymbolicLink(link) ? Optional.of(Files.readSymbolicLink(link)) : Optional.empty();
    }

    /** Tells whether it is claimed by the machine of this directory. */
    boolean isOf(MachineNetwork network, Path owner) throws IOException {
        return owner(network).filter(owner::equals).isPresent();
    }

    /** Gives a network back. */
    void release(MachineNetwork network) throws IOException {
        Files.deleteIfExists(link(network));
    }

    private Path link(MachineNetwork network) {
        return directory.resolve(network.host().getHostAddress());
    }

    /** Returns whether the host has an interface of this name. */
    static boolean isThere(String name) {
        return Files.exists(INTERFACES.resolve(name));
    }

    /**
     * Refuses a pool of which the host uses a part for something else. That the pool is itself a part of a larger
     * network, as behind a VPN, is no reason: its addresses are then only not to be reached there.
     *
     * @param routes as {@code /proc/net/route} has them, see proc(5)
     */
    static void refuseForeignRoutes(NetworkPool pool, Path routes) throws FcvmException {
        try {
            for (String line : Files.readAllLines(routes)) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 7 && fields[1].matches("[0-9A-F]{8}") && !fields[0].startsWith("fcvm")) {
                    int network = Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16));
                    int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
                    if (pool.holds(network, prefix)) {
                        throw new FcvmException(
                                Kind.IN_USE,
                                ("the host uses %s/%d, a part of the addresses for machines, %s, on %s:"
                                                + " set FCVM_NETWORK_POOL to a network that nothing uses")
                                        .formatted(
                                                NetworkPool.address(network).getHostAddress(),
                                                prefix,
                                                pool,
                                                fields[0]));
                    }
                }
            }
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot read the host's routes in %s".formatted(routes), e);
        }
    }
}
