package dev.fcvm.cli;

import java.util.List;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in Podman's words what is wrong with a command line. */
final class UsageErrors {

    private UsageErrors() {}

    /** Returns one line. */
    static String line(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName(" ");
        return what(failure) + "; see '" + command + " --help'";
    }

    private static String what(ParameterException failure) {
        return switch (failure) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing
            when missing.getMissing().stream().noneMatch(argument -> argument.isOption()) ->
                "an argument is missing: "
                        + String.join(
                                ", ",
                                missing.getMissing().stream()
                                        .map(argument -> argument.paramLabel())
                                        .toList());
            default -> lowerFirst(String.valueOf(failure.getMessage()).replace('\n', ' '));
        };
    }

    private static String unmatched(UnmatchedArgumentException failure) {
        List<String> words = failure.getUnmatched();
        String word = words.isEmpty() ? "" : words.getFirst();
        if (word.startsWith("--")) {
            return "unknown flag: " + word.replaceFirst("=.*", "");
        }
        if (word.startsWith("-") && word.length() > 1) {
            return "unknown shorthand flag: '" + word.charAt(1) + "' in " + word;
        }
        boolean root = failure.getCommandLine().getParent() == null;
        return root ? "unknown command \"" + word + "\"" : "unexpected argument \"" + word + "\"";
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
}
