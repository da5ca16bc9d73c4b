package dev.fcvm.guest.network;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's parameters of the network that a container is to have ({@code --sysctl net.…}). Its network is the
 * machine's, where Podman sets none of them; so they are set in the machine.
 */
public final class NetworkSysctls {

    private static final String FLAG = "--sysctl=";
    private static final String NETWORK = "net.";

    private NetworkSysctls() {}

    /**
     * Sets them.
     *
     * @param options arguments of {@code podman run}
     * @param sysctls where the kernel has its parameters
     * @return the options without them
     * @throws AgentException when the kernel has no such parameter, or refuses the value
     */
    public static List<String> set(List<String> options, Path sysctls) throws AgentException {
        var others = new ArrayList<String>(options.size());
        for (String option : options) {
            // sysctl(8) takes both forms of a name.
            if (option.startsWith(FLAG + NETWORK) || option.startsWith(FLAG + "net/")) {
                set(option.substring(FLAG.length()), sysctls);
            } else {
                others.add(option);
            }
        }
        return others;
    }

    private static void set(String assignment, Path sysctls) throws AgentException {
        int equals = assignment.indexOf('=');
        String name = equals < 0 ? assignment : assignment.substring(0, equals);
        Path file = sysctls.resolve(path(name)).normalize();
        if (equals < 0 || !file.startsWith(sysctls.resolve("net"))) {
            throw new AgentException(Console.oneLine("--sysctl " + assignment + " is not of the form net.NAME=VALUE"));
        }
        if (!Files.isRegularFile(file)) {
            throw new AgentException(
                    Console.oneLine("--sysctl " + assignment + ": the machine's kernel has no parameter " + name));
        }
        try {
            Files.writeString(file, assignment.substring(equals + 1) + "\n");
        } catch (IOException e) {
            throw new AgentException(
                    Console.oneLine(
                            "--sysctl " + assignment + ": the machine's kernel refuses it: " + Console.reason(e)),
                    e);
        }
    }

    /** The first separator tells which form it is; in the one with dots a slash stands for a dot, see sysctl.d(5). */
    private static String path(String name) {
        if (name.startsWith("net/")) {
            return name;
        }
        var path = new StringBuilder(name);
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            path.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return path.toString();
    }
}
