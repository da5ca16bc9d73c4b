package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.host.process.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * As whom a rootless machine's monitor runs: always as the user who ran fcvm, but, where that user has subordinate ids
 * (subuid(5)), in none of the user's further groups. To give up a group takes the right to, which the kernel grants in a
 * user namespace whose mapping newgidmap(1) has set, and not in one whose single mapping the user has.
 *
 * @param namespaces what the monitor is separated by
 * @param groups setpriv's option for the further groups; empty to keep them
 */
record RootlessUser(Namespaces namespaces, String groups) {

    private static final RootlessUser SINGLE = new RootlessUser(Namespaces.ROOTLESS, "");
    private static final String CLEAR = "--clear-groups";
    private static final int NOT_WITHOUT_GROUPS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** With the monitor's rights and no more: files to write to, {@code --}, files to read. */
    private static final String TRIAL = """
            while [ "$1" != -- ]; do
                [ -r "$1" ] && [ -w "$1" ] || exit %1$d
                shift
            done
            shift
            for file; do
                [ -r "$file" ] || exit %1$d
            done
            """.formatted(NOT_WITHOUT_GROUPS);

    /**
     * Finds out, by trying: what the files of the ids say, whether the programs that read them may do what they do, and
     * whether the user gets to a device by a group of theirs is nothing that can be read anywhere.
     *
     * @param written what the monitor must be able to read and write to
     * @param read what it must be able to read
     */
    static RootlessUser of(List<Path> written, List<Path> read) throws FcvmException, InterruptedException {
        if (PrivateDirectories.currentUser() == 0
                || Tool.named("newuidmap", "uidmap").find().isEmpty()) {
            return SINGLE;
        }
        Tool.Result tried = Tool.named("unshare", "util-linux")
                .with(Namespaces.ROOTLESS_WITH_RANGE.users())
                .with("--", "setpriv", "--no-new-privs", CLEAR, "--inh-caps=-all", "--ambient-caps=-all")
                .with("--bounding-set=-all", "--", "sh", "-c", TRIAL, "sh")
                .with(written.stream().map(Path::toString).toList())
                .with("--")
                .with(read.stream().map(Path::toString).toList())
                .within(PATIENCE)
                .run();
        return switch (tried.exitCode()) {
            case 0 -> new RootlessUser(Namespaces.ROOTLESS_WITH_RANGE, CLEAR);
            case NOT_WITHOUT_GROUPS -> new RootlessUser(Namespaces.ROOTLESS_WITH_RANGE, "");
            default -> SINGLE;
        };
    }
}
