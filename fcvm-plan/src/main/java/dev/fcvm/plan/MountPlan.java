package dev.fcvm.plan;

import java.util.List;

/**
 * One mapping of the machine: what the agent mounts, and where the container finds it.
 *
 * @param number the mapping's own, counted from 0; the agent mounts it at {@code /run/fcvm/mappings/NUMBER}
 * @param source what is mounted
 * @param inside the path of what the container gets in what is mounted, without a slash at either end; empty for all of it
 * @param target where the container finds it: an absolute path
 * @param readOnly whether nothing may be written to it, by the guest's root neither
 * @param copyUp whether an empty one is filled with what the image has at that place, as Podman fills volumes
 * @param options further options of Podman's for it, such as {@code nosuid}
 */
public record MountPlan(
        int number,
        MountSource source,
        String inside,
        String target,
        boolean readOnly,
        boolean copyUp,
        List<String> options) {

    /** How many mappings a machine has at most: what Firecracker has interrupts for beside its other devices. */
    public static final int MOST = 12;

    public MountPlan {
        if (number < 0 || number >= MOST) {
            throw new IllegalArgumentException("mounts.number: must be from 0 to " + (MOST - 1));
        }
        Checks.argument("mounts.inside", inside);
        if (inside.startsWith("/") || ("/" + inside + "/").contains("/../")) {
            throw new IllegalArgumentException("mounts.inside: must stay in what is mounted");
        }
        Checks.argument("mounts.target", target);
        if (!target.startsWith("/") || target.indexOf(':') >= 0) {
            throw new IllegalArgumentException("mounts.target: must be an absolute path without a colon");
        }
        options = List.copyOf(options);
        for (String option : options) {
            option(option);
        }
    }

    private static void option(String option) {
        boolean good = !option.isEmpty();
        for (int i = 0; good && i < option.length(); i++) {
            char c = option.charAt(i);
            good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '=' || c == '@' || c == '-';
        }
        if (!good) {
            throw new IllegalArgumentException("mounts.options: must be words of letters");
        }
    }
}
