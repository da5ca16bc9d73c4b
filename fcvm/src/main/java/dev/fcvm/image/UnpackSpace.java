package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.HostUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where an image is unpacked: a user namespace, in which files of all users can be made, and a mount namespace, so that
 * the mounts of containers-storage go with it. Root's tools are shut in there with little of the host
 * ({@link ConfinedRoot}), also while they fetch.
 *
 * @param root whether the user is root
 * @param userName of the user
 * @param etc {@code /etc}, but for tests
 */
record UnpackSpace(boolean root, String userName, Path etc) {

    private static final long RANGE = 65_536;
    private static final long FIRST = 100_000;

    /** Returns the one for this process's user. */
    static UnpackSpace ofUser() {
        return new UnpackSpace(
                PrivateDirectories.currentUser() == 0, System.getProperty("user.name", ""), Path.of("/etc"));
    }

    /** Makes sure that everything needed is there, before anything is fetched. */
    void check() throws FcvmException {
        Tool.named("unshare", "util-linux").require();
        if (root) {
            return;
        }
        Tool.named("newuidmap", "uidmap").require();
        Tool.named("newgidmap", "uidmap").require();
        for (String file : List.of("subuid", "subgid")) {
            if (!hasRange(file) && !askedElsewhere()) {
                String free = nextFree();
                throw new FcvmException(
                        Kind.HOST,
                        "user %s has no subordinate ids in /etc/%s, which unpacking an image without root needs: give some with: sudo usermod --add-subuids %s --add-subgids %s %s"
                                .formatted(userName, file, free, free, userName));
            }
        }
    }

    /** Returns whether files of a layer may be device nodes: for the host's root, as with other engines. */
    boolean makesDevices() {
        return root && HostUsers.areAllHere();
    }

    /** Returns a tool that runs in this space, as its root, and works in this directory. */
    Tool enter(Tool tool, Path work) throws FcvmException {
        if (root && HostUsers.areAllHere()) {
            return ConfinedRoot.enter(tool, work, new ConfinedRoot.Needs(false, List.of(), List.of()));
        }
        return behind(
                root
                        ? List.of("--mount", "--propagation", "private", "--")
                        : List.of("--user", "--map-root-user", "--map-auto", "--mount", "--"),
                tool);
    }

    /** Returns a tool that reads what strangers send; an ordinary user's has no more rights than that user anyway. */
    Tool fetching(Tool tool, Path work, ConfinedRoot.Needs needs) throws FcvmException {
        if (root && HostUsers.areAllHere()) {
            return ConfinedRoot.enter(tool, work, needs);
        }
        // An archive may lack its directories, and skopeo gives those it makes to root: which the user is in there.
        return root || needs.sources().isEmpty()
                ? humble(tool)
                : behind(List.of("--user", "--map-root-user", "--"), humble(tool));
    }

    /**
     * Returns a tool that reads what is the user's own. It gains no right by running programs; an ordinary user's must,
     * since newuidmap, by which it enters the user namespace of its store, is setuid root.
     */
    Tool trusting(Tool tool) throws FcvmException {
        return root ? humble(tool) : tool;
    }

    private static Tool humble(Tool tool) throws FcvmException {
        return wrapped("setpriv", List.of("--no-new-privs", "--"), tool);
    }

    /** Returns a tool behind unshare(1). */
    static Tool behind(List<String> flags, Tool tool) throws FcvmException {
        return wrapped("unshare", flags, tool);
    }

    private static Tool wrapped(String wrapper, List<String> words, Tool tool) throws FcvmException {
        Tool inside = Tool.named(wrapper, "util-linux")
                .with(words)
                .with(tool.require().toString())
                .with(tool.arguments())
                .within(tool.deadline())
                .reading(tool.input().bytes())
                .keeping(tool.outputLimit());
        for (var variable : tool.environment().entrySet()) {
            inside = inside.withVariable(variable.getKey(), variable.getValue());
        }
        return inside;
    }

    /** Returns a tool that may remove what was made in this space. */
    Tool removing(Tool tool) throws FcvmException {
        return root ? tool : behind(List.of("--user", "--map-root-user", "--map-auto", "--"), tool);
    }

    /** Throws when it was the space that could not be made rather than the tool that failed in it. */
    void explain(Tool.Result result) throws FcvmException {
        String words = result.lastWords();
        if (words.startsWith("newuidmap") || words.startsWith("newgidmap")) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot use the subordinate ids of user %s (%s): check /etc/subuid and /etc/subgid, and that newuidmap is setuid root"
                            .formatted(userName, words));
        }
        boolean made = !words.startsWith("unshare: ");
        if (root && words.matches("(mount|pivot_root|umount|chown|mkfifo): .*|space\\.sh: .*")) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot shut in what unpacks the image (%s): run where root may mount, or as an ordinary user"
                            .formatted(words));
        }
        if (made) {
            return;
        }
        throw new FcvmException(
                Kind.HOST,
                root
                        ? "cannot make namespaces to unpack the image in (%s): run where root has CAP_SYS_ADMIN and user.max_user_namespaces is not 0"
                                .formatted(words)
                        : Namespaces.ROOTLESS.explain(words).orElse(words));
    }

    private boolean hasRange(String file) {
        return lines(file).stream()
                .map(line -> line.split(":", -1))
                .anyMatch(fields -> fields.length == 3
                        && (fields[0].equals(userName) || fields[0].equals(userNumber()))
                        && number(fields[2]) > 0);
    }

    private static String userNumber() {
        return Integer.toString(PrivateDirectories.currentUser());
    }

    /** Whether the system's directory service, rather than the files, may have the ranges. */
    private boolean askedElsewhere() {
        return lines("nsswitch.conf").stream().anyMatch(line -> line.startsWith("subid:") && !line.endsWith("files"));
    }

    /** Returns a range that nobody has, as usermod takes it. */
    private String nextFree() {
        long first = FIRST;
        for (String file : List.of("subuid", "subgid")) {
            for (String line : lines(file)) {
                String[] fields = line.split(":", -1);
                if (fields.length == 3) {
                    first = Math.max(first, number(fields[1]) + number(fields[2]));
                }
            }
        }
        return first + "-" + (first + RANGE - 1);
    }

    private static long number(String digits) {
        return digits.matches("[0-9]{1,10}") ? Long.parseLong(digits) : 0;
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(etc.resolve(file));
        } catch (IOException e) {
            return List.of(); // a file that is not there gives nobody a range
        }
    }
}
