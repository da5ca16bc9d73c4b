package dev.fcvm.plan;

import io.avaje.json.JsonWriter;
import io.avaje.json.stream.BufferRecycleStrategy;
import io.avaje.json.stream.BytesJsonWriter;
import io.avaje.json.stream.JsonStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Plans as JSON, the same code on the host and in the guest.
 *
 * <p>Every field but {@code network} and {@code mounts} must be there, and each at most once and of its type; a field this
 * version does not know is refused, since a
 * guest that left out part of what it was told would look as if it had done it.
 *
 * <p>Uses avaje's streaming reader and writer without generated adapters: those cannot tell a missing field from an
 * empty one, and setting them up (service loading, a type registry) is paid by every start of the agent.
 */
public final class PlanJson {

    /**
     * The largest document, in bytes of UTF-8: it holds what Linux lets a program have of arguments, a quarter of the
     * usual stack of 8 MiB (execve(2)), and JSON's signs besides. The link takes it in one message; Firecracker's MMDS
     * takes less, so that a larger plan goes over the link there.
     */
    public static final int MAX_BYTES = 3 * 1024 * 1024;

    /** The longest argument of a program, in bytes of UTF-8: Linux's MAX_ARG_STRLEN without its NUL, see execve(2). */
    static final int MAX_ARGUMENT_BYTES = 128 * 1024 - 1;

    /**
     * A longer argument is written as a list of pieces of at most this many UTF-16 units, since JSON's reader has a
     * limit of its own for a string, 32 Ki.
     */
    static final int PIECE_LENGTH = 16 * 1024;

    private PlanJson() {}

    /**
     * Returns the document for a plan, on one line.
     *
     * @throws PlanException when it would be larger than {@link #MAX_BYTES}
     */
    public static String write(Plan plan) throws PlanException {
        byte[] document;
        try (BytesJsonWriter writer = stream().bufferedWriterAsBytes()) {
            write(writer, plan);
            document = writer.result();
        }
        checkSize(document.length);
        checkStrings("container.options", plan.container().options());
        checkStrings("container.command", plan.container().command());
        return new String(document, StandardCharsets.UTF_8);
    }

    /**
     * Reads a plan.
     *
     * @throws PlanException when the document is not a plan, naming the field
     */
    public static Plan read(String document) throws PlanException {
        return read(document.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a plan.
     *
     * @param document its UTF-8
     * @throws PlanException when the document is not a plan, naming the field
     */
    public static Plan read(byte[] document) throws PlanException {
        checkSize(document.length);
        return PlanReader.read(stream(), document);
    }

    private static void write(JsonWriter writer, Plan plan) {
        writer.beginObject();
        writer.name("version");
        writer.value(plan.version());
        writer.name("machine");
        writer.value(plan.machine());
        writer.name("name");
        writer.value(plan.name());
        writer.name("hostname");
        writer.value(plan.hostname());
        writer.name("keep");
        writer.value(plan.keep());
        writer.name("container");
        writer.beginObject();
        writer.name("image");
        writer.value(plan.container().image());
        writer.name("options");
        write(writer, plan.container().options());
        writer.name("command");
        write(writer, plan.container().command());
        writer.name("interactive");
        writer.value(plan.container().interactive());
        writer.endObject();
        if (plan.network().isPresent()) {
            write(writer, plan.network().get());
        }
        if (!plan.mounts().isEmpty()) {
            MountJson.write(writer, plan.mounts());
        }
        writer.endObject();
    }

    private static void write(JsonWriter writer, NetworkPlan network) {
        writer.name("network");
        writer.beginObject();
        writer.name("mtu");
        writer.value(network.mtu());
        writer.name("ipv6");
        writer.value(network.ipv6());
        writer.name("resolver");
        write(writer, network.resolver());
        writer.name("hosts");
        write(writer, network.hosts());
        writer.endObject();
    }

    static void write(JsonWriter writer, List<String> values) {
        writer.beginArray();
        for (String value : values) {
            if (value.length() <= PIECE_LENGTH) {
                writer.value(value);
            } else {
                writePieces(writer, value);
            }
        }
        writer.endArray();
    }

    private static void writePieces(JsonWriter writer, String value) {
        writer.beginArray();
        int start = 0;
        while (start < value.length()) {
            int end = Math.min(start + PIECE_LENGTH, value.length());
            if (Character.isHighSurrogate(value.charAt(end - 1))) {
                end--;
            }
            writer.value(value.substring(start, end));
            start = end;
        }
        writer.endArray();
    }

    private static JsonStream stream() {
        return JsonStream.builder()
                .serializeEmpty(true)
                .failOnNullPrimitives(true)
                .bufferRecycling(BufferRecycleStrategy.NO_RECYCLING)
                .build();
    }

    private static void checkSize(int bytes) throws PlanException {
        if (bytes > MAX_BYTES) {
            throw new PlanException(
                    "the plan is too large: " + bytes + " bytes, " + MAX_BYTES + " allowed; shorten the command");
        }
    }

    private static void checkStrings(String field, List<String> values) throws PlanException {
        for (int i = 0; i < values.size(); i++) {
            int length = values.get(i).getBytes(StandardCharsets.UTF_8).length;
            if (length > MAX_ARGUMENT_BYTES) {
                throw new PlanException("the plan's " + field + "[" + i + "] is too long: " + length + " bytes, "
                        + MAX_ARGUMENT_BYTES + " allowed");
            }
        }
    }
}
