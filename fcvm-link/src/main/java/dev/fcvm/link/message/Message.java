package dev.fcvm.link.message;

import java.util.List;
import java.util.Optional;

/**
 * A control message. {@code FromHost} ones go to the agent, {@code FromGuest} ones come from it. Containers are named by
 * the host: 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit. Bytes of an output are
 * numbered from 0, the container's first.
 */
public sealed interface Message {

    /** The most characters of a {@link Health#document()}. */
    int LONGEST_DOCUMENT = 64 << 10;

    /** What a host may say. */
    sealed interface FromHost extends Message
            permits Start,
                    Attach,
                    Kept,
                    Exec,
                    Resize,
                    ExecResize,
                    Signal,
                    ExecSignal,
                    ExecKept,
                    Stop,
                    Secret,
                    Mount,
                    Unmount,
                    Share,
                    Shutdown,
                    Probe,
                    Hold,
                    Release,
                    Renew {}

    /** What an agent may say. */
    sealed interface FromGuest extends Message
            permits Ready,
                    Started,
                    Attached,
                    Signalled,
                    Exited,
                    ExecStarted,
                    ExecExited,
                    Failed,
                    ExecFailed,
                    Held,
                    Mounted,
                    Renewed,
                    Probed,
                    Health {}

    /**
     * Run the plan's container. What it writes is kept in the guest until the host says it has it ({@link Kept}).
     *
     * @param plan the plan's JSON where the machine has no other way to it, else empty
     * @param environment {@code NAME=VALUE}, as given by the user: secrets, so never in the plan
     * @param again whether the container is on the scratch disk already, from an earlier boot of the machine
     * @param terminal the size of the terminal it is to have; empty for none
     * @param outputLimit the most bytes of each output that are kept while no host takes them; at least 1. The oldest are
     *     dropped beyond it
     */
    record Start(
            String container,
            String plan,
            List<String> environment,
            boolean again,
            Optional<TerminalSize> terminal,
            long outputLimit)
            implements FromHost {
        public Start {
            environment = List.copyOf(environment);
        }
    }

    /**
     * Put a secret into a file of its own, in memory, before the container is started ({@link Start}), whose Podman has
     * been told of that file.
     *
     * @param number of the file, which the plan's options of Podman name
     * @param uid the file's owner, by the guest's numbers
     * @param gid the file's group
     * @param mode the file's twelve bits
     * @param content in Base64
     */
    record Secret(String container, int number, int uid, int gid, int mode, String content) implements FromHost {

        /** There are fewer than this. */
        static final int MOST = 64;

        /** Shows nothing of what is in it. */
        @Override
        public String toString() {
            return "Secret[container=" + container + ", number=" + number + "]";
        }
    }

    /**
     * Show a running container a directory or a file that the host serves by SFTP from now on ({@link Share}). Answered by
     * {@link Mounted}.
     *
     * @param number of the mapping, that no other has
     * @param target the path in the container; made where there is nothing
     * @param disk the one file that is shared, when that is a disk whose file system is meant; empty where it is not
     * @param inside the one file of the mapping that is meant; empty for all of it
     */
    record Mount(String container, int number, String target, String disk, String inside, boolean readOnly)
            implements FromHost {}

    /** Take it away again, whoever uses it. Answered by {@link Mounted}. */
    record Unmount(String container, int number, String target) implements FromHost {}

    /**
     * Join streams with the container's, instead of those joined before; a stream of number 0 is left as it is. The end of
     * the stream for standard input ends the container's; its reset, or the end of the session, does not.
     *
     * @param stdin number of the stream that carries standard input, or 0
     * @param stdout number of the stream for standard output, or 0
     * @param stderr number of the stream for standard error, or 0
     * @param stdoutFrom the first byte of standard output to send
     * @param stderrFrom the first byte of standard error to send
     */
    record Attach(String container, int stdin, int stdout, int stderr, long stdoutFrom, long stderrFrom)
            implements FromHost {}

    /** The host has all bytes before these numbers in safety: the guest need not keep them. */
    record Kept(String container, long stdout, long stderr) implements FromHost {}

    /**
     * Run one more command. It goes on when the session ends, without its streams: its input ends, its output is dropped.
     *
     * @param exec what hosts call it from now on; at least 1, and no number of {@link Ready}
     * @param id what its user calls it, as a container's; how it ended is then kept until {@link ExecKept}. Empty when
     *     nobody will ask for that once the session is over
     * @param container where to run it; empty for the guest itself
     * @param options options of {@code podman exec}; none for the guest itself
     * @param command the program and its arguments
     * @param environment {@code NAME=VALUE}
     * @param terminal the size of the terminal it is to have; empty for none
     * @param stdin number of the stream that carries standard input, or 0 for none
     * @param stdout number of the stream for standard output, or 0 when it is not wanted
     * @param stderr number of the stream for standard error, or 0 when it is not wanted
     */
    record Exec(
            int exec,
            String id,
            String container,
            List<String> options,
            List<String> command,
            List<String> environment,
            Optional<TerminalSize> terminal,
            int stdin,
            int stdout,
            int stderr)
            implements FromHost {
        public Exec {
            options = List.copyOf(options);
            command = List.copyOf(command);
            environment = List.copyOf(environment);
        }
    }

    /** The host has in safety how this command ended: the guest need not keep it. */
    record ExecKept(int exec) implements FromHost {}

    /** The container's terminal has this size from now on. */
    record Resize(String container, TerminalSize size) implements FromHost {}

    /** The command's terminal has this size from now on. */
    record ExecResize(int exec, TerminalSize size) implements FromHost {}

    /** Send the container's first process a signal, by its Linux number. */
    record Signal(String container, int number) implements FromHost {}

    /** Send a signal to the command; in a container, to the {@code podman exec} that runs it. */
    record ExecSignal(int exec, int number) implements FromHost {}

    /** Send the container's first process this signal, and SIGKILL when it still runs after so many milliseconds. */
    record Stop(String container, int number, long graceMillis) implements FromHost {}

    /**
     * The host serves a directory by SFTP over this stream, from now on and instead of one it served it over before.
     *
     * @param mapping the number of the mapping in the machine's plan
     * @param stream number of the stream; at least 1
     */
    record Share(int mapping, int stream) implements FromHost {}

    /** Write the disks back when {@code keep} is set, then end the machine. */
    record Shutdown(boolean keep) implements FromHost {}

    /**
     * Stop the container's processes where they are, and print nothing more: the machine is about to be saved. They stay
     * so until {@link Release} or {@link Renew}, whatever becomes of the session.
     */
    record Hold(String container) implements FromHost {}

    /** Let the processes of a container that was held go on. Does no harm to one that was not. */
    record Release(String container) implements FromHost {}

    /**
     * This machine was restored from what was saved of another: it is this one from now on. What was held goes on when
     * that is done.
     *
     * @param container what the host calls the container from now on
     * @param plan the plan's JSON
     * @param session what nobody else was ever given: 32 hexadecimal digits
     * @param entropy of the host's, for the kernel's random numbers, in hexadecimal digits: a secret
     * @param epochMillis the time, in milliseconds since 1970
     */
    record Renew(String container, String plan, String session, String entropy, long epochMillis) implements FromHost {}

    /**
     * Look once whether the container is ready.
     *
     * @param probe what the host calls it; at least 1
     * @param port for {@link ProbeKind#TCP} and {@link ProbeKind#HTTP}, else 0
     * @param path what is asked for with {@link ProbeKind#HTTP}; the file for {@link ProbeKind#FILE}; else empty
     * @param limitMillis how long it may take
     */
    record Probe(int probe, String container, ProbeKind kind, int port, String path, int limitMillis)
            implements FromHost {}

    /**
     * The agent is up, and listens to this host. The first message of a session.
     *
     * @param version the agent's version
     * @param uptimeMillis the guest kernel's uptime, in milliseconds
     * @param containers those it has started since the machine's boot
     * @param execs commands of earlier hosts: those that run, and those whose end no host has in safety yet
     */
    record Ready(String version, long uptimeMillis, List<ContainerStatus> containers, List<ExecStatus> execs)
            implements FromGuest {

        /** The most commands that are told of: those that run, and the newest of those that have ended. */
        public static final int MOST_EXECS = 128;

        public Ready {
            containers = List.copyOf(containers);
            execs = List.copyOf(execs);
        }
    }

    /** The container runs its own program, or has: this was seen at this uptime of the guest kernel, in milliseconds. */
    record Started(String container, long uptimeMillis) implements FromGuest {}

    /**
     * The streams of an {@link Attach} have been joined. They begin with these bytes: later ones than asked for when those
     * have been dropped.
     */
    record Attached(String container, long stdoutFrom, long stderrFrom) implements FromGuest {}

    /** A signal of this Linux number has arrived: the container's first process has it, or gets it when it runs. */
    record Signalled(String container, int number) implements FromGuest {}

    /** A {@link Mount} or {@link Unmount} is done, or cannot be: what is wrong is one line for the user. */
    record Mounted(String container, String problem) implements FromGuest {}

    /** The container's Podman has ended, and the guest has all its output. */
    record Exited(String container, ExitRecord exit) implements FromGuest {}

    /** The command runs. */
    record ExecStarted(int exec) implements FromGuest {}

    /**
     * The command has ended with this code, 0 to 255, and all its output is in the streams; whether a process of the machine
     * was killed meanwhile because memory ran out.
     */
    record ExecExited(int exec, int code, boolean outOfMemory) implements FromGuest {}

    /** The agent could not do with a container what it was told; the reason is one line for the user. */
    record Failed(String container, String reason) implements FromGuest {}

    /** The command could not be run; the reason is one line for the user. */
    record ExecFailed(int exec, String reason) implements FromGuest {}

    /** The container's processes stand still, if the problem is empty; else what kept them from it, in one line. */
    record Held(String container, String problem) implements FromGuest {}

    /** The machine is another one now, if the problem is empty; else why not, in one line. */
    record Renewed(String container, String problem) implements FromGuest {}

    /**
     * How a {@link Probe} came out.
     *
     * @param met whether there was an answer; whether it is the right one is for the host to say
     * @param status the status of an answer to {@link ProbeKind#HTTP}, the exit code of {@link ProbeKind#HEALTH}, else 0
     * @param seen what was seen, one line for the user
     */
    record Probed(int probe, boolean met, int status, String seen) implements FromGuest {}

    /**
     * The container's health has been checked.
     *
     * @param document what Podman has written down of its checks, JSON
     */
    record Health(String container, String document) implements FromGuest {}
}
