package dev.fcvm.vmm.firecracker.api;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.jsonb.CustomAdapter;
import io.avaje.jsonb.Jsonb;
import java.time.Duration;

/** Writes a duration as its number of seconds. */
@CustomAdapter(global = false)
public final class Seconds implements JsonAdapter<Duration> {

    /** The constructor that adapters have. */
    public Seconds(Jsonb json) {}

    @Override
    public void toJson(JsonWriter writer, Duration value) {
        writer.value(value.toSeconds());
    }

    @Override
    public Duration fromJson(JsonReader reader) {
        return Duration.ofSeconds(reader.readLong());
    }
}
