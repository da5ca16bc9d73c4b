package dev.fcvm.guest.network;

import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.Syscalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine's one network card, known by its hardware address, which is the same in every machine. Brought up with
 * ioctls (netdevice(7)): a process for it would cost more than all the rest of asking for the plan.
 */
public final class NetworkCard {

    /** What the host gives every machine's card: 172.30.0.2 in its last four bytes. */
    private static final String HARDWARE_ADDRESS = "06:00:ac:1e:00:02";

    private static final byte[] ADDRESS = {(byte) 172, 30, 0, 2};
    private static final byte[] GATEWAY = {(byte) 172, 30, 0, 1};
    private static final byte[] ANY = {0, 0, 0, 0};
    private static final byte[] MASK = {(byte) 255, (byte) 255, (byte) 255, (byte) 252};
    private static final byte[] HOST_MASK = {(byte) 255, (byte) 255, (byte) 255, (byte) 255};

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SIOCADDRT = 0x890B;
    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCSIFADDR = 0x8916;
    private static final int SIOCSIFNETMASK = 0x891C;
    private static final int SIOCDELRT = 0x890C;
    private static final int SIOCSIFMTU = 0x8922;
    private static final short IFF_UP = 1;
    private static final short RTF_UP = 1;
    private static final short RTF_GATEWAY = 2;
    private static final short RTF_HOST = 4;
    private static final short RTF_REJECT = 0x200;
    private static final int EEXIST = 17;
    private static final int ESRCH = 3;

    /** struct ifreq: the name, then a union that begins with an address or with flags. */
    private static final int REQUEST_BYTES = 40;

    private static final int NAME_BYTES = 16;
    /** struct rtentry of 64-bit machines. */
    private static final int ROUTE_BYTES = 120;

    private static final int ROUTE_DESTINATION = 8;
    private static final int ROUTE_GATEWAY = 24;
    private static final int ROUTE_MASK = 40;
    private static final int ROUTE_FLAGS = 56;
    private static final int ROUTE_DEVICE = 88;

    private final Path networks;
    private final Syscalls syscalls;
    private final MemorySegment error = Syscalls.errorRoom();

    public NetworkCard(Path networks, Syscalls syscalls) {
        this.networks = networks;
        this.syscalls = syscalls;
    }

    /**
     * Gives the card its address and a route to the metadata service. What is there stays.
     *
     * @throws IOException when there is no such card, or the kernel refuses
     */
    public void bringUp() throws IOException {
        String name = find();
        long socket = open();
        try {
            if (bringUp(name, socket)) {
                ByteBuffer route = route(MetadataService.ADDRESS, HOST_MASK, (short) (RTF_UP | RTF_HOST));
                ByteBuffer device = request(name);
                route.putLong(ROUTE_DEVICE, Syscalls.addressOf(device)); // which begins with the name
                ioctl("set a route", socket, SIOCADDRT, route);
            }
        } finally {
            close(socket);
        }
    }

    /**
     * Makes the card the way to the world, and the metadata service unreachable: what it had to say has been heard, and
     * is no business of a container's. Idempotent.
     *
     * @param mtu the largest packet
     * @return the card's name
     */
    public String join(int mtu) throws IOException {
        String name = find();
        long socket = open();
        try {
            bringUp(name, socket);
            ByteBuffer request = request(name);
            request.putInt(NAME_BYTES, mtu);
            ioctl("set its largest packet", socket, SIOCSIFMTU, request);
            ByteBuffer gateway = route(ANY, ANY, (short) (RTF_UP | RTF_GATEWAY));
            address(gateway, ROUTE_GATEWAY, GATEWAY, 0);
            ioctlUnless(EEXIST, "set the default route", socket, SIOCADDRT, gateway);
            ioctlUnless(ESRCH, "take a route away", socket, SIOCDELRT, route(MetadataService.ADDRESS, HOST_MASK, (short)
                    (RTF_UP | RTF_HOST)));
            ioctlUnless(EEXIST, "close a route", socket, SIOCADDRT, route(MetadataService.ADDRESS, HOST_MASK, (short)
                    (RTF_UP | RTF_HOST | RTF_REJECT)));
            return name;
        } finally {
            close(socket);
        }
    }

    /** Returns whether it was down before. */
    private boolean bringUp(String name, long socket) throws IOException {
        ByteBuffer request = request(name);
        ioctl("read its flags", socket, SIOCGIFFLAGS, request);
        short flags = request.getShort(NAME_BYTES);
        if ((flags & IFF_UP) != 0) {
            return false; // the agent was started anew
        }
        address(request, NAME_BYTES, ADDRESS, 0);
        ioctl("set its address", socket, SIOCSIFADDR, request);
        address(request, NAME_BYTES, MASK, 0);
        ioctl("set its network", socket, SIOCSIFNETMASK, request);
        request.putShort(NAME_BYTES, (short) (flags | IFF_UP));
        ioctl("bring it up", socket, SIOCSIFFLAGS, request);
        return true;
    }

    private long open() throws IOException {
        return syscalls.call("socket", error, Syscalls.SOCKET, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0);
    }

    private void close(long socket) throws IOException {
        syscalls.call("close", error, Syscalls.CLOSE, socket, 0, 0, 0);
    }

    private static ByteBuffer request(String name) {
        ByteBuffer request = Syscalls.memory(REQUEST_BYTES);
        request.put(0, name.getBytes(StandardCharsets.US_ASCII));
        return request;
    }

    private static ByteBuffer route(byte[] destination, byte[] mask, short flags) {
        ByteBuffer route = Syscalls.memory(ROUTE_BYTES);
        address(route, ROUTE_DESTINATION, destination, 0);
        address(route, ROUTE_MASK, mask, 0);
        route.putShort(ROUTE_FLAGS, flags);
        return route;
    }

    private String find() throws IOException {
        String[] names = networks.toFile().list();
        for (String name : names == null ? new String[0] : names) {
            Path file = networks.resolve(name).resolve("address");
            if (name.length() < NAME_BYTES && Files.readString(file).strip().equals(HARDWARE_ADDRESS)) {
                return name;
            }
        }
        throw new IOException("this machine has no network card " + HARDWARE_ADDRESS);
    }

    /** One error means that all is as it is to be. */
    private void ioctlUnless(int error, String what, long socket, int request, ByteBuffer argument) throws IOException {
        try {
            ioctl(what, socket, request, argument);
        } catch (IOException e) {
            if (!(e.getCause() instanceof Syscalls.Refused refused) || refused.number() != error) {
                throw e;
            }
        }
    }

    private void ioctl(String what, long socket, int request, ByteBuffer argument) throws IOException {
        try {
            syscalls.call("ioctl", error, Syscalls.IOCTL, socket, request, Syscalls.addressOf(argument), 0);
        } catch (IOException e) {
            throw new IOException("network card: cannot " + what + ": " + Console.reason(e), e);
        }
    }

    /** Fills a struct sockaddr_in. */
    static void address(ByteBuffer memory, int offset, byte[] address, int port) {
        memory.putLong(offset, 0).putLong(offset + Long.BYTES, 0);
        memory.putShort(offset, (short) AF_INET);
        memory.putShort(offset + 2, Short.reverseBytes((short) port));
        memory.put(offset + 4, address);
    }
}
