package dev.fcvm.cli.volume;

import dev.fcvm.host.MachineId;
import dev.fcvm.volume.named.VolumeStore;
import io.avaje.jsonb.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A volume as {@code fcvm volume inspect} shows it, with Podman's names.
 *
 * @param name its name
 * @param driver always {@code local}
 * @param mountpoint its disk
 * @param createdAt when it was made, ISO 8601
 * @param labels as the user gave them
 * @param scope always {@code local}
 * @param size the most it holds, in bytes
 * @param machines those that have it now
 */
@Json
public record VolumeView(
        @Json.Property("Name") String name,
        @Json.Property("Driver") String driver,
        @Json.Property("Mountpoint") String mountpoint,
        @Json.Property("CreatedAt") String createdAt,
        @Json.Property("Labels") Map<String, String> labels,
        @Json.Property("Scope") String scope,
        @Json.Property("Size") long size,
        @Json.Property("Machines") List<String> machines) {

    static VolumeView of(VolumeStore.Found volume) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : volume.what().labels()) {
            int equals = label.indexOf('=');
            labels.put(equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
        }
        return new VolumeView(
                volume.what().name(),
                "local",
                volume.disk().toString(),
                volume.what().created(),
                labels,
                "local",
                volume.what().size(),
                volume.machines().stream().map(MachineId::value).toList());
    }
}
