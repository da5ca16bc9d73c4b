package dev.fcvm.host.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.Caller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * systemd where it is process 1: the system's for root, the user's own manager for anybody else. It takes the whole tree of
 * cgroups for its own, and takes away, from time to time, what it did not put there; but not below a unit with {@code Delegate=yes}.
 * So it is asked for such a unit, a scope, for each machine, as libvirt and Podman do. See systemd's CGROUP_DELEGATION.md.
 *
 * @param runtime the directory below which it has its socket and what it knows of units
 * @param users whether it is a user's
 */
public record Systemd(Path runtime, boolean users) {

    /** libvirt and Podman put root's machines and containers there, too. A user's are where that manager puts scopes. */
    private static final String SLICE = "--slice=machine.slice";

    /** logind's: a file for each user who stays. */
    private static final Path LINGER = Path.of("/var/lib/systemd/linger");

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** systemctl's exit code for a unit that there is not. */
    private static final int NO_UNIT = 5;

    /** Returns the one that this process's user has; nothing where systemd is not process 1, or serves no users. */
    public static Optional<Systemd> ofHost() {
        return below(Path.of("/run"), PrivateDirectories.currentUser());
    }

    static Optional<Systemd> below(Path run, int user) {
        Path runtime = user == 0 ? run : run.resolve("user").resolve(Integer.toString(user));
        boolean runs =
                Files.isDirectory(run.resolve("systemd/system")) && Files.exists(runtime.resolve("systemd/private"));
        return runs ? Optional.of(new Systemd(runtime, user != 0)) : Optional.empty();
    }

    /** Tells whether it ends with its user's last login: nobody has said to logind that it is to linger. */
    public boolean endsWithLogin() {
        return users && !Files.exists(LINGER.resolve(Caller.ofProcess().name()));
    }

    /** Returns whether it can be asked to move a process of its user's: by a bus of the user's. */
    boolean moves() {
        return !users || Files.exists(runtime.resolve("bus"));
    }

    /**
     * Makes a scope. It lasts as long as a process is in it, at first one that ends with this process or when it is closed.
     *
     * @param unit its name; nothing else has it
     * @param tag carried by the process that is in it at first
     * @throws FcvmException when it cannot be made, and why
     */
    public SystemdScope open(String unit, ProcessTag tag) throws FcvmException, InterruptedException {
        List<String> words = new ArrayList<>();
        if (users) {
            words.addAll(List.of("env", "XDG_RUNTIME_DIR=" + runtime));
        }
        words.add(Tool.named("systemd-run", "systemd").require().toString());
        words.add(users ? "--user" : SLICE);
        // It is gone with its last process, also when that was killed. When the host is switched off nobody waits for
        // long: a
        // monitor is process 1 of its namespace, and hears no SIGTERM.
        words.addAll(List.of("--scope", "--quiet", "--collect", "--unit=" + unit));
        words.addAll(List.of("--property=Delegate=yes", "--property=TimeoutStopSec=10s", "--"));
        return SystemdScope.opened(unit, this, tag, words);
    }

    /**
     * Ends a scope and whatever is still in it. Idempotent; nothing where there is none.
     *
     * @throws FcvmException when systemd refuses
     */
    public void end(String unit) throws FcvmException, InterruptedException {
        if (!Files.exists(runtime.resolve("systemd/transient").resolve(unit))) {
            return;
        }
        List<String> words = users ? List.of("--user", "stop", unit) : List.of("stop", unit);
        Tool.Result result = Tool.named("systemctl", "systemd")
                .with(words)
                .withVariable("XDG_RUNTIME_DIR", runtime.toString())
                .within(PATIENCE)
                .run();
        if (!result.succeeded() && result.exitCode() != NO_UNIT) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot end the scope %s: %s; end it with: systemctl %s"
                            .formatted(unit, result.lastWords(), String.join(" ", words)));
        }
    }
}
