package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image is made for. Its system is always Linux.
 *
 * @param architecture in Go's words, for example {@code amd64} or {@code arm64}
 * @param variant of the architecture, for example {@code v8}; empty for any
 */
public record Platform(String architecture, String variant) {

    private static final Pattern WORD = Pattern.compile("[a-z0-9_]{1,32}");

    /** Returns this host's. */
    public static Platform host() {
        return new Platform(goName(System.getProperty("os.arch", "amd64")), "");
    }

    /**
     * Reads {@code ARCH}, {@code OS/ARCH} or {@code OS/ARCH/VARIANT}.
     *
     * @throws FcvmException when it is malformed, or another system than Linux
     */
    public static Platform parse(String text) throws FcvmException {
        String[] parts = text.split("/", -1);
        boolean linux = parts.length == 1 || parts[0].equals("linux");
        String architecture = parts.length == 1 ? parts[0] : parts[1];
        String variant = parts.length == 3 ? parts[2] : "";
        if (!linux
                || parts.length > 3
                || !WORD.matcher(architecture).matches()
                || !(variant.isEmpty() || WORD.matcher(variant).matches())) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"%s\" is no platform: give for example linux/amd64 or linux/arm64/v8".formatted(text));
        }
        return new Platform(goName(architecture), variant);
    }

    /** Returns what an image says it is made for; this host, where it says nothing. */
    static String architecture(@Nullable String named) {
        return named == null || named.isEmpty() ? host().architecture() : goName(named);
    }

    /** Images use Go's names of architectures. */
    private static String goName(String architecture) {
        return switch (architecture) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> architecture;
        };
    }

    /** Returns whether an image made for this can be taken where the other is wanted. */
    boolean suits(Platform wanted) {
        return architecture.equals(wanted.architecture) && (wanted.variant.isEmpty() || variant.equals(wanted.variant));
    }

    @Override
    public String toString() {
        return "linux/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
