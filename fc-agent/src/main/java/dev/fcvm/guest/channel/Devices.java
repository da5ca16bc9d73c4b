package dev.fcvm.guest.channel;

import dev.fcvm.guest.channel.SerialPort.Directions;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.Dialer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the device that leads to the host. */
public final class Devices {

    /** The name the host gives to the serial port. */
    public static final String PORT_NAME = "dev.fcvm.link";

    /** Virtio's number for a socket device, as the kernel writes it. */
    private static final String VSOCK_DEVICE = "0x0013";

    /** The kernel makes the ports of a serial device after the device, and takes a moment for it. */
    private static final long DEADLINE_NANOS = 10_000_000_000L;

    private static final long POLL_MILLIS = 2;

    private Devices() {}

    /**
     * Returns the way to the host, waiting for it: the serial port of the agreed name, else the machine's vsock.
     *
     * @throws AgentException when the machine has neither
     */
    public static Dialer find(GuestFiles files) throws AgentException, InterruptedException {
        return find(files, DEADLINE_NANOS);
    }

    /** As {@link #find(GuestFiles)}, waiting so long. */
    public static Dialer find(GuestFiles files, long deadlineNanos) throws AgentException, InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < deadlineNanos) {
            Path port = serialPort(files);
            if (port != null) {
                return new SerialPort(new SerialPort.Opener() {
                    @Override
                    public Directions open() throws IOException {
                        return Directions.ofDevice(port);
                    }
                });
            }
            if (hasVsock(files)) {
                return new VsockListener();
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new AgentException("this machine has neither a serial port '" + PORT_NAME + "' nor a vsock device");
    }

    /** Returns the port's device node, or null while there is none of the agreed name. */
    public static @Nullable Path serialPort(GuestFiles files) {
        String[] ports = files.virtioPorts().toFile().list();
        if (ports != null) {
            for (String port : ports) {
                if (PORT_NAME.equals(content(files.virtioPorts().resolve(port).resolve("name")))) {
                    return files.devices().resolve(port);
                }
            }
        }
        return null;
    }

    private static boolean hasVsock(GuestFiles files) {
        String[] devices = files.virtioDevices().toFile().list();
        if (devices != null) {
            for (String device : devices) {
                if (VSOCK_DEVICE.equals(
                        content(files.virtioDevices().resolve(device).resolve("device")))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            // Gone, or not yet there: not the one we look for.
            return "";
        }
    }
}
