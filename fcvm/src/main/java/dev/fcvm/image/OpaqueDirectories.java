package dev.fcvm.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What debugfs is to do so that directories hide those below them from the guest's root. Names are bytes of which a
 * stranger has chosen all but 0 and the slash; they are held as ISO 8859-1 text.
 *
 * @param lines commands, for a script
 * @param requests commands with a line end in them, which no script can have, each with a NUL behind it
 */
record OpaqueDirectories(List<String> lines, String requests) {

    private static final Pattern PATH_LINE = Pattern.compile("(?m)^# file: (.*)$");
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    OpaqueDirectories {
        lines = List.copyOf(lines);
    }

    /**
     * Reads what getfattr(1) has written.
     *
     * @param output its output
     * @param store the directory that is the root of the disk
     */
    static OpaqueDirectories of(byte[] output, String store) {
        int prefix = store.getBytes(StandardCharsets.UTF_8).length;
        List<String> lines = new ArrayList<>();
        StringBuilder requests = new StringBuilder();
        Matcher found = PATH_LINE.matcher(new String(output, StandardCharsets.ISO_8859_1));
        while (found.find()) {
            String path = OCTAL.matcher(found.group(1))
                    .replaceAll(match ->
                            Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 8))));
            String command = "ea_set \"%s\" trusted.overlay.opaque y"
                    .formatted(path.substring(prefix).replace("\"", "\"\""));
            if (command.contains("\n")) {
                requests.append(command).append('\0');
            } else {
                lines.add(command);
            }
        }
        return new OpaqueDirectories(lines, requests.toString());
    }
}
