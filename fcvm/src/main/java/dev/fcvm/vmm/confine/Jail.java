package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Namespaces;
import dev.fcvm.vmm.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one monitor is shut into, made and not yet entered. What it has on the host is in the machine's journal.
 *
 * <p>In every jail the machine's files have the same names, whatever they are called outside, so what a monitor writes
 * down of them (in a snapshot) holds in another machine's jail, too.
 */
public final class Jail {

    /** Where the machine's sockets are in a jail; a file system of their own. */
    static final String SOCKETS = "sockets";

    private static final List<String> OWN_TROUBLE = List.of("mount: ", "umount: ", "pivot_root: ", "setpriv: ", "sh: ");

    private static final String NETWORK_TROUBLE = "network: ";

    private final Namespaces namespaces;
    private final List<String> words;
    private final Path program;
    private final VmSpec inside;
    private final List<Path> handed;
    private final Path root;
    private final MachineId machine;
    private final Limits limits;

    Jail(
            Namespaces namespaces,
            List<String> words,
            Path program,
            VmSpec inside,
            List<Path> handed,
            Path root,
            MachineId machine,
            Limits limits) {
        this.namespaces = namespaces;
        this.words = List.copyOf(words);
        this.program = program;
        this.inside = inside;
        this.handed = List.copyOf(handed);
        this.root = root;
        this.machine = machine;
        this.limits = limits;
    }

    /** Returns the machine's description with the names its files have inside. */
    public VmSpec inside() {
        return inside;
    }

    /** Returns the name of a disk inside, by its number from 0. */
    public static Path disk(int number) {
        return Path.of("/disk" + number);
    }

    /** Returns the monitor's program as it is called outside. */
    public Path program() {
        return program;
    }

    /** Returns the names inside of the further files that were handed in, in their order. */
    public List<Path> handed() {
        return handed;
    }

    /**
     * Returns where a machine's jail has its files, which its monitor's keeper shares.
     *
     * @param machine the machine's directory
     */
    public static Path directory(Path machine) {
        return machine.resolve(JailTree.NAME);
    }

    /** Returns the directory of the monitor's sockets, as the one process sees it that waits outside for the monitor. */
    public Path sockets() {
        return root.resolve(SOCKETS);
    }

    /**
     * Makes the machine's cgroups, for what is to run in it. To be closed when that has been started.
     *
     * @param journal the machine's
     */
    public Cgroups limit(Journal journal) throws FcvmException, InterruptedException {
        return Cgroups.create(machine, limits, journal);
    }

    /** Returns the namespaces the command is to be started in. */
    public Namespaces namespaces() {
        return namespaces;
    }

    /**
     * Returns what is to be started instead of the monitor: its first word is an absolute path.
     *
     * @param arguments the monitor's own, with the names of inside
     */
    public List<String> command(List<String> arguments) {
        return Stream.concat(words.stream(), arguments.stream()).toList();
    }

    /**
     * Explains why a monitor did not start when it was its confinement that failed.
     *
     * @param lastWords what the process said last on standard error
     */
    public Optional<String> explain(String lastWords) {
        Optional<String> refused = namespaces.explain(lastWords);
        if (lastWords.startsWith(NETWORK_TROUBLE)) {
            return Optional.of("cannot prepare the machine's network (%s): see \"What a host must have\" in"
                            .formatted(lastWords.substring(NETWORK_TROUBLE.length()))
                    + " docs/networking.md, or use --network none");
        }
        if (refused.isPresent() || OWN_TROUBLE.stream().noneMatch(lastWords::startsWith)) {
            return refused;
        }
        return Optional.of(
                "cannot confine the machine's monitor (%s): see \"What a host must allow\" in docs/security.md"
                        .formatted(lastWords));
    }

    /** Checks that a monitor can be started at all. */
    static void check(String monitor, Path program) throws FcvmException {
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new FcvmException(
                    Kind.NOT_FOUND, "cannot start %s: %s is not an executable file".formatted(monitor, program));
        }
    }
}
