package dev.fcvm.cli.shared;

import picocli.CommandLine.Option;

/** Flags every command has. */
public final class CommonFlags {

    @Option(names = "--debug", description = "Show the trace of an error.")
    boolean debug;

    @Option(names = "--help", usageHelp = true, description = "Show this help.")
    boolean help;
}
