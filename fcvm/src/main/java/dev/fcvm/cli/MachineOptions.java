package dev.fcvm.cli;

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

    @Option(names = "--rm", description = "Remove the machine when it has ended.")
    boolean remove;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the machine's id to a new file.")
    @Nullable String cidFile;
}
