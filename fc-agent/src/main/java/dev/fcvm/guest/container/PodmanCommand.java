package dev.fcvm.guest.container;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.plan.ContainerPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Podman's command lines. */
public final class PodmanCommand {

    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGTERM = 15;

    private PodmanCommand() {}

    /**
     * Returns the command line that makes a container and runs it.
     *
     * @param podman the program
     * @param options arguments of {@code podman run}, as the plan has them but for those the agent has carried out
     * @param container what is to run
     * @param network whether the machine has a network, which is then the container's
     * @param environment {@code NAME=VALUE}, each
     * @param terminal whether it has a terminal
     * @param pidFile where the container's first process id is to be written
     * @param conmonPidFile where that of conmon is to be written
     * @throws AgentException when a variable is not of that form
     */
    public static List<String> run(
            String podman,
            List<String> options,
            ContainerPlan container,
            boolean network,
            List<String> environment,
            boolean terminal,
            Path pidFile,
            Path conmonPidFile)
            throws AgentException {
        List<String> line = new ArrayList<>();
        line.add(podman);
        line.add("run");
        line.addAll(options);
        addEnvironment(line, environment);
        // After the plan's own: of an option given twice Podman takes the last.
        line.add("--pull=never");
        // The machine's network is there for this container alone, which so sees who calls it. Without one, the card
        // leads to the metadata service and nowhere else, which is no business of a container's.
        line.add(network ? "--network=host" : "--network=none");
        // The container gets Podman's own pipes: nothing between it and the agent that could change a byte. A terminal
        // is
        // not passed through: Podman makes one for the container, and joins it with its own.
        line.add(terminal ? "--log-driver=none" : "--log-driver=passthrough");
        if (!HealthChecks.areAskedFor(options) && !HealthChecks.areNamed(options)) {
            // The host has put the image's own check among the options: what is not there is not to be run. Beside a
            // command Podman refuses this flag, be the command none.
            line.add("--no-healthcheck");
        }
        // No manager waits to be told that the container is up.
        line.add("--sdnotify=ignore");
        line.add("--pidfile=" + pidFile);
        line.add("--conmon-pidfile=" + conmonPidFile);
        addStreams(line, container.interactive(), terminal);
        line.add(container.image());
        line.addAll(container.command());
        return List.copyOf(line);
    }

    /** Returns the command line that starts a container anew which ran in an earlier boot of the machine. */
    public static List<String> again(String podman, String name, boolean interactive, boolean terminal) {
        // Signals go to the container's own process: Signals.
        List<String> line = new ArrayList<>(List.of(podman, "start", "--attach", "--sig-proxy=false"));
        if (interactive) {
            line.add("--interactive");
        }
        if (terminal) {
            line.add(NO_DETACHING);
        }
        line.add(name);
        return List.copyOf(line);
    }

    /**
     * Returns the command line that runs one more command in a container.
     *
     * @throws AgentException when a variable is not of the form {@code NAME=VALUE}
     */
    public static List<String> exec(
            String podman,
            String name,
            List<String> options,
            List<String> environment,
            boolean interactive,
            boolean terminal,
            List<String> command)
            throws AgentException {
        List<String> line = new ArrayList<>(List.of(podman, "exec"));
        line.addAll(options);
        addEnvironment(line, environment);
        addStreams(line, interactive, terminal);
        line.add(name);
        line.addAll(command);
        return List.copyOf(line);
    }

    /** Returns with which code {@code podman exec} ends by a signal, while its command goes on; null when it does not. */
    public static @Nullable Integer codeOfEnded(int signal) {
        if (signal == SIGINT || signal == SIGTERM) {
            return 1;
        }
        if (signal == SIGHUP) {
            return 128 + SIGHUP;
        }
        return signal == SIGQUIT ? 2 : null;
    }

    /** Who detaches from a terminal is at the host, and so are the keys for it. */
    private static final String NO_DETACHING = "--detach-keys=";

    private static void addStreams(List<String> line, boolean interactive, boolean terminal) {
        if (interactive) {
            line.add("--interactive");
        }
        if (terminal) {
            line.add("--tty");
            line.add(NO_DETACHING);
        }
    }

    private static void addEnvironment(List<String> line, List<String> environment) throws AgentException {
        for (String variable : environment) {
            line.add("--env");
            line.add(checked(variable));
        }
    }

    /** Without a value Podman would look the variable up in the agent's environment, with a star even many. */
    public static String checked(String variable) throws AgentException {
        int equals = variable.indexOf('=');
        if (equals < 1 || variable.indexOf('\0') >= 0) {
            String name = equals < 0 ? variable : variable.substring(0, equals);
            throw new AgentException(
                    Console.oneLine("the environment variable '" + name + "' is not of the form NAME=VALUE"));
        }
        return variable;
    }
}
