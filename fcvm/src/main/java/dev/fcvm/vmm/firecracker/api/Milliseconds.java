package dev.fcvm.vmm.firecracker.api;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.jsonb.CustomAdapter;
import io.avaje.jsonb.Jsonb;
import java.time.Duration;

/** Writes a duration as its number of milliseconds. */
@CustomAdapter(global = false)
public final class Milliseconds implements JsonAdapter<Duration> {

    /** The constructor that adapters have. */
    public Milliseconds(Jsonb json) {}

    @Override
    public void toJson(JsonWriter writer, Duration value) {
        writer.value(value.toMillis());
    }

    @Override
    public Duration fromJson(JsonReader reader) {
        return Duration.ofMillis(reader.readLong());
    }
}
