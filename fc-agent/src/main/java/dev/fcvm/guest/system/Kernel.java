package dev.fcvm.guest.system;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a restored machine asks its kernel for: the time, other random numbers, another name. */
public final class Kernel {

    private static final long CLOCK_REALTIME = 0;
    private static final long O_RDONLY = 0;
    private static final long O_CLOEXEC = 0x80000;
    private static final long CLONE_NEWUTS = 0x04000000;

    // random(4)
    private static final long RNDADDENTROPY = 0x40085203L;
    private static final long RNDRESEEDCRNG = 0x5207L;

    // mount(2)
    private static final long MS_RDONLY = 1;
    private static final long MS_NOATIME = 1024;

    private static final int BITS = 8;
    private static final long MILLIS = 1000;
    private static final long NANOS_OF_MILLI = 1_000_000;

    private final Syscalls syscalls = Syscalls.shared();
    private final MemorySegment error = Syscalls.errorRoom();

    /** Sets the clock, in milliseconds since 1970. */
    public void setClock(long epochMillis) throws IOException {
        ByteBuffer time = Syscalls.memory(2 * Long.BYTES);
        time.putLong(0, epochMillis / MILLIS).putLong(Long.BYTES, epochMillis % MILLIS * NANOS_OF_MILLI);
        syscalls.call("clock_settime", error, Syscalls.CLOCK_SETTIME, CLOCK_REALTIME, Syscalls.addressOf(time), 0, 0);
    }

    /** Has the kernel's random numbers depend on these bytes from now on: all that it gives out afterwards does. */
    public void seed(byte[] entropy) throws IOException {
        long device = open("/dev/urandom");
        try {
            // struct rand_pool_info: how many bits that is worth, how many bytes follow.
            ByteBuffer pool = Syscalls.memory(2 * Integer.BYTES + entropy.length);
            pool.putInt(0, entropy.length * BITS).putInt(Integer.BYTES, entropy.length);
            pool.put(2 * Integer.BYTES, entropy);
            syscalls.call(
                    "ioctl RNDADDENTROPY", error, Syscalls.IOCTL, device, RNDADDENTROPY, Syscalls.addressOf(pool), 0);
            // Without it, what is added counts only when the kernel would have looked for more itself.
            syscalls.call("ioctl RNDRESEEDCRNG", error, Syscalls.IOCTL, device, RNDRESEEDCRNG, 0, 0);
        } finally {
            close(device);
        }
    }

    /**
     * Names the host in the namespace of a process (uts_namespaces(7)). The calling thread is in that namespace from then
     * on, and must end.
     *
     * @param namespace {@code /proc/N/ns/uts}
     */
    public void setHostname(String namespace, String name) throws IOException {
        long file = open(namespace);
        try {
            syscalls.call("setns", error, Syscalls.SETNS, file, CLONE_NEWUTS, 0, 0);
        } finally {
            close(file);
        }
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer memory = Syscalls.memory(text.length);
        memory.put(0, text);
        syscalls.call("sethostname", error, Syscalls.SETHOSTNAME, Syscalls.addressOf(memory), text.length, 0, 0);
    }

    /** Mounts a disk so that nothing is written to it, mount(2). */
    public void mountReadOnly(String device, String place, String type) throws IOException {
        ByteBuffer from = text(device);
        ByteBuffer to = text(place);
        ByteBuffer kind = text(type);
        try {
            syscalls.call(
                    "mount " + device,
                    error,
                    Syscalls.MOUNT,
                    Syscalls.addressOf(from),
                    Syscalls.addressOf(to),
                    Syscalls.addressOf(kind),
                    MS_RDONLY | MS_NOATIME,
                    0);
        } finally {
            // The kernel has read them by now, and not before.
            Reference.reachabilityFence(from);
            Reference.reachabilityFence(to);
            Reference.reachabilityFence(kind);
        }
    }

    /** Returns a text as the kernel reads it. */
    private static ByteBuffer text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer memory = Syscalls.memory(bytes.length + 1);
        memory.put(0, bytes);
        return memory;
    }

    private long open(String path) throws IOException {
        ByteBuffer name = text(path);
        return syscalls.call(
                "open " + path, error, Syscalls.OPEN, Syscalls.addressOf(name), O_RDONLY | O_CLOEXEC, 0, 0);
    }

    private void close(long descriptor) throws IOException {
        syscalls.call("close", error, Syscalls.CLOSE, descriptor, 0, 0, 0);
    }
}
