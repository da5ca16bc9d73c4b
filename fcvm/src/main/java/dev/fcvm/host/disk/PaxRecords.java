package dev.fcvm.host.disk;

import dev.fcvm.host.user.StrangersMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The records of an extended header of pax(1), each {@code LENGTH NAME=VALUE} and a line's end. A value may hold any
 * byte; names are held as ISO 8859-1 text.
 *
 * @param records by their names
 */
public record PaxRecords(Map<String, byte[]> records) {

    /** A time.
     *
     * @param seconds since 1970
     * @param nanos the rest, 0 to 999,999,999
     */
    public record Time(long seconds, int nanos) {}

    public PaxRecords {
        records = StrangersMap.copyOf(records);
    }

    /** Reads an extended header. */
    public static PaxRecords of(byte[] bytes) throws IOException {
        Map<String, byte[]> records = new HashMap<>();
        int at = 0;
        while (at < bytes.length) {
            int space = at;
            int length = 0;
            while (space < bytes.length && bytes[space] != ' ' && length < bytes.length) {
                length = length * 10 + bytes[space++] - '0';
            }
            int equals = space + 1;
            while (equals < bytes.length && bytes[equals] != '=') {
                equals++;
            }
            int end = at + length - 1;
            if (length <= 0 || equals > end || end >= bytes.length || bytes[end] != '\n') {
                throw new IOException("an archive has a damaged description");
            }
            String name = new String(bytes, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            records.put(name, Arrays.copyOfRange(bytes, equals + 1, end));
            at = end + 1;
        }
        return new PaxRecords(records);
    }

    /** Returns a record's bytes. */
    public Optional<byte[]> bytes(String name) {
        return Optional.ofNullable(records.get(name));
    }

    /** Returns a record that is a number, of 0 or more. */
    public Optional<Long> number(String name) throws IOException {
        Optional<String> digits = bytes(name).map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
        if (digits.isPresent() && !digits.get().matches("[0-9]{1,18}")) {
            throw new IOException("an archive has a number that is none: " + name);
        }
        return digits.map(Long::valueOf);
    }

    /** Returns when the content was changed. */
    public Optional<Time> modified() throws IOException {
        if (!records.containsKey("mtime")) {
            return Optional.empty();
        }
        String text = new String(records.get("mtime"), StandardCharsets.ISO_8859_1);
        if (!text.matches("-?[0-9]{1,18}(\\.[0-9]*)?")) {
            throw new IOException("an archive has a time that is none");
        }
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        String rest = (point < 0 ? "" : text.substring(point + 1)) + "000000000";
        int nanos = Integer.parseInt(rest.substring(0, 9));
        long seconds = Long.parseLong(whole);
        return Optional.of(
                text.startsWith("-") && nanos > 0
                        ? new Time(seconds - 1, 1_000_000_000 - nanos)
                        : new Time(seconds, nanos));
    }
}
