package dev.fcvm.plan;

import java.util.List;
import java.util.Optional;

/**
 * What a guest is to do. Never holds a secret: it lies in files and in the guest's firmware tables.
 *
 * <p>Every constructor of a plan refuses what no guest could do with an {@link IllegalArgumentException} whose message
 * begins with the field's name.
 *
 * @param version the layout of this document: 1
 * @param machine the machine's id, 32 hexadecimal digits
 * @param name the machine's name: letters, digits, {@code _ . -}, the first a letter or digit, at most {@link #MAX_NAME_LENGTH}
 * @param hostname the guest's host name: letters, digits, {@code _ . -}, the first a letter or digit, at most 64
 * @param keep whether the scratch disk outlives this boot, so that it must be written back at the end
 * @param container what Podman is to run
 * @param network the guest's network; empty for none
 * @param mounts the machine's mappings
 */
public record Plan(
        int version,
        String machine,
        String name,
        String hostname,
        boolean keep,
        ContainerPlan container,
        Optional<NetworkPlan> network,
        List<MountPlan> mounts) {

    /** The only version there is. */
    public static final int VERSION = 1;

    /** How many characters a machine's name has at most, on the host and in the guest: it is a file's name there. */
    public static final int MAX_NAME_LENGTH = 200;

    private static final int MACHINE_LENGTH = 32;

    /** The kernel's own limit, {@code __NEW_UTS_LEN}. */
    private static final int MAX_HOSTNAME_LENGTH = 64;

    /** One of a machine without a network. */
    public Plan(int version, String machine, String name, String hostname, boolean keep, ContainerPlan container) {
        this(version, machine, name, hostname, keep, container, Optional.empty());
    }

    /** One of a machine without mappings. */
    public Plan(
            int version,
            String machine,
            String name,
            String hostname,
            boolean keep,
            ContainerPlan container,
            Optional<NetworkPlan> network) {
        this(version, machine, name, hostname, keep, container, network, List.of());
    }

    public Plan {
        if (version != VERSION) {
            throw new IllegalArgumentException("version: is " + version + ", but only " + VERSION + " is understood");
        }
        Checks.hexadecimal("machine", machine, MACHINE_LENGTH);
        Checks.word("name", name, MAX_NAME_LENGTH);
        Checks.word("hostname", hostname, MAX_HOSTNAME_LENGTH);
        mounts = List.copyOf(mounts);
        if (mounts.size() > MountPlan.MOST) {
            throw new IllegalArgumentException("mounts: must be at most " + MountPlan.MOST);
        }
    }
}
