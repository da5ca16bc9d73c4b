package dev.fcvm.machine.spec;

import dev.fcvm.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By what it is known that two runs are of the same image, command and configuration ({@code fcvm run --warm}): the name of
 * the snapshot. It depends on all that is asked for, but for what each machine has for its own: its name, host name and
 * published ports, whether it stays, and when it is suspended.
 */
public final class WarmRunKey {

    private static final String PREFIX = "warm-run-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-f]{24}");
    private static final int BYTES = 12;

    private WarmRunKey() {}

    /** Returns the name. Nothing can be read from it. */
    public static String of(RunRequest request, ResolvedImage image, Settings settings) {
        List<Object> parts = List.of(
                image.digest(),
                common(request),
                settings.vmm(),
                settings.kvm(),
                settings.kernel(),
                settings.kernelArguments(),
                settings.init(),
                settings.diskSize());
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(parts.toString().getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError("every Java has SHA-256", never);
        }
    }

    /** Returns whether this is the name of one. */
    public static boolean isOne(String name) {
        return NAME.matcher(name).matches();
    }

    private static RunRequest common(RunRequest request) {
        return new RunRequest(
                "",
                request.command(),
                Optional.empty(),
                Optional.empty(),
                request.cpus(),
                request.memory(),
                request.environment(),
                request.flags(),
                request.interactive(),
                request.tty(),
                request.logLimit(),
                false,
                Optional.empty(),
                request.network().with(List.of()),
                false,
                request.rates(),
                request.mappings(),
                request.secrets(),
                request.ready(),
                Optional.empty());
    }
}
