package dev.fcvm.plan;

import io.avaje.json.JsonEofException;
import io.avaje.json.JsonException;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonReader.Token;
import io.avaje.json.stream.JsonStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one document. Knows at each moment which field it is in, for the error message. */
final class PlanReader {

    private final JsonReader json;
    private String field = "";

    private PlanReader(JsonReader json) {
        this.json = json;
    }

    static Plan read(JsonStream stream, byte[] document) throws PlanException {
        var reader = new PlanReader(stream.reader(document));
        try {
            Plan plan = reader.plan();
            reader.end();
            return plan;
        } catch (JsonException | IndexOutOfBoundsException e) {
            // Out of bounds: the parser's way of saying that the document ends within an escape.
            throw new PlanException("the plan is not valid JSON" + reader.where() + ": " + oneLine(e), e);
        } catch (IllegalArgumentException e) {
            throw new PlanException("the plan is wrong: " + oneLine(e), e);
        }
    }

    private Plan plan() throws PlanException {
        @Nullable Integer version = null;
        @Nullable String machine = null;
        @Nullable String name = null;
        @Nullable String hostname = null;
        @Nullable Boolean keep = null;
        @Nullable ContainerPlan container = null;
        @Nullable NetworkPlan network = null;
        @Nullable List<MountPlan> mounts = null;
        expect(Token.BEGIN_OBJECT, "an object");
        json.beginObject();
        while (json.hasNextField()) {
            String key = json.nextField();
            field = key;
            switch (key) {
                case "version" -> version = once(version, integer());
                case "machine" -> machine = once(machine, string());
                case "name" -> name = once(name, string());
                case "hostname" -> hostname = once(hostname, string());
                case "keep" -> keep = once(keep, truth());
                case "container" -> container = once(container, container());
                case "network" -> network = once(network, network());
                case "mounts" -> mounts = once(mounts, new MountReader(this).mounts());
                default -> throw unknown();
            }
        }
        field = "";
        json.endObject();
        return new Plan(
                there("version", version),
                there("machine", machine),
                there("name", name),
                there("hostname", hostname),
                there("keep", keep),
                there("container", container),
                Optional.ofNullable(network),
                mounts == null ? List.of() : mounts);
    }

    JsonReader json() {
        return json;
    }

    /** Says which field is read now. */
    void at(String name) {
        field = name;
    }

    private NetworkPlan network() throws PlanException {
        @Nullable Integer mtu = null;
        @Nullable Boolean ipv6 = null;
        @Nullable List<String> resolver = null;
        @Nullable List<String> hosts = null;
        expect(Token.BEGIN_OBJECT, "an object");
        json.beginObject();
        while (json.hasNextField()) {
            String key = json.nextField();
            field = "network." + key;
            switch (key) {
                case "mtu" -> mtu = once(mtu, integer());
                case "ipv6" -> ipv6 = once(ipv6, truth());
                case "resolver" -> resolver = once(resolver, strings());
                case "hosts" -> hosts = once(hosts, strings());
                default -> throw unknown();
            }
        }
        field = "network";
        json.endObject();
        return new NetworkPlan(
                there("network.mtu", mtu),
                there("network.ipv6", ipv6),
                there("network.resolver", resolver),
                there("network.hosts", hosts));
    }

    private ContainerPlan container() throws PlanException {
        @Nullable String image = null;
        @Nullable List<String> options = null;
        @Nullable List<String> command = null;
        @Nullable Boolean interactive = null;
        expect(Token.BEGIN_OBJECT, "an object");
        json.beginObject();
        while (json.hasNextField()) {
            String key = json.nextField();
            field = "container." + key;
            switch (key) {
                case "image" -> image = once(image, string());
                case "options" -> options = once(options, strings());
                case "command" -> command = once(command, strings());
                case "interactive" -> interactive = once(interactive, truth());
                default -> throw unknown();
            }
        }
        field = "container";
        json.endObject();
        return new ContainerPlan(
                there("container.image", image),
                there("container.options", options),
                there("container.command", command),
                there("container.interactive", interactive));
    }

    int integer() throws PlanException {
        expect(Token.NUMBER, "a number");
        return json.readInt();
    }

    String string() throws PlanException {
        expect(Token.STRING, "a string");
        return json.readString();
    }

    boolean truth() throws PlanException {
        expect(Token.BOOLEAN, "true or false");
        return json.readBoolean();
    }

    /** The reader itself takes a number for a string, nothing for false and a list for an object. */
    void expect(Token token, String description) throws PlanException {
        if (json.currentToken() != token) {
            throw new PlanException(
                    field.isEmpty()
                            ? "the plan is not valid JSON: must be an object"
                            : "the plan is wrong: " + shown(field) + ": must be " + description);
        }
    }

    List<String> strings() throws PlanException {
        String list = field;
        List<String> values = new ArrayList<>();
        expect(Token.BEGIN_ARRAY, "a list");
        json.beginArray();
        while (json.hasNextElement()) {
            field = list + "[" + values.size() + "]";
            values.add(json.currentToken() == Token.BEGIN_ARRAY ? pieces() : string());
        }
        field = list;
        json.endArray();
        return values;
    }

    /** A string too long for the reader, in pieces. The document's own size bounds their number. */
    private String pieces() throws PlanException {
        var whole = new StringBuilder();
        json.beginArray();
        while (json.hasNextElement()) {
            whole.append(string());
        }
        json.endArray();
        return whole.toString();
    }

    /** Nothing but white space may follow: the parser itself would not look. */
    private void end() throws PlanException {
        try {
            json.hasNextField();
        } catch (JsonEofException e) {
            return;
        }
        throw new PlanException("the plan is not valid JSON: something follows its end");
    }

    <T> T once(@Nullable T before, T value) throws PlanException {
        if (before != null) {
            throw new PlanException("the plan is wrong: " + field + ": is there twice");
        }
        return value;
    }

    static <T> T there(String field, @Nullable T value) throws PlanException {
        if (value == null) {
            throw new PlanException("the plan is wrong: " + field + ": is missing");
        }
        return value;
    }

    PlanException unknown() {
        return new PlanException("the plan is wrong: " + shown(field) + ": is not a field of version " + Plan.VERSION
                + "; is the base older than fcvm? (fcvm init)");
    }

    private String where() {
        return field.isEmpty() ? "" : " in " + shown(field);
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage();
        return message == null ? "it ends too early" : shown(message);
    }

    /** Text of the document, made fit for a line on a terminal. */
    private static String shown(String text) {
        var line = new StringBuilder();
        for (int i = 0; i < text.length() && i < 120; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return line.toString();
    }
}
