package dev.fcvm.vmm.qemu;

import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import io.avaje.json.JsonReader;
import java.io.IOException;

/** What QEMU says on its control socket: https://www.qemu.org/docs/master/interop/qmp-spec.html. */
sealed interface QmpMessage {

    /**
     * Its first message.
     *
     * @param version of QEMU, with what its packager calls it; empty when it does not say
     */
    record Greeting(String version) implements QmpMessage {}

    /**
     * A command has been done.
     *
     * @param status what it answers as {@code status}, or an empty text
     * @param problem what it answers as {@code error-desc}, or an empty text
     */
    record Done(long id, String status, String problem) implements QmpMessage {}

    /** A command has been refused, for this reason. */
    record Refused(long id, String reason) implements QmpMessage {}

    /**
     * Something has happened.
     *
     * @param name as {@code SHUTDOWN}
     * @param reason as {@code guest-reset}, empty when there is none
     */
    record Event(String name, String reason) implements QmpMessage {}

    /**
     * Reads one line.
     *
     * @throws IOException when it is none of these
     */
    static QmpMessage parse(String line) throws IOException {
        try {
            return UntrustedJson.parse(line, reader -> new Fields().read(reader));
        } catch (MalformedJson e) {
            throw new IOException("QEMU sent what is no QMP message: " + e.getMessage(), e);
        }
    }

    /** The fields of a message while it is read. */
    final class Fields {
        private boolean greeting;
        private String version = "";
        private boolean done;
        private String status = "";
        private String problem = "";
        private long id = -1;
        private String refusal = "";
        private String event = "";
        private String reason = "";

        private QmpMessage read(JsonReader reader) throws MalformedJson {
            reader.beginObject();
            while (reader.hasNextField()) {
                switch (reader.nextField()) {
                    case "QMP" -> {
                        greeting = true;
                        greeting(reader);
                    }
                    case "return" -> {
                        done = true;
                        answer(reader);
                    }
                    case "id" -> id = reader.readLong();
                    case "event" -> event = reader.readString();
                    case "error" -> refusal = text(reader, "desc");
                    case "data" -> reason = text(reader, "reason");
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            if (greeting) {
                return new Greeting(version);
            }
            if (!event.isEmpty()) {
                return new Event(event, reason);
            }
            if (!refusal.isEmpty()) {
                return new Refused(id, refusal);
            }
            if (done) {
                return new Done(id, status, problem);
            }
            throw new MalformedJson("it is of no known kind");
        }

        private void greeting(JsonReader reader) {
            reader.beginObject();
            while (reader.hasNextField()) {
                if (reader.nextField().equals("version")) {
                    version(reader);
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
        }

        private void version(JsonReader reader) {
            String number = "";
            String packager = "";
            reader.beginObject();
            while (reader.hasNextField()) {
                switch (reader.nextField()) {
                    case "qemu" -> number = number(reader);
                    case "package" -> packager = reader.readString();
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            version = packager.isBlank() ? number : number + " (" + packager.strip() + ")";
        }

        private static String number(JsonReader reader) {
            long major = 0;
            long minor = 0;
            long micro = 0;
            reader.beginObject();
            while (reader.hasNextField()) {
                switch (reader.nextField()) {
                    case "major" -> major = reader.readLong();
                    case "minor" -> minor = reader.readLong();
                    case "micro" -> micro = reader.readLong();
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            return major + "." + minor + "." + micro;
        }

        private void answer(JsonReader reader) {
            reader.beginObject();
            while (reader.hasNextField()) {
                switch (reader.nextField()) {
                    case "status" -> status = reader.readString();
                    case "error-desc" -> problem = reader.readString();
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
        }

        /** Returns one text of an object, and skips the others. */
        private static String text(JsonReader reader, String name) {
            String found = "";
            reader.beginObject();
            while (reader.hasNextField()) {
                if (reader.nextField().equals(name)) {
                    found = reader.readString();
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
            return found;
        }
    }
}
