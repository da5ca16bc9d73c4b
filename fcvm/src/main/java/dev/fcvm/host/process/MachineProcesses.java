package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.PrivateDirectories;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of one machine, found again after the process that started them was killed: by the machine's id in
 * their environment, in the name of their cgroup, or as the argument of {@code --id} (Firecracker's jailer clears the
 * environment, and there may be no cgroup), and all that these have started. No process id is ever remembered.
 *
 * @param machine the machine
 */
public record MachineProcesses(MachineId machine) {

    /** The variable that holds the id. */
    public static final String VARIABLE = "FCVM_MACHINE_ID";

    /** What the name of a machine's cgroup begins with; its id follows. */
    public static final String CGROUP_PREFIX = "fcvm-";

    /**
     * Starts a process in a session of its own: a Ctrl-C at the terminal reaches fcvm alone, which decides. Its
     * environment holds nothing of the caller's but the PATH. It reads nothing; the caller must drain its output.
     *
     * @param namespaces what it is separated by
     * @param directory its working directory
     * @param program an absolute path
     * @param arguments what follows
     */
    public Process start(Namespaces namespaces, Path directory, Path program, List<String> arguments)
            throws FcvmException {
        List<String> command = new ArrayList<>(namespaces.prefix());
        command.add(program.toString());
        command.addAll(arguments);
        return start(directory, command);
    }

    /**
     * Starts a process that serves the machine from outside of its confinement, in the same way. Root's has a mount
     * namespace of its own, in which nothing is shared with the host's any more: what it mounts or takes off reaches
     * nobody else, whatever it does about that itself. An ordinary user's cannot reach the host's mounts anyway.
     *
     * @param words a program and its arguments
     * @param errors where its standard error goes
     */
    public Process startBeside(List<String> words, Redirect errors) throws FcvmException {
        List<String> command = new ArrayList<>();
        if (PrivateDirectories.currentUser() == 0) {
            command.addAll(List.of("unshare", "--mount", "--propagation", "private", "--"));
        }
        command.addAll(words);
        return tag().start(Path.of("/"), command, Redirect.from(new File("/dev/null")), Redirect.PIPE, errors);
    }

    private Process start(Path directory, List<String> words) throws FcvmException {
        return tag().start(directory, words, Redirect.from(new File("/dev/null")), Redirect.PIPE);
    }

    /** Returns the mark its processes carry. */
    public ProcessTag tag() {
        return new ProcessTag(VARIABLE, machine.value());
    }

    /** Returns those that live, whoever started them; those of other users are not seen. */
    public List<ProcessHandle> living() {
        return holders().living();
    }

    /** Kills all of them and waits for their end, at most some seconds; returns whether they have ended. */
    public boolean killAll() {
        return holders().killAll();
    }

    private ProcessHolders holders() {
        ProcessTag tag = tag();
        String cgroup = "/" + CGROUP_PREFIX + machine.value() + "\n";
        String argument = "\0--id\0" + machine.value() + "\0";
        return new ProcessHolders(process -> tag.isCarriedBy(process)
                || ProcessHolders.text(process.resolve("cgroup")).contains(cgroup)
                || ProcessHolders.text(process.resolve("cmdline")).contains(argument));
    }
}
