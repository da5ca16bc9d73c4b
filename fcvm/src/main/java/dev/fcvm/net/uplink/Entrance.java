package dev.fcvm.net.uplink;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The way into a machine's network namespace, for commands run from outside.
 *
 * @param process a process in the namespace
 * @param user whether that lies in a user namespace of its own
 */
public record Entrance(long process, boolean user) {

    /** Returns the words to put before a command. */
    public List<String> words() {
        List<String> words = new ArrayList<>(List.of("nsenter", "--target", Long.toString(process), "--net"));
        if (user) {
            words.addAll(List.of("--user", "--preserve-credentials"));
        }
        words.add("--");
        return words;
    }

    /** Changes the rules there, all of it or nothing. */
    public void change(String rules) throws FcvmException, InterruptedException {
        run("change the rules of", List.of("nft", "-f", "-"), rules);
    }

    /** Does what {@code ip -batch} is told there. */
    public void links(String commands) throws FcvmException, InterruptedException {
        run("set up", List.of("ip", "-batch", "-"), commands);
    }

    private void run(String what, List<String> command, String input) throws FcvmException, InterruptedException {
        List<String> words = words();
        Tool.Result result = Tool.named(words.getFirst(), "util-linux")
                .with(words.subList(1, words.size()))
                .with(command)
                .reading(input.getBytes(StandardCharsets.UTF_8))
                .run();
        if (!result.succeeded()) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot %s the machine's network: %s: %s".formatted(what, command.getFirst(), firstWords(result)));
        }
    }

    private static String firstWords(Tool.Result result) {
        return result.errors().lines().findFirst().orElse("exit code " + result.exitCode());
    }
}
