package dev.fcvm.guest;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine's one network card, known by its hardware address, which is the same in every machine. Brought up with
 * ioctls (netdevice(7)): a process for it would cost more than all the rest of asking for the plan.
 */
final class NetworkCard {

    /** What the host gives every machine's card: 172.30.0.2 in its last four bytes. */
    private static final String HARDWARE_ADDRESS = "06:00:ac:1e:00:02";

    private static final byte[] ADDRESS = {(byte) 172, 30, 0, 2};
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
    private static final short IFF_UP = 1;
    private static final short RTF_UP_AND_HOST = 1 | 4;

    /** struct ifreq: the name, then a union that begins with an address or with flags. */
    private static final int REQUEST_BYTES = 40;

    private static final int NAME_BYTES = 16;
    /** struct rtentry of 64-bit machines. */
    private static final int ROUTE_BYTES = 120;

    private static final int ROUTE_DESTINATION = 8;
    private static final int ROUTE_MASK = 40;
    private static final int ROUTE_FLAGS = 56;
    private static final int ROUTE_DEVICE = 88;

    private final Path networks;
    private final Syscalls syscalls;
    private final MemorySegment error = Syscalls.errorRoom();

    NetworkCard(Path networks, Syscalls syscalls) {
        this.networks = networks;
        this.syscalls = syscalls;
    }

    /**
     * Gives the card its address and a route to the metadata service. What is there stays.
     *
     * @throws IOException when there is no such card, or the kernel refuses
     */
    void bringUp() throws IOException {
        byte[] name = find().getBytes(StandardCharsets.US_ASCII);
        long socket = syscalls.call("socket", error, Syscalls.SOCKET, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REQUEST_BYTES, Long.BYTES);
            MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
            ioctl("set its flags", socket, SIOCGIFFLAGS, request);
            short flags = request.get(ValueLayout.JAVA_SHORT, NAME_BYTES);
            if ((flags & IFF_UP) != 0) {
                return; // the agent was started anew
            }
            address(request, NAME_BYTES, ADDRESS);
            ioctl("set its address", socket, SIOCSIFADDR, request);
            address(request, NAME_BYTES, MASK);
            ioctl("set its network", socket, SIOCSIFNETMASK, request);
            request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, (short) (flags | IFF_UP));
            ioctl("bring it up", socket, SIOCSIFFLAGS, request);
            MemorySegment route = arena.allocate(ROUTE_BYTES, Long.BYTES);
            address(route, ROUTE_DESTINATION, MetadataService.ADDRESS);
            address(route, ROUTE_MASK, HOST_MASK);
            route.set(ValueLayout.JAVA_SHORT, ROUTE_FLAGS, RTF_UP_AND_HOST);
            route.set(ValueLayout.JAVA_LONG, ROUTE_DEVICE, request.address()); // which begins with the name
            ioctl("set a route", socket, SIOCADDRT, route);
        } finally {
            syscalls.call("close", error, Syscalls.CLOSE, socket, 0, 0, 0);
        }
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

    private void ioctl(String what, long socket, int request, MemorySegment argument) throws IOException {
        try {
            syscalls.call("ioctl", error, Syscalls.IOCTL, socket, request, argument.address(), 0);
        } catch (IOException e) {
            throw new IOException("network card: cannot " + what + ": " + Console.reason(e), e);
        }
    }

    /** Fills a struct sockaddr_in. */
    static void address(MemorySegment memory, long offset, byte[] address) {
        memory.asSlice(offset, 16).fill((byte) 0);
        memory.set(ValueLayout.JAVA_SHORT, offset, (short) AF_INET);
        memory.asSlice(offset + 4, 4).copyFrom(MemorySegment.ofBuffer(ByteBuffer.wrap(address)));
    }
}
