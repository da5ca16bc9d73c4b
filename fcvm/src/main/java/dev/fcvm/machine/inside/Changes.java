package dev.fcvm.machine.inside;

import dev.fcvm.error.FcvmException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container has changed of its image.
 *
 * @param lines as Podman says it: C for changed, A for added, D for deleted, a blank, the path
 */
public record Changes(List<String> lines) {

    /** What the agent has put there, which is no doing of the container's. */
    private static final String OURS = "/run/.fcvm";

    private static final Map<String, String> KINDS = kinds();

    public Changes {
        lines = List.copyOf(lines);
    }

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("changed", "C ");
        kinds.put("added", "A ");
        kinds.put("deleted", "D ");
        return kinds;
    }

    /** Asks a machine. */
    public static Changes of(GuestPodman podman) throws FcvmException, InterruptedException {
        return parse(podman.ask(List.of("diff"), List.of()));
    }

    static Changes parse(byte[] answer) {
        return new Changes(new String(answer, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.length() > 2)
                .filter(line -> {
                    String path = line.substring(2);
                    return !path.equals(OURS) && !path.startsWith(OURS + "/");
                })
                .toList());
    }

    /** Returns the paths by what has become of them; kinds there are none of are left out. */
    public Map<String, List<String>> byKind() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        KINDS.forEach((kind, beginning) -> {
            List<String> paths = lines.stream()
                    .filter(line -> line.startsWith(beginning))
                    .map(line -> line.substring(beginning.length()))
                    .toList();
            if (!paths.isEmpty()) {
                all.put(kind, paths);
            }
        });
        return all;
    }
}
