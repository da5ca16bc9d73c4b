package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.podman.Translation;
import java.util.ArrayList;
import java.util.List;

/** Turns what the user asked for into the arguments of {@code podman run} in the guest. */
public final class PodmanOptions {

    /** What names the container. */
    static final String NAME = "--name=";

    private PodmanOptions() {}

    /**
     * Returns them in order. Every value is joined to its flag, so that none can be taken for a flag itself.
     *
     * @param imagesHealth how the image wants its container's health to be checked, as flags
     * @throws FcvmException when this host does not know what a flag asks of it
     */
    public static List<String> of(
            ContainerFlags flags, Resources resources, MachineName name, String hostname, List<String> imagesHealth)
            throws FcvmException {
        var options = new ArrayList<String>();
        options.add(NAME + name);
        if (!flags.sharesHostname()) {
            options.add("--hostname=" + hostname);
        }
        flags.workdir().ifPresent(value -> options.add("--workdir=" + value));
        flags.user().ifPresent(value -> options.add("--user=" + value));
        flags.entrypoint().ifPresent(value -> options.add("--entrypoint=" + value));
        resources.containerCpus().ifPresent(value -> options.add("--cpus=" + value.toPlainString()));
        resources.containerMemory().ifPresent(bytes -> options.add("--memory=" + bytes + "b"));
        flags.labels().forEach(value -> options.add("--label=" + value));
        if (flags.readOnly()) {
            options.add("--read-only");
        }
        flags.tmpfs().forEach(value -> options.add("--tmpfs=" + value));
        flags.capAdd().forEach(value -> options.add("--cap-add=" + value));
        flags.capDrop().forEach(value -> options.add("--cap-drop=" + value));
        if (flags.privileged()) {
            options.add("--privileged");
        }
        var health = new HealthFlags(flags, imagesHealth);
        health.check();
        options.addAll(health.ofImage());
        options.addAll(Translation.of(flags.podmanFlags(), flags.user().isPresent()));
        options.addAll(Translation.of(flags.podmanArguments(), flags.user().isPresent()));
        return List.copyOf(options);
    }
}
