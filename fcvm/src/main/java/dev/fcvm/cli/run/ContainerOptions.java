package dev.fcvm.cli.run;

import dev.fcvm.cli.image.RegistryFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.ContainerFlags;
import dev.fcvm.machine.spec.Environment;
import dev.fcvm.machine.spec.FlagFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags with which the container is described, each meaning what it means to {@code podman run}. */
public final class ContainerOptions {

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable; NAME alone passes yours on, and NAME* all that begin so.")
    List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read variables from a file, one a line.")
    List<String> envFiles = new ArrayList<>();

    @Option(
            names = "--http-proxy",
            arity = "0..1",
            paramLabel = "BOOL",
            fallbackValue = "true",
            preprocessor = RegistryFlags.AttachedOrTrue.class,
            description = "Pass http_proxy, https_proxy, ftp_proxy and no_proxy on, in either case. Default: true.")
    @Nullable Boolean httpProxy;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Working directory in the container.")
    @Nullable String workdir;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "User, by name or number.")
    @Nullable String user;

    @Option(
            names = "--entrypoint",
            paramLabel = "COMMAND",
            description = "Replace the image's entry point: a program, or a JSON array; \"\" for none.")
    @Nullable String entrypoint;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Label the container.")
    List<String> labels = new ArrayList<>();

    @Option(names = "--label-file", paramLabel = "FILE", description = "Read labels from a file, one a line.")
    List<String> labelFiles = new ArrayList<>();

    @Option(names = "--read-only", description = "Make the container's root file system read-only.")
    boolean readOnly;

    @Option(names = "--tmpfs", paramLabel = "DIR[:OPTIONS]", description = "Mount a tmpfs.")
    List<String> tmpfs = new ArrayList<>();

    @Option(names = "--cap-add", paramLabel = "CAPABILITY", description = "Add a capability.")
    List<String> capAdd = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "CAPABILITY", description = "Drop a capability.")
    List<String> capDrop = new ArrayList<>();

    @Option(names = "--privileged", description = "Give the container every privilege in its machine.")
    boolean privileged;

    @Option(
            names = "--podman-arg",
            paramLabel = "--FLAG=VALUE",
            description = "Give a flag of a newer Podman, that fcvm does not know, to podman run in the guest.")
    List<String> podmanArguments = new ArrayList<>();

    /**
     * Returns the flags as Podman in the guest is to get them.
     *
     * @param podmanFlags those that only Podman reads
     * @param context where files are read from
     */
    ContainerFlags flags(List<String> podmanFlags, CommandContext context) throws FcvmException {
        var all = new ArrayList<String>();
        for (String file : labelFiles) {
            all.addAll(FlagFile.lines("--label-file", context.path(file)));
        }
        all.addAll(labels);
        return new ContainerFlags(
                Optional.ofNullable(workdir),
                Optional.ofNullable(user),
                Optional.ofNullable(entrypoint),
                all,
                readOnly,
                tmpfs,
                capAdd,
                capDrop,
                privileged,
                podmanFlags,
                podmanArguments);
    }

    /**
     * Returns the variables as {@code NAME=VALUE}.
     *
     * @param network whether the container has a network
     */
    List<String> environment(CommandContext context, boolean network) throws FcvmException {
        boolean proxies =
                network && !Boolean.FALSE.equals(httpProxy) && !podmanArguments.contains("--http-proxy=false");
        return Environment.of(envFiles.stream().map(context::path).toList(), env, context.environment(), proxies);
    }
}
