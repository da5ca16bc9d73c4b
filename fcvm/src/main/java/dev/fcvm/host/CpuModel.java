package dev.fcvm.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which processor a host has, as far as a machine that was saved on it depends on it: a guest goes on using what it found
 * when it booted.
 *
 * @param text the maker's name for it, its numbers, and a digest of all it can do with this microcode and kernel
 */
public record CpuModel(String text) {

    private static final int DIGEST_DIGITS = 16;

    /** Asks the host. */
    public static CpuModel ofHost() throws IOException {
        return of(Files.readString(Path.of("/proc/cpuinfo")));
    }

    /**
     * Reads it.
     *
     * @param cpuinfo proc_cpuinfo(5)
     */
    static CpuModel of(String cpuinfo) {
        Map<String, String> first = new LinkedHashMap<>();
        for (String line : cpuinfo.lines().takeWhile(text -> !text.isBlank()).toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                first.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        String numbers = String.join(
                "/",
                Stream.of("vendor_id", "cpu family", "model", "stepping")
                        .map(field -> first.getOrDefault(field, "?"))
                        .toList());
        return new CpuModel("%s (%s, features %s)"
                .formatted(
                        first.getOrDefault("model name", "unknown"), numbers, digest(first.getOrDefault("flags", ""))));
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGEST_DIGITS);
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError("every Java has SHA-256", never);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
