package dev.fcvm.it.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The real Podman of the host, with a storage of its own: what fcvm is compared with. */
public final class HostPodman implements AutoCloseable {

    /**
     * Ways to run it, best first. Runtimes differ in what they refuse: crun wants a plain cgroup tree, runc has no say
     * in it; inside a container the limits Podman sets by default may not be raised.
     */
    private static final List<List<String>> WAYS = List.of(
            List.of(),
            List.of("--runtime", "runc"),
            List.of("--runtime", "crun", "--cgroups", "disabled"),
            List.of("--runtime", "runc", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"),
            List.of(
                    "--runtime",
                    "runc",
                    "--ulimit",
                    "nofile=1024:1024",
                    "--ulimit",
                    "nproc=1000:1000",
                    "--cgroups",
                    "disabled"));

    private final Place place;
    private final Map<String, Boolean> loaded = new ConcurrentHashMap<>();
    private final List<String> way;

    /** Finds the first way that works; fails with what each said when there is none. */
    public HostPodman(Archives archives) {
        place = Place.make();
        List<String> reasons = new ArrayList<>();
        Image plain = TestImages.plain();
        load(plain, archives);
        for (List<String> candidate : WAYS) {
            // With a limit, since Podman then raises the others to its defaults, which a container may not do.
            Outcome outcome = podman(
                            candidate,
                            List.of("--rm", "--ulimit=nofile=256:512", "localhost/" + plain.name(), "echo", "works"))
                    .run();
            if (outcome.exitCode() == 0 && outcome.out().equals("works\n")) {
                way = candidate;
                return;
            }
            reasons.add(outcome.toString());
        }
        close();
        throw new IllegalStateException(
                "Podman cannot run a container on this host, so there is nothing to compare with (apt-get install podman"
                        + " runc):\n" + String.join("\n", reasons));
    }

    /** Makes an image known to it and returns the image's name. */
    public String load(Image image, Archives archives) {
        String name = "localhost/" + image.name() + ":latest";
        loaded.computeIfAbsent(name, absent -> {
            Outcome copied = Child.of(
                            "skopeo",
                            "--insecure-policy",
                            "copy",
                            "-q",
                            "oci-archive:" + archives.ociArchive(image),
                            "containers-storage:[overlay@%s+%s]%s".formatted(storage(), run(), name))
                    .run();
            return copied.expect(0).exitCode() == 0;
        });
        return name;
    }

    /** Begins {@code podman run} with these arguments, without a network, as a machine has none either. */
    public Child.Call run(List<String> arguments) {
        return podman(way, arguments);
    }

    /** Begins another command of Podman's, for a container of {@link #run}. */
    public Child.Call call(List<String> arguments) {
        List<String> command = program(way);
        command.addAll(arguments);
        return placed(command);
    }

    private Child.Call podman(List<String> runtime, List<String> arguments) {
        List<String> command = program(runtime);
        command.add("run");
        command.addAll(namesRuntime(runtime) ? runtime.subList(2, runtime.size()) : runtime);
        command.addAll(List.of("--network", "none"));
        command.addAll(arguments);
        return placed(command);
    }

    private static boolean namesRuntime(List<String> way) {
        return !way.isEmpty() && way.getFirst().equals("--runtime");
    }

    private List<String> program(List<String> runtime) {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal", "podman"));
        command.addAll(List.of("--root", storage().toString(), "--runroot", run().toString()));
        command.addAll(List.of("--storage-driver", "overlay", "--cgroup-manager", "cgroupfs"));
        if (namesRuntime(runtime)) {
            command.addAll(runtime.subList(0, 2));
        }
        return command;
    }

    private Child.Call placed(List<String> command) {
        return Child.of(command)
                .env("HOME", place.directory("home").toString())
                .env("PODMAN_IGNORE_CGROUPSV1_WARNING", "1")
                // What it copies from a pipe it leaves there.
                .env("TMPDIR", place.directory("tmp").toString())
                .without("XDG_CONFIG_HOME")
                .without("XDG_RUNTIME_DIR")
                .in(place.root());
    }

    private Path storage() {
        return place.directory("storage");
    }

    private Path run() {
        return place.directory("run");
    }

    /** Returns the options this host needs, for the report. */
    public String way() {
        return way.isEmpty() ? "podman run" : "podman run " + String.join(" ", way);
    }

    @Override
    public void close() {
        // The driver leaves its own directory bind-mounted on itself.
        Child.of("umount", "-q", storage().resolve("overlay").toString()).run();
        place.close();
    }
}
