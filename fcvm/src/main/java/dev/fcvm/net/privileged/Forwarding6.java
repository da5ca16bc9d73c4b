package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the host passes IPv6 packets on. Unlike IPv4's, the kernel's setting has a second meaning: a host that forwards
 * is a router, which takes no notice of other routers' advertisements any more, and forgets the default route it has from
 * them. So every interface is told to stay the host it was; the kernel goes by the setting for all of them when it
 * forwards. See ip-sysctl of the kernel's documentation, "forwarding" and "accept_ra".
 */
final class Forwarding6 {

    private static final Path INTERFACES = Path.of("/proc/sys/net/ipv6/conf");
    private static final String ALL = "all";
    private static final String FORWARDING = "forwarding";
    private static final String ADVERTISEMENTS = "accept_ra";
    private static final String OFF = "0";
    private static final String ON = "1";
    /** Of accept_ra: even as a router. */
    private static final String ALWAYS = "2";
    /** What it was before, see {@link ForwardingRecord}. */
    private static final String RECORD = "ipv6_forwarding";

    private Forwarding6() {}

    /** Returns why machines can have no IPv6 on this host; nothing when they can. */
    static Optional<String> missing() {
        return missing(INTERFACES);
    }

    static Optional<String> missing(Path interfaces) {
        for (String name : new String[] {ALL, "default"}) {
            Optional<String> off = value(interfaces.resolve(name).resolve("disable_ipv6"));
            if (off.isEmpty()) {
                return Optional.of("its kernel speaks none");
            }
            if (!off.get().equals(OFF)) {
                return Optional.of("it is turned off by net.ipv6.conf." + name + ".disable_ipv6");
            }
        }
        return Optional.empty();
    }

    /** Turns it on if need be, and returns whether that was so. It stays on, since others may come to need it. */
    static boolean ensure(Path claims) throws FcvmException {
        Path setting = INTERFACES.resolve(ALL).resolve(FORWARDING);
        try {
            String before = Files.readString(setting).strip();
            if (!before.equals(OFF)) {
                return false;
            }
            ForwardingRecord.write(claims, RECORD, before);
            turnOn(setting);
            return true;
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot turn on net.ipv6.conf.all.forwarding, without which a machine has no IPv6: %s".formatted(e),
                    e);
        }
    }

    private static void turnOn(Path setting) throws IOException {
        Map<Path, String> roles = new HashMap<>();
        Map<Path, String> advertisements = new HashMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(INTERFACES)) {
            for (Path each : all) {
                if (!each.endsWith(ALL)) {
                    note(each.resolve(FORWARDING), OFF, roles);
                    note(each.resolve(ADVERTISEMENTS), ON, advertisements);
                }
            }
        }
        try {
            // Else the kernel forgets the default route in this very moment.
            for (Path each : advertisements.keySet()) {
                write(each, ALWAYS);
            }
            Files.writeString(setting, ON);
        } finally {
            for (Map.Entry<Path, String> each : roles.entrySet()) {
                write(each.getKey(), each.getValue());
            }
            for (Map.Entry<Path, String> each : advertisements.entrySet()) {
                write(each.getKey(), each.getValue());
            }
        }
    }

    private static void note(Path setting, String value, Map<Path, String> noted) {
        value(setting).filter(value::equals).ifPresent(found -> noted.put(setting, found));
    }

    private static Optional<String> value(Path setting) {
        try {
            return Optional.of(Files.readString(setting).strip());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static void write(Path setting, String value) throws IOException {
        try {
            Files.writeString(setting, value);
        } catch (NoSuchFileException gone) {
            return; // the interface is no more
        }
    }
}
