package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.settings.Directories;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The networks of a user that join machines, as files: a directory each in the data directory, by its name. A network
 * has a process, its {@link EthernetSwitch}, as long as a machine is in it. Whatever changes is changed under one lock.
 */
public final class NamedNetworks {

    private static final Path ROUTES = Path.of("/proc/self/net/route");

    private final NetworkFiles files;
    private final Path routes;

    /** Names them; does nothing. */
    public NamedNetworks(Directories directories) {
        this(directories, ROUTES);
    }

    /**
     * The same on a made-up host.
     *
     * @param routes as {@code /proc/net/route} has them, see proc(5)
     */
    NamedNetworks(Directories directories, Path routes) {
        this.files = new NetworkFiles(directories);
        this.routes = routes;
    }

    /**
     * Checks, before anything is made for a machine, that it could be in this network.
     *
     * @throws FcvmException when there is no such network, or a tool is missing
     */
    public void check(NetworkName name) throws FcvmException {
        files.find(name);
        EthernetSwitch.check();
    }

    /**
     * Makes a network.
     *
     * @param name what it is to be called
     * @param subnet ADDRESS/PREFIX for its machines; one that nothing uses is chosen without
     * @param pool the addresses of privileged machines
     * @throws FcvmException when the name is taken, or the subnet is no good or in use
     */
    public void create(String name, Optional<String> subnet, NetworkPool pool, Clock clock)
            throws FcvmException, InterruptedException {
        NetworkName checked = NetworkName.parseNew(name);
        Optional<Subnet> wanted = Optional.empty();
        if (subnet.isPresent()) {
            wanted = Optional.of(Subnet.parse(subnet.get()).orElseThrow(() -> malformed(subnet.get())));
        }
        Optional<Subnet> given = wanted;
        files.locked(() -> {
            if (Files.exists(files.directory(checked))) {
                throw new FcvmException(
                        Kind.IN_USE, "the network %s is there already; choose another name".formatted(checked));
            }
            Subnets free = Subnets.ofHost(pool, routes, files.all());
            if (given.isPresent()) {
                free.requireFree(given.get());
            }
            Subnet own = given.isPresent() ? given.get() : free.free();
            files.write(new NamedNetwork(checked, MachineId.random(), own, clock.instant()));
            return own;
        });
    }

    private static FcvmException malformed(String subnet) {
        return new FcvmException(
                Kind.USAGE,
                "--subnet is \"%s\"; it must be a network of IPv4 addresses with 16 to 29 bits, such as 10.90.0.0/24, and neither 172.30.0.0/30 nor loopback, link-local or multicast addresses"
                        .formatted(subnet.replaceAll("\\p{Cntrl}", "?")));
    }

    /** Returns all of them, by their names. */
    public List<NetworkView> list() throws FcvmException, InterruptedException {
        return files.locked(() -> {
            List<NetworkView> views = new ArrayList<>();
            for (NamedNetwork network : files.all()) {
                views.add(view(network));
            }
            return views;
        });
    }

    /**
     * Returns one.
     *
     * @param reference its name, or its id or the unmistakable beginning of that
     * @throws FcvmException when there is none
     */
    public NetworkView inspect(String reference) throws FcvmException, InterruptedException {
        return files.locked(() -> view(files.find(reference)));
    }

    private NetworkView view(NamedNetwork network) throws IOException {
        return new NetworkView(
                network.name().value(),
                network.id().value(),
                network.created().toString(),
                network.subnet().toString(),
                files.members(network).present().stream()
                        .map(member -> new NetworkView.Machine(
                                member.machine().value(), member.address().getHostAddress(), member.names()))
                        .toList());
    }

    /**
     * Removes a network no machine is in.
     *
     * @param reference as for {@link #inspect}
     * @return nothing when it is removed, or the ids of the machines in it
     * @throws FcvmException when there is no such network
     */
    public List<String> remove(String reference) throws FcvmException, InterruptedException {
        return files.locked(() -> {
            NamedNetwork network = files.find(reference);
            Members members = files.members(network);
            List<String> present = members.present().stream()
                    .map(member -> member.machine().value())
                    .toList();
            if (present.isEmpty()) {
                members.sweep();
                files.ethernet(network).end();
                files.delete(network);
            }
            return present;
        });
    }

    /**
     * Gives a machine a place in a network, and starts that if it is the first.
     *
     * @param names the names by which the others are to find it
     * @param preferred an address it had before, if it is to have that again where it is free
     * @param users of whom the network's switch gets one, if root starts it
     * @param journal the machine's, by which the place is given back
     * @throws FcvmException when there is no such network, or it is full
     */
    public Membership join(
            NetworkName name,
            MachineId machine,
            List<String> names,
            Optional<Inet4Address> preferred,
            UserRange users,
            Journal journal)
            throws FcvmException, InterruptedException {
        NamedNetwork network = files.find(name);
        PlaceInNetwork place = files.locked(() -> {
            Members members = files.members(files.find(name));
            members.sweep();
            Inet4Address address = members.free(machine, preferred)
                    .orElseThrow(() -> new FcvmException(
                            Kind.IN_USE,
                            "the network %s is full: %d machines are in it; end one, or make another network"
                                    .formatted(name, network.subnet().places())));
            PlaceInNetwork taken = new PlaceInNetwork(this, name, address, machine);
            journal.acquire(taken);
            members.take(address, machine, names);
            return taken;
        });
        boolean joined = false;
        try {
            files.locked(() -> {
                files.ethernet(network).ensure(users);
                return place;
            });
            joined = true;
            return new Membership(this, network, place, journal);
        } finally {
            if (!joined) {
                journal.release(place);
            }
        }
    }

    /**
     * Takes over the place of a machine whose supervisor is gone.
     *
     * @param journal the machine's
     * @throws FcvmException when that knows of none in this network
     */
    public Membership adopt(NetworkName name, MachineId machine, Journal journal)
            throws FcvmException, InterruptedException {
        PlaceInNetwork place = journal.held().stream()
                .filter(PlaceInNetwork.class::isInstance)
                .map(PlaceInNetwork.class::cast)
                .filter(held -> held.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "cannot take over the place of machine %s in the network %s: its journal names none"
                                .formatted(machine.brief(), name)));
        return new Membership(this, files.find(name), place, journal);
    }

    /** Returns how places are read back from a machine's journal. */
    public ResourceKind placeKind() {
        return PlaceInNetwork.kind(this);
    }

    Path names(NamedNetwork network) {
        return files.members(network).hosts();
    }

    /** Plugs a machine that has a place there in, and starts the switch anew if that has ended. */
    Process plug(NamedNetwork network, MachineId machine, HelperPlace place, UserRange users, HelperLog log)
            throws FcvmException, InterruptedException {
        EthernetSwitch ethernet = files.ethernet(network);
        files.locked(() -> {
            ethernet.ensure(users);
            return ethernet;
        });
        return ethernet.plug(machine, place, log);
    }

    void leave(PlaceInNetwork place) throws FcvmException, InterruptedException {
        if (!Files.isDirectory(files.directory(place.name()))) {
            return; // it was deleted by hand
        }
        files.locked(() -> {
            NamedNetwork network = files.find(place.name());
            Members members = files.members(network);
            members.release(place.address(), place.machine());
            if (members.sweep()) {
                files.ethernet(network).end();
            }
            return place;
        });
    }

    /** Takes back what killed processes have left in any network. When nothing is left it costs a directory listing. */
    public void sweep() throws FcvmException, InterruptedException {
        if (!files.any()) {
            return;
        }
        files.locked(() -> {
            for (NamedNetwork network : files.all()) {
                if (Files.exists(files.ethernet(network).directory())
                        && files.members(network).sweep()) {
                    files.ethernet(network).end();
                }
            }
            files.deleteUnfinished();
            return this;
        });
    }
}
