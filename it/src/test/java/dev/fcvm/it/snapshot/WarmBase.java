package dev.fcvm.it.snapshot;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The warm base of a user, a snapshot from which machines start. */
public final class WarmBase {

    /** How a user asks for it. */
    public static final String VARIABLE = "FCVM_WARM_BASE";

    private WarmBase() {}

    /** Makes that of machines for which nothing is asked for, by a first run of an image. */
    public static Path make(Fcvm fcvm, String image) {
        try (var user = new Supervised(fcvm)) {
            user.call("run", "--quiet", "--rm", image, "true")
                    .env(VARIABLE, "yes")
                    .run()
                    .expect(0);
            return await(fcvm, user);
        }
    }

    /** Waits for the first there is, until whoever makes it is gone as well; returns where it lies. */
    static Path await(Fcvm fcvm, Supervised user) {
        try (Child deadline = Child.of("sleep", "120").start()) {
            fcvm.await(
                    deadline,
                    _ -> find(fcvm).isPresent()
                            && user.run("ps", "-aq").expect(0).out().isEmpty());
        }
        return find(fcvm).orElseThrow();
    }

    private static Optional<Path> find(Fcvm fcvm) {
        try (Stream<Path> all = Files.list(fcvm.data().resolve("warm"))) {
            List<Path> whole = all.filter(base -> !base.getFileName().toString().startsWith("."))
                    .filter(base -> Files.exists(base.resolve("manifest.json")))
                    .toList();
            return whole.stream().findFirst();
        } catch (NoSuchFileException notYet) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
