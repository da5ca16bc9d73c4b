package dev.fcvm.host.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Namespaces of the kernel that separate a machine's monitor from the host. They are made by util-linux's
 * {@code unshare}, which then becomes the given program. That program is in all of them but the PID namespace: its
 * first child is process 1 of that one, and with it ends whatever else is in there.
 */
public enum Namespaces {
    /** A user, network, mount, PID, IPC and UTS namespace: no privilege needed. The user is called root in there. */
    ROOTLESS,
    /**
     * The same; the user's subordinate ids (subuid(5)) are users of the user namespace as well, counted from 1, and its
     * root may give up the groups the user is in. Whether the user has some is known by trying.
     */
    ROOTLESS_WITH_RANGE,
    /** A network, mount, PID, IPC and UTS namespace, which only root may make. */
    PRIVILEGED;

    private static final Path SYSCTLS = Path.of("/proc/sys");
    private static final String COMPLAINT = "unshare: ";

    /** Returns the arguments to put before a program and its own arguments. */
    public List<String> prefix() {
        List<String> words = new ArrayList<>();
        words.add("unshare");
        words.addAll(users());
        words.addAll(List.of("--net", "--mount", "--propagation", "private", "--pid", "--ipc", "--uts", "--"));
        return words;
    }

    /** Returns the flags for unshare(1) that make the user namespace, if there is one. */
    public List<String> users() {
        // Called root, since mount(8) does nothing for anybody else. It is nobody but the user on the host.
        return switch (this) {
            case PRIVILEGED -> List.of();
            case ROOTLESS -> List.of("--user", "--map-root-user");
            case ROOTLESS_WITH_RANGE -> List.of("--user", "--map-root-user", "--map-auto");
        };
    }

    /**
     * Explains why a program did not start when it was these namespaces that could not be made.
     *
     * @param lastWords what the process said last on standard error
     * @return what failed, why and what to do, or nothing when the namespaces are not to blame
     */
    public Optional<String> explain(String lastWords) {
        if (!lastWords.startsWith(COMPLAINT)) {
            return Optional.empty();
        }
        String why = lastWords.substring(COMPLAINT.length());
        return Optional.of(
                switch (this) {
                    case PRIVILEGED ->
                        "cannot make namespaces for the machine (%s): use --mode rootless, or run as root"
                                .formatted(why);
                    case ROOTLESS, ROOTLESS_WITH_RANGE ->
                        "cannot make a user namespace for the machine (%s): %s".formatted(why, remedy(SYSCTLS));
                });
    }

    /** Names the setting that forbids user namespaces; visible to its test. */
    static String remedy(Path sysctls) {
        if (is(sysctls, "kernel/unprivileged_userns_clone", "0")) {
            return "allow it with: sudo sysctl kernel.unprivileged_userns_clone=1";
        }
        if (is(sysctls, "user/max_user_namespaces", "0")) {
            return "allow it with: sudo sysctl user.max_user_namespaces=15000";
        }
        if (is(sysctls, "kernel/apparmor_restrict_unprivileged_userns", "1")) {
            return "allow it with: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0";
        }
        return "see the sysctls kernel.unprivileged_userns_clone, user.max_user_namespaces and"
                + " kernel.apparmor_restrict_unprivileged_userns, and the seccomp profile of the container you may be in";
    }

    private static boolean is(Path sysctls, String name, String value) {
        try {
            return Files.readString(sysctls.resolve(name)).strip().equals(value);
        } catch (IOException e) {
            return false; // this kernel has no such setting, so it forbids nothing
        }
    }
}
