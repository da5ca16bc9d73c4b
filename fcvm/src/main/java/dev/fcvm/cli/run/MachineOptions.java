package dev.fcvm.cli.run;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.settings.DataSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags with which the machine around the container is described. */
public final class MachineOptions {

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the machine. Default: a made-up one.")
    @Nullable String name;

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "Host name. Default: the beginning of the machine's id.")
    @Nullable String hostname;

    @Option(
            names = "--cpus",
            paramLabel = "NUMBER",
            description = "CPUs the container may use, such as 1.5; the machine gets as many, rounded up.")
    @Nullable String cpus;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "Memory the container may use, such as 512m or 2g; the machine gets 256m more.")
    @Nullable String memory;

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass standard input on.")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the container a terminal.")
    boolean tty;

    @Option(
            names = {"-d", "--detach"},
            description = "Print the machine's id when the container runs, and let it go on.")
    boolean detach;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys by which a terminal leaves a container that goes on; empty for none. Default:"
                    + " ctrl-p,ctrl-q.")
    @Nullable String detachKeys;

    @Option(
            names = "--log-opt",
            paramLabel = "NAME=VALUE",
            description = "max-size=SIZE: how much of the container's output is kept. Default: 10m.")
    List<String> logOptions = new ArrayList<>();

    @Option(names = "--rm", description = "Remove the machine when it has ended.")
    boolean remove;

    @Option(
            names = "--wait-ready",
            paramLabel = "mode=MODE,…",
            description = "Wait until it is ready: mode=vsock[,file=], http,port=[,path=,status=], tcp,port=,"
                    + " log,pattern=, exec,command= or healthcheck; [,timeout=60s][,interval=].")
    @Nullable String waitReady;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the machine's id to a new file.")
    @Nullable String cidFile;

    /** Returns the keys by which a terminal leaves. */
    DetachKeys keys() throws FcvmException {
        return detachKeys == null ? DetachKeys.DEFAULT : DetachKeys.parse(detachKeys);
    }

    /** Returns how much of the container's output is kept, in bytes. */
    long logLimit() throws FcvmException {
        long limit = OutputLog.DEFAULT_LIMIT;
        for (String option : logOptions) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            if (!name.equals("max-size")) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--log-opt \"" + option + "\" is not known; fcvm knows max-size, such as max-size=10m");
            }
            String size = option.substring(equals + 1);
            limit = DataSize.parse(size)
                    .map(DataSize::bytes)
                    .filter(bytes -> bytes >= OutputLog.LEAST_LIMIT)
                    .orElseThrow(() -> new FcvmException(
                            FcvmException.Kind.USAGE,
                            "--log-opt max-size is \"" + size + "\"; it must be a size of at least 4k, such as 10m"));
        }
        return limit;
    }
}
