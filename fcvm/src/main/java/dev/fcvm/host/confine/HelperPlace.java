package dev.fcvm.host.confine;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Where a {@link Helper} runs, and as whom. */
public sealed interface HelperPlace {

    /** Returns the user it becomes; empty to stay the user that started it, who is without power there. */
    OptionalInt user();

    /** Returns the words to put before its start, which lead into its namespaces. */
    List<String> enter();

    /** Returns how it gets into its cgroups. */
    CgroupEntry cgroup() throws IOException;

    /** Returns setpriv's options for who it is. */
    List<String> who() throws IOException;

    /**
     * In the namespaces and the cgroup of a machine, but for a mount namespace of its own; it ends with the machine.
     *
     * @param machine the machine
     * @param process its monitor
     * @param rootless whether the machine has a user namespace
     * @param user of nobody else; none for a rootless machine
     */
    record OfMachine(MachineId machine, long process, boolean rootless, OptionalInt user) implements HelperPlace {

        @Override
        public List<String> enter() {
            List<String> words = new ArrayList<>(
                    List.of("nsenter", "--target", Long.toString(process), "--net", "--ipc", "--uts", "--pid"));
            if (rootless) {
                words.addAll(List.of("--user", "--preserve-credentials"));
            }
            // The shell stays outside of the PID namespace, into which its children go.
            words.addAll(List.of("--no-fork", "--", "unshare", "--mount", "--propagation", "private", "--"));
            return words;
        }

        @Override
        public CgroupEntry cgroup() throws IOException {
            return CgroupTree.entry(machine, process);
        }

        @Override
        public List<String> who() throws IOException {
            // Groups can be given up in a user namespace only where its mapping has been set by newgidmap.
            boolean mayClear = !rootless
                    || Files.readString(Path.of("/proc/" + process + "/setgroups"))
                            .startsWith("allow");
            return HelperPlace.who(user, mayClear);
        }
    }

    /**
     * In namespaces of its own, that lead nowhere.
     *
     * @param user of nobody else; none for a user without privileges
     */
    record Alone(OptionalInt user) implements HelperPlace {

        @Override
        public List<String> enter() {
            Namespaces separated = PrivateDirectories.currentUser() == 0 ? Namespaces.PRIVILEGED : Namespaces.ROOTLESS;
            List<String> words = new ArrayList<>(separated.prefix());
            words.addAll(words.size() - 1, List.of("--fork", "--kill-child"));
            return words;
        }

        @Override
        public CgroupEntry cgroup() {
            return CgroupEntry.NONE;
        }

        @Override
        public List<String> who() {
            return HelperPlace.who(user, user.isPresent());
        }
    }

    private static List<String> who(OptionalInt user, boolean mayClear) {
        List<String> options = new ArrayList<>();
        if (user.isPresent()) {
            options.add("--reuid=" + user.getAsInt());
            options.add("--regid=" + user.getAsInt());
        }
        if (mayClear) {
            options.add("--clear-groups");
        }
        return options;
    }
}
