package dev.fcvm.guest;

import dev.fcvm.plan.ContainerPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the one {@code podman run} of a machine. */
final class PodmanCommand {

    private PodmanCommand() {}

    /**
     * Returns the command line.
     *
     * @param podman the program
     * @param options arguments of {@code podman run}, as the plan has them but for those the agent has carried out
     * @param container what is to run
     * @param network whether the machine has a network, which is then the container's
     * @param environment {@code NAME=VALUE}, each
     * @param pidFile where the container's first process id is to be written
     * @param conmonPidFile where that of conmon is to be written
     * @throws AgentException when a variable is not of that form
     */
    static List<String> of(
            String podman,
            List<String> options,
            ContainerPlan container,
            boolean network,
            List<String> environment,
            Path pidFile,
            Path conmonPidFile)
            throws AgentException {
        List<String> line = new ArrayList<>();
        line.add(podman);
        line.add("run");
        line.addAll(options);
        for (String variable : environment) {
            line.add("--env");
            line.add(checked(variable));
        }
        // After the plan's own: of an option given twice Podman takes the last.
        line.add("--pull=never");
        // The machine's network is there for this container alone, which so sees who calls it. Without one, the card
        // leads to the metadata service and nowhere else, which is no business of a container's.
        line.add(network ? "--network=host" : "--network=none");
        // The container gets Podman's own pipes: nothing between it and the agent that could change a byte.
        line.add("--log-driver=passthrough");
        if (!HealthChecks.areAskedFor(options)) {
            // An image's own check would cost time, and nobody asks for its outcome.
            line.add("--no-healthcheck");
        }
        // No manager waits to be told that the container is up.
        line.add("--sdnotify=ignore");
        line.add("--pidfile=" + pidFile);
        line.add("--conmon-pidfile=" + conmonPidFile);
        if (container.interactive()) {
            line.add("--interactive");
        }
        line.add(container.image());
        line.addAll(container.command());
        return List.copyOf(line);
    }

    /** Without a value Podman would look the variable up in the agent's environment, with a star even many. */
    private static String checked(String variable) throws AgentException {
        int equals = variable.indexOf('=');
        if (equals < 1 || variable.indexOf('\0') >= 0) {
            String name = equals < 0 ? variable : variable.substring(0, equals);
            throw new AgentException(
                    Console.oneLine("the environment variable '" + name + "' is not of the form NAME=VALUE"));
        }
        return variable;
    }
}
