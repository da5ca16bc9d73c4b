package dev.fcvm.cli.inside;

import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.machine.inside.Usage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container uses, under the names and in the words that {@code podman stats} has.
 *
 * @param id the machine's
 * @param name the machine's
 * @param values what Podman says, by its names in JSON
 * @param network what its machine's card has received and sent
 */
record StatsRow(String id, String name, Map<String, String> values, String network) {

    /** What is shown when nothing else is asked for. */
    static final List<String> COLUMNS =
            List.of("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDS", "UpTime", "AvgCPU");

    /** What stands above each column. */
    static final Map<String, String> HEADINGS = headings();

    /** A field of a template, and its name in JSON. */
    private static final Map<String, String> IN_JSON = Map.of(
            "CPUPerc", "cpu_percent",
            "MemUsage", "mem_usage",
            "MemPerc", "mem_percent",
            "BlockIO", "block_io",
            "PIDS", "pids",
            "UpTime", "cpu_time",
            "AvgCPU", "avg_cpu");

    private static final int BRIEF = 12;
    private static final String NONE = "--";

    private static Map<String, String> headings() {
        Map<String, String> headings = new LinkedHashMap<>();
        headings.put("ID", "ID");
        headings.put("Name", "NAME");
        headings.put("CPUPerc", "CPU %");
        headings.put("MemUsage", "MEM USAGE / LIMIT");
        headings.put("MemPerc", "MEM %");
        headings.put("NetIO", "NET IO");
        headings.put("BlockIO", "BLOCK IO");
        headings.put("PIDS", "PIDS");
        headings.put("UpTime", "CPU TIME");
        headings.put("AvgCPU", "AVG CPU %");
        return headings;
    }

    static StatsRow of(String id, String name, Usage usage) {
        return new StatsRow(
                id,
                name,
                usage.fields(),
                HumanText.compact(usage.received()) + " / " + HumanText.compact(usage.sent()));
    }

    /** One whose container does not run uses nothing. */
    static StatsRow ofResting(String id, String name) {
        return new StatsRow(id, name, Map.of(), NONE + " / " + NONE);
    }

    private String shownId(boolean whole) {
        return whole ? id : id.substring(0, BRIEF);
    }

    /** Returns the fields of a template. */
    Map<String, Object> fields(boolean whole) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("ID", shownId(whole));
        fields.put("Name", name);
        IN_JSON.forEach((field, json) -> fields.put(field, values.getOrDefault(json, NONE)));
        fields.put("NetIO", network);
        fields.put("Container", id);
        return fields;
    }

    /** Returns the fields of {@code podman stats --format json}. */
    Map<String, Object> document(boolean whole) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", shownId(whole));
        document.put("name", name);
        for (String json : List.of("cpu_time", "cpu_percent", "avg_cpu", "mem_usage", "mem_percent")) {
            document.put(json, values.getOrDefault(json, NONE));
        }
        document.put("net_io", network);
        document.put("block_io", values.getOrDefault("block_io", NONE));
        document.put("pids", values.getOrDefault("pids", NONE));
        return document;
    }
}
