package dev.fcvm.guest.network;

import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.plan.Plan;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;

/** The guest's name and its network, as the plan has them. The container has both from the guest. */
public final class GuestNetwork {

    /** What Podman sets in a network namespace it makes, where it is no danger to others: here are none. */
    private static final String[][] SYSCTLS = {
        {"net/ipv4/ip_unprivileged_port_start", "0"},
        {"net/ipv4/ping_group_range", "0 2147483647"},
    };

    private final GuestFiles files;

    public GuestNetwork(GuestFiles files) {
        this.files = files;
    }

    /**
     * Sets everything. Idempotent.
     *
     * @throws IOException when something cannot be set
     */
    public void set(Plan plan) throws IOException {
        Files.writeString(files.hostname(), plan.hostname());
        Files.writeString(files.hosts(), hosts(plan));
        Optional<NetworkPlan> network = plan.network();
        if (network.isPresent()) {
            Files.writeString(files.resolver(), lines(network.get().resolver()));
            for (String[] sysctl : SYSCTLS) {
                Files.writeString(files.sysctls().resolve(sysctl[0]), sysctl[1]);
            }
            String card = new NetworkCard(files.networks(), Syscalls.shared())
                    .join(network.get().mtu());
            if (network.get().ipv6()) {
                addIpv6(card);
            }
        }
    }

    /** The machine knows itself by its name, as Debian arranges it: hosts(5), and Debian's reference, 5.1.1. */
    private static String hosts(Plan plan) {
        String own = "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 " + plan.hostname() + "\n";
        return plan.network().isPresent() ? own + lines(plan.network().get().hosts()) : own;
    }

    private static String lines(Iterable<String> lines) {
        var text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** By ip(8): few machines speak IPv6, and its ioctls are others. */
    private static void addIpv6(String card) throws IOException {
        Process process = new ProcessBuilder("ip", "-6", "-batch", "-")
                .redirectErrorStream(true)
                .redirectOutput(Redirect.PIPE)
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write("""
                    address replace fd00:ac1e::2/64 dev %1$s nodad
                    route replace default via fd00:ac1e::1 dev %1$s
                    """.formatted(card).getBytes(StandardCharsets.UTF_8));
        }
        byte[] said = process.getInputStream().readNBytes(1000);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("ip: " + new String(said, StandardCharsets.UTF_8).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while setting IPv6", e);
        }
    }
}
