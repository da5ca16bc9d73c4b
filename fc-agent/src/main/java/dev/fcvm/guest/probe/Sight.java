package dev.fcvm.guest.probe;

/**
 * What was seen when something was looked at.
 *
 * @param met whether there was an answer
 * @param status of a web server's answer, or the exit code of a command; else 0
 * @param seen in one line, for the user
 */
public record Sight(boolean met, int status, String seen) {}
