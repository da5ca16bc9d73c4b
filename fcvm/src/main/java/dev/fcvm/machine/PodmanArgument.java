package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import java.util.Map;
import java.util.Set;

/** Judges a {@code --podman-arg}: what would break the machine, or mean something else than the user thinks, is refused. */
final class PodmanArgument {

    private static final String OURS = "fcvm has its own flag for it; put it before the image without --podman-arg";
    private static final String NETWORK = "the container has its machine's network, which fcvm's own flags are about";
    private static final String TERMINAL = "terminals are not supported yet";
    private static final String DETACHED = "detached machines are not supported yet";
    private static final String HOST_FILES = "it would name a file of the guest, not of this host";
    private static final String STREAMS = "fcvm itself carries the container's output and exit code";
    private static final String ALONE = "a machine runs one container";

    /** Flags of {@code podman run} that stand without a value. */
    private static final Set<String> SWITCHES = Set.of(
            "--disable-content-trust",
            "--http-proxy",
            "--init",
            "--no-healthcheck",
            "--no-hostname",
            "--no-hosts",
            "--oom-kill-disable",
            "--passwd",
            "--read-only-tmpfs",
            "--unsetenv-all");

    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("--attach", STREAMS),
            Map.entry("--authfile", OURS),
            Map.entry("--cap-add", OURS),
            Map.entry("--cap-drop", OURS),
            Map.entry("--cidfile", OURS),
            Map.entry("--conmon-pidfile", HOST_FILES),
            Map.entry("--cpus", OURS),
            Map.entry("--detach", DETACHED),
            Map.entry("--detach-keys", TERMINAL),
            Map.entry("--dns", NETWORK),
            Map.entry("--entrypoint", OURS),
            Map.entry("--env", OURS),
            Map.entry("--env-file", OURS),
            Map.entry("--env-host", "the environment it would copy is the guest's; use --env=NAME"),
            Map.entry("--expose", NETWORK),
            Map.entry("--help", OURS),
            Map.entry("--hostname", OURS),
            Map.entry("--interactive", OURS),
            Map.entry("--ip", NETWORK),
            Map.entry("--ip6", NETWORK),
            Map.entry("--label", OURS),
            Map.entry("--label-file", OURS),
            Map.entry("--log-driver", STREAMS),
            Map.entry("--log-opt", STREAMS),
            Map.entry("--mac-address", NETWORK),
            Map.entry("--memory", OURS),
            Map.entry("--name", OURS),
            Map.entry("--net", NETWORK),
            Map.entry("--network", NETWORK),
            Map.entry("--network-alias", NETWORK),
            Map.entry("--pidfile", HOST_FILES),
            Map.entry("--pod", ALONE),
            Map.entry("--pod-id-file", ALONE),
            Map.entry("--preserve-fds", STREAMS),
            Map.entry("--privileged", OURS),
            Map.entry("--publish", NETWORK),
            Map.entry("--publish-all", NETWORK),
            Map.entry("--pull", OURS),
            Map.entry("--quiet", OURS),
            Map.entry("--read-only", OURS),
            Map.entry("--replace", ALONE),
            Map.entry("--requires", ALONE),
            Map.entry("--restart", "restart policies are not supported yet"),
            Map.entry("--rm", OURS),
            Map.entry("--rmi", "the image is read-only in the guest; use fcvm rmi"),
            Map.entry("--rootfs", "the image is fcvm's to attach"),
            Map.entry("--sig-proxy", STREAMS),
            Map.entry("--tls-verify", OURS),
            Map.entry("--tmpfs", OURS),
            Map.entry("--tty", TERMINAL),
            Map.entry("--user", OURS),
            Map.entry("--volume", "directory mappings are not supported yet"),
            Map.entry("--volumes-from", ALONE),
            Map.entry("--workdir", OURS));

    private PodmanArgument() {}

    /**
     * Returns the argument when it may pass.
     *
     * @throws FcvmException when it may not, with the reason
     */
    static String check(String argument) throws FcvmException {
        int equals = argument.indexOf('=');
        String flag = equals < 0 ? argument : argument.substring(0, equals);
        if (!flag.startsWith("--") || flag.length() == 2) {
            throw refused(
                    argument,
                    "write one long flag of podman run with its value, such as --podman-arg=--pids-limit=100");
        }
        String reason = REFUSED.get(flag);
        if (reason != null) {
            throw refused(argument, reason);
        }
        if (flag.equals("--mount") && !argument.contains("type=tmpfs")) {
            throw refused(argument, "directory mappings are not supported yet; only type=tmpfs is");
        }
        if (equals < 0 && !SWITCHES.contains(flag)) {
            throw refused(argument, "join the value to it: --podman-arg=" + flag + "=VALUE");
        }
        return argument;
    }

    private static FcvmException refused(String argument, String reason) {
        return new FcvmException(FcvmException.Kind.USAGE, "--podman-arg " + argument + " is not passed on: " + reason);
    }
}
