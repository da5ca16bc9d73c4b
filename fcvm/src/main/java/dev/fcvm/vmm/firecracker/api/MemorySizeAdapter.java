package dev.fcvm.vmm.firecracker.api;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.jsonb.CustomAdapter;
import io.avaje.jsonb.Jsonb;

/** Writes an amount of memory as its number of MiB. */
@CustomAdapter
public final class MemorySizeAdapter implements JsonAdapter<MemorySize> {

    /** The constructor that adapters have. */
    public MemorySizeAdapter(Jsonb json) {}

    @Override
    public void toJson(JsonWriter writer, MemorySize value) {
        writer.value(value.mebibytes());
    }

    @Override
    public MemorySize fromJson(JsonReader reader) {
        return MemorySize.ofMebibytes(reader.readLong());
    }
}
