package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.ready.ReadyCondition;
import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Optional;

/**
 * What a machine's specification says of when it is ready.
 *
 * @param asked what a start waits for, in the user's words ({@code --wait-ready}); empty for nothing
 * @param file by which the container says that it is ready (the label {@value #LABEL}); empty for none
 * @param health whether the container's health is checked
 */
@Json
public record Readiness(String asked, String file, boolean health) {

    /** The label of an image or a container that names a file: when it is there, the container is ready. */
    public static final String LABEL = "dev.fcvm.ready";

    /** The flag. */
    public static final String FLAG = "--wait-ready";

    /** What is said where nothing is. */
    static final Readiness NONE = new Readiness("", "", false);

    /**
     * Decides it for a new machine.
     *
     * @throws FcvmException when what is asked for cannot come
     */
    public static Readiness of(RunRequest request, ResolvedImage image) throws FcvmException {
        boolean health = new HealthFlags(request.flags(), image.health()).isChecked();
        String file = label(request.flags().labels()).orElse(image.readyFile());
        var readiness = new Readiness(request.ready().orElse(""), file, health);
        Optional<ReadyCondition> condition = readiness.condition();
        if (condition.isPresent()) {
            readiness.check(condition.get());
        }
        return readiness;
    }

    private static Optional<String> label(List<String> labels) {
        Optional<String> value = Optional.empty();
        for (String label : labels) {
            if (label.equals(LABEL) || label.startsWith(LABEL + "=")) {
                value = Optional.of(label.substring(Math.min(label.length(), LABEL.length() + 1)));
            }
        }
        return value;
    }

    /**
     * Refuses what can be seen to be impossible before anything is touched.
     *
     * @param request with {@code --wait-ready}
     */
    public static void check(RunRequest request) throws FcvmException {
        if (request.ready().isEmpty()) {
            return;
        }
        String asked = request.ready().get();
        ReadyCondition condition = ReadyCondition.parse(FLAG, asked);
        if (condition.needsNetwork() && !request.network().enabled()) {
            throw usage(asked, "the machine has no network; look from inside: mode=exec");
        }
        boolean health = condition.check() instanceof ReadyCondition.Healthcheck;
        if (health && new HealthFlags(request.flags(), List.of()).isUnwanted()) {
            throw usage(asked, "its health is not checked; leave out what switches the checks off");
        }
    }

    /** Returns the same for a clone: what its source wrote once is not written again. */
    Readiness ofClone() {
        return asked.contains("mode=log") ? new Readiness("", file, health) : this;
    }

    /** Returns what a start waits for. */
    public Optional<ReadyCondition> condition() throws FcvmException {
        return asked.isEmpty() ? Optional.empty() : Optional.of(condition(FLAG, asked));
    }

    /** Returns what makes the machine ready, whether a start waits for it or not. */
    public ReadyCondition meant() throws FcvmException {
        Optional<ReadyCondition> condition = condition();
        return condition.isPresent() ? condition.get() : ReadyCondition.usual(ownFile(), health);
    }

    /**
     * Reads a condition for this machine.
     *
     * @throws FcvmException when it makes no sense, or cannot come
     */
    public ReadyCondition condition(String flag, String text) throws FcvmException {
        return ReadyCondition.parse(flag, text).orFile(ownFile());
    }

    /** Refuses to wait for what cannot come. */
    public void check(ReadyCondition condition) throws FcvmException {
        if (condition.check() instanceof ReadyCondition.Healthcheck && !health) {
            throw new FcvmException(
                    Kind.USAGE,
                    "mode=healthcheck has nothing to wait for: the image has no HEALTHCHECK; give the container one with"
                            + " --health-cmd");
        }
        if (condition.check() instanceof ReadyCondition.Vsock(Optional<String> named)
                && named.isPresent()
                && !ReadyCondition.isFile(named.get())) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "the label " + LABEL + " of the image names no file; name one: --label " + LABEL + "=/run/ready");
        }
    }

    private Optional<String> ownFile() {
        return Optional.of(file).filter(path -> !path.isEmpty());
    }

    private static FcvmException usage(String asked, String problem) {
        return new FcvmException(Kind.USAGE, FLAG + " is \"" + asked + "\": " + problem);
    }
}
