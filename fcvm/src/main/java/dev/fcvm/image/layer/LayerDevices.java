package dev.fcvm.image.layer;

import dev.fcvm.host.disk.DeviceNode;
import dev.fcvm.host.disk.PaxRecords;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.host.user.StrangersMap;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The device nodes of a layer. A layer is unpacked in a user namespace, where none can be made; but containers-storage
 * keeps the headers of the layer's archive beside it, so that it can be put together again byte by byte: in
 * {@code ID.tar-split.gz}, JSON values of which those of type 2 hold bytes of the archive, and those of type 1 tell whose
 * header ended there (github.com/vbatts/tar-split).
 */
public final class LayerDevices {

    private static final int RECORD = 512;
    private static final int HEADERS = 2;

    private final long most;
    private final Map<String, List<DeviceNode>> found = new HashMap<>();
    private long count;

    /**
     * Looks for devices.
     *
     * @param most how many there may be
     */
    public LayerDevices(long most) {
        this.most = most;
    }

    /**
     * A value of the file.
     *
     * @param type what it tells
     * @param name of an entry, if that is text
     * @param raw of an entry, if it is not, in Base64
     * @param payload bytes of the archive, in Base64, or a sum
     */
    @Json
    public record Value(
            int type,
            @Nullable String name,
            @Json.Property("name_raw") @Nullable String raw,
            @Nullable String payload) {}

    /**
     * Adds those of a layer.
     *
     * @param packed the headers of its archive, as containers-storage keeps them
     * @param directory where the layer is unpacked, below the root of the store, without a slash in front or behind
     * @throws IOException when the file is damaged, or there are too many of them
     */
    public void add(byte[] packed, String directory) throws IOException {
        var adapter = Jsonb.instance().type(Value.class);
        byte[] headers = new byte[0];
        try (var lines = new HeaderLines(new GZIPInputStream(new ByteArrayInputStream(packed), 1 << 16))) {
            while (lines.next()) {
                if (lines.isEntry() && !isDevice(headers)) {
                    continue; // there are as many of these as files
                }
                if (lines.isHeaders()) {
                    headers = isDevice(lines.kind()) ? lines.headers() : new byte[0];
                    continue;
                }
                Value value = UntrustedJson.read(adapter, lines.text());
                if (value.type() == HEADERS) {
                    headers = decoded(value.payload());
                } else if (isDevice(headers)) {
                    put(directory, name(value), headers);
                }
            }
        }
    }

    private static byte[] decoded(@Nullable String text) throws IOException {
        try {
            return text == null ? new byte[0] : Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("the headers of a layer are damaged", e);
        }
    }

    private static boolean isDevice(byte[] headers) {
        int last = headers.length - RECORD;
        return last >= 0 && isDevice(headers[last + HeaderLines.KIND]);
    }

    private static boolean isDevice(int kind) {
        return kind == '3' || kind == '4';
    }

    /** Names that are no UTF-8 are there as their bytes. */
    private static String name(Value value) throws IOException {
        byte[] bytes = value.raw() == null
                ? (value.name() == null ? "" : value.name()).getBytes(StandardCharsets.UTF_8)
                : decoded(value.raw());
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void put(String directory, String path, byte[] headers) throws IOException {
        List<String> parts = Arrays.stream(path.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
        if (parts.isEmpty() || parts.contains("..") || parts.getLast().length() > 255) {
            return; // it leads out of the layer, where nothing is unpacked either
        }
        if (++count > most) {
            throw new IOException("its layers have more than %d device nodes".formatted(most));
        }
        List<String> below = new ArrayList<>(List.of(directory));
        below.addAll(parts.subList(0, parts.size() - 1));
        found.computeIfAbsent(String.join("/", below), any -> new ArrayList<>()).add(node(parts.getLast(), headers));
    }

    private static DeviceNode node(String name, byte[] headers) throws IOException {
        int at = headers.length - RECORD;
        PaxRecords more = extended(headers);
        return new DeviceNode(
                name,
                headers[at + 156] == '4',
                (int) number(headers, at + 100, 8),
                more.number("uid").orElse(number(headers, at + 108, 8)),
                more.number("gid").orElse(number(headers, at + 116, 8)),
                more.modified().orElse(new PaxRecords.Time(number(headers, at + 136, 12), 0)),
                (int) number(headers, at + 329, 8),
                (int) number(headers, at + 337, 8));
    }

    /** An extended header before the last one, if there is any; in front of both is what fills up the file before. */
    private static PaxRecords extended(byte[] headers) throws IOException {
        long begin = headers.length % RECORD;
        Optional<byte[]> body = Optional.empty();
        while (begin < headers.length - RECORD) {
            int at = (int) begin;
            long size = number(headers, at + 124, 12);
            long next = begin + RECORD + (size + RECORD - 1) / RECORD * RECORD;
            if (size < 0 || next > headers.length) {
                throw new IOException("the headers of a layer are damaged");
            }
            if (headers[at + 156] == 'x') {
                body = Optional.of(Arrays.copyOfRange(headers, at + RECORD, at + RECORD + (int) size));
            }
            begin = next;
        }
        return PaxRecords.of(body.orElse(new byte[0]));
    }

    /** A number in octal digits, or, with the highest bit set, in binary. */
    private static long number(byte[] bytes, int begin, int length) {
        long number = 0;
        if (bytes[begin] < 0) {
            for (int at = begin + length - 8; at < begin + length; at++) {
                number = (number << 8) | (bytes[at] & 0xff);
            }
            return number;
        }
        for (int at = begin; at < begin + length; at++) {
            if (bytes[at] >= '0' && bytes[at] < '8') {
                number = number * 8 + bytes[at] - '0';
            }
        }
        return number;
    }

    /** Returns how many there are. */
    public long count() {
        return count;
    }

    /** Returns them by their directories, below the root of the store. */
    public Map<String, List<DeviceNode>> found() {
        return StrangersMap.copyOf(found);
    }
}
