package dev.fcvm.agent;

/**
 * What an agent saw when it looked at a container.
 *
 * @param met whether there was an answer
 * @param status of a web server's answer, or the exit code of a command; else 0
 * @param seen in one line, harmless to show
 */
public record ProbeResult(boolean met, int status, String seen) {}
