package dev.fcvm.host.journal;

import io.avaje.json.JsonException;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.json.stream.JsonStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of a journal, as JSON. */
sealed interface JournalLine {

    /** Returns the number of the acquisition it is about, unique in its journal. */
    long number();

    /** Something is about to be acquired. */
    record Acquired(long number, String kind, Map<String, String> fields) implements JournalLine {

        @Override
        public String text() {
            StringWriter text = new StringWriter();
            try (JsonWriter json = JsonStream.builder().build().writer(text)) {
                json.beginObject();
                json.name("acquire");
                json.value(number);
                json.name("kind");
                json.value(kind);
                json.name("fields");
                json.beginObject();
                fields.forEach((name, value) -> {
                    json.name(name);
                    json.value(value);
                });
                json.endObject();
                json.endObject();
            }
            return text + "\n";
        }
    }

    /** It has been released. */
    record Released(long number) implements JournalLine {

        @Override
        public String text() {
            return "{\"release\":%d}\n".formatted(number);
        }
    }

    /** Returns it with its line's end. */
    String text();

    /**
     * Reads one.
     *
     * @throws IOException when it is none
     */
    static JournalLine parse(String line) throws IOException {
        try (JsonReader json = JsonStream.builder().build().reader(line)) {
            return read(json);
        } catch (JsonException | IllegalStateException | IndexOutOfBoundsException e) {
            throw new IOException("it is no line of a journal: " + e.getMessage(), e);
        }
    }

    private static JournalLine read(JsonReader json) throws IOException {
        long acquired = -1;
        long released = -1;
        String kind = "";
        Map<String, String> fields = new LinkedHashMap<>();
        json.beginObject();
        while (json.hasNextField()) {
            switch (json.nextField()) {
                case "acquire" -> acquired = json.readLong();
                case "release" -> released = json.readLong();
                case "kind" -> kind = json.readString();
                case "fields" -> {
                    json.beginObject();
                    while (json.hasNextField()) {
                        String name = json.nextField();
                        fields.put(name, json.readString());
                    }
                    json.endObject();
                }
                default -> json.skipValue();
            }
        }
        json.endObject();
        if (released >= 0) {
            return new Released(released);
        }
        if (acquired >= 0 && !kind.isEmpty()) {
            return new Acquired(acquired, kind, fields);
        }
        throw new IOException("it is no line of a journal");
    }
}
