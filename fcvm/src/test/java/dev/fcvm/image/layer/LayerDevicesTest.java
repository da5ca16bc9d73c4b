package dev.fcvm.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.disk.DeviceNode;
import dev.fcvm.host.disk.PaxRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Headers as tar writes them, in the form in which containers-storage keeps them. */
class LayerDevicesTest {

    private final LayerDevices devices = new LayerDevices(10);
    private final List<String> values = new ArrayList<>();

    private static byte[] header(String name, char type, String mode, String time, String major, String minor) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, mode);
        put(header, 108, "0000005");
        put(header, 116, "0000006");
        put(header, 136, time);
        header[156] = (byte) type;
        put(header, 329, major);
        put(header, 337, minor);
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void value(byte[] headers, String names) {
        values.add(
                "{\"type\":2,\"payload\":\"%s\"}".formatted(Base64.getEncoder().encodeToString(headers)));
        values.add("{\"type\":1,%s,\"payload\":null}".formatted(names));
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private void read() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(String.join("\n", values).getBytes(StandardCharsets.UTF_8));
        }
        devices.add(packed.toByteArray(), "overlay/1/diff");
    }

    @Test
    void shouldFindDevicesAmongOtherFiles() throws Exception {
        value(header("a", '0', "0000644", "1", "", ""), "\"name\":\"a\",\"size\":5");
        // What fills up the file before is in front of the next header.
        byte[] device = header("dev/null", '3', "0000666", "00000000012", "0000001", "0000003");
        value(join(new byte[507], device), "\"name\":\"./dev/null\"");
        byte[] record = "20 mtime=4000000000\n".getBytes(StandardCharsets.UTF_8);
        byte[] extended = header("x", 'x', "", "", "", "");
        put(extended, 124, "00000000024");
        byte[] loop = header("dev/loop0", '4', "0000640", "0", "0000007", "0000000");
        value(
                join(extended, Arrays.copyOf(record, 512), loop),
                "\"name_raw\":\"" + Base64.getEncoder().encodeToString(new byte[] {'/', 'd', '/', (byte) 0xff}) + "\"");

        read();

        assertThat(devices.count()).isEqualTo(2);
        assertThat(devices.found().get("overlay/1/diff/dev"))
                .containsExactly(new DeviceNode("null", false, 0666, 5, 6, new PaxRecords.Time(10, 0), 1, 3));
        assertThat(devices.found().get("overlay/1/diff/d"))
                .containsExactly(
                        new DeviceNode("\u00ff", true, 0640, 5, 6, new PaxRecords.Time(4_000_000_000L, 0), 7, 0));
    }

    /** Lines of all lengths, which end wherever the pieces end in which they are read. */
    @Test
    void shouldFindDevicesBehindLongHeadersAndManyFiles() throws Exception {
        byte[] extended = header("x", 'x', "", "", "", "");
        put(extended, 124, "00001110777"); // 299519 bytes
        byte[] device = header("x", '3', "0000666", "0", "0000001", "0000003");
        for (int number = 0; number < 3; number++) {
            for (int file = 0; file < 700; file++) {
                value(join(new byte[file % 512], header("f", '0', "0000644", "1", "", "")), "\"name\":\"f\"");
            }
            byte[] comment = ("299519 comment=" + "y".repeat(299503) + "\n").getBytes(StandardCharsets.UTF_8);
            value(join(extended, Arrays.copyOf(comment, 299520), device), "\"name\":\"dev/" + number + "\"");
        }
        value(new byte[1024], "\"name\":\"end\"");

        read();

        assertThat(devices.found().get("overlay/1/diff/dev"))
                .extracting(DeviceNode::name)
                .containsExactly("0", "1", "2");
    }

    @Test
    void shouldKeepPathsInTheLayer() throws Exception {
        byte[] device = header("x", '3', "0000666", "0", "0000001", "0000003");
        for (String name : List.of("../../x", "a/../x", "/", ".")) {
            value(device, "\"name\":\"" + name + "\"");
        }

        read();

        assertThat(devices.found()).isEmpty();
    }

    @Test
    void shouldRefuseMoreThanThereMayBe() {
        byte[] device = header("x", '3', "0000666", "0", "0000001", "0000003");
        for (int number = 0; number < 11; number++) {
            value(device, "\"name\":\"x" + number + "\"");
        }

        assertThatThrownBy(this::read).hasMessageContaining("more than 10 device nodes");
    }
}
