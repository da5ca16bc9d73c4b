package dev.fcvm.vmm.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rate of the host's time stamp counter, from the files the kernel offers. It is constant, while what
 * {@code /proc/cpuinfo} calls "cpu MHz" is the present clock where the kernel changes that; so better sources come
 * first.
 *
 * @param root where {@code sys} and {@code proc} lie
 */
record TscFrequency(Path root) {

    private static final String CPU = "sys/devices/system/cpu/cpu0/";
    private static final Pattern CLOCK = Pattern.compile("cpu MHz\\s*:\\s*(\\d{2,5})\\.(\\d{3})");
    private static final Pattern NAME = Pattern.compile("model name\\s*:.*@ (\\d{1,2})\\.(\\d{2})GHz");

    /** Those of this host. */
    static TscFrequency ofHost() {
        return new TscFrequency(Path.of("/"));
    }

    /** Returns kHz, or nothing when the host does not tell. */
    OptionalLong kiloHertz() {
        OptionalLong told = number(CPU + "tsc_freq_khz", 1);
        if (told.isPresent()) {
            return told;
        }
        String processor = text("proc/cpuinfo");
        OptionalLong clock = match(CLOCK, processor, 1000, 1);
        if (!Files.isDirectory(root.resolve(CPU + "cpufreq"))) {
            return clock;
        }
        OptionalLong base = number(CPU + "cpufreq/base_frequency", 1);
        if (base.isPresent()) {
            return base;
        }
        OptionalLong nominal = number(CPU + "acpi_cppc/nominal_freq", 1000);
        if (nominal.isPresent()) {
            return nominal;
        }
        OptionalLong name = match(NAME, processor, 1_000_000, 10_000);
        return name.isPresent() ? name : clock;
    }

    private OptionalLong number(String file, long unit) {
        String text = text(file).strip();
        return text.matches("[1-9]\\d{0,9}") ? OptionalLong.of(Long.parseLong(text) * unit) : OptionalLong.empty();
    }

    private static OptionalLong match(Pattern pattern, String text, long whole, long part) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find()
                ? OptionalLong.of(Long.parseLong(matcher.group(1)) * whole + Long.parseLong(matcher.group(2)) * part)
                : OptionalLong.empty();
    }

    private String text(String file) {
        try {
            return Files.readString(root.resolve(file));
        } catch (IOException e) {
            return ""; // not every kernel and processor has it
        }
    }
}
