package dev.fcvm.machine.inside;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;

/**
 * What a container uses of its machine now.
 *
 * @param fields what Podman in the guest says, by its names in JSON
 * @param received what the machine's card has received since its boot, in bytes
 * @param sent what it has sent
 */
public record Usage(Map<String, String> fields, long received, long sent) {

    /** The network is the machine's, and Podman knows nothing of that. */
    private static final String SCRIPT = """
            podman stats --no-stream --format json "$1" || exit
            for card in /sys/class/net/*; do
                if [ -e "$card/device" ]; then
                    cat "$card/statistics/rx_bytes" "$card/statistics/tx_bytes"
                fi
            done
            """;

    private static final int MOST_FIELDS = 50;
    private static final int LARGEST = 1 << 20;

    public Usage {
        fields = Map.copyOf(fields);
    }

    /** Asks a machine. */
    public static Usage of(GuestPodman podman) throws FcvmException, InterruptedException {
        return parse(podman.machine(), podman.answer(List.of("/bin/sh", "-c", SCRIPT, "sh", podman.container())));
    }

    static Usage parse(String machine, byte[] answer) throws FcvmException {
        String text = new String(answer, StandardCharsets.UTF_8);
        int end = text.lastIndexOf(']') + 1;
        try {
            if (text.length() > LARGEST) {
                throw new IllegalArgumentException("its answer is too long");
            }
            List<Map<String, Object>> all =
                    Jsonb.instance().type(Object.class).map().list().fromJson(text.substring(0, end));
            Map<String, String> fields = all.getFirst().entrySet().stream()
                    .limit(MOST_FIELDS)
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
            long[] bytes = text.substring(end)
                    .lines()
                    .filter(line -> line.matches("[0-9]{1,18}"))
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new Usage(fields, bytes.length < 2 ? 0 : bytes[0], bytes.length < 2 ? 0 : bytes[1]);
        } catch (JsonException | IllegalArgumentException | NoSuchElementException damaged) {
            throw new FcvmException(
                    Kind.GUEST, "machine " + machine + " does not say what it uses: " + damaged.getMessage(), damaged);
        }
    }
}
