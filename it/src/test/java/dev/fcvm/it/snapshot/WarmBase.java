package dev.fcvm.it.snapshot;

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
            return await(fcvm);
        }
    }

    /** Has another user of the same base start from it as well. */
    public static void lend(Path base, Fcvm to) {
        Path own = to.place().directory("data/warm").resolve(base.getFileName());
        try {
            Files.createSymbolicLink(own, base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the first there is, until whoever makes it is gone as well; returns where it lies. */
    public static Path await(Fcvm fcvm) {
        Fcvm.await(() -> find(fcvm), Optional::isPresent);
        Fcvm.await(() -> making(fcvm), List::isEmpty);
        return find(fcvm).orElseThrow();
    }

    /** Returns the machines of which warm bases are being made. */
    static List<Path> making(Fcvm fcvm) {
        return list(fcvm.data().resolve("warm-making/machines"));
    }

    static Optional<Path> find(Fcvm fcvm) {
        return list(fcvm.data().resolve("warm")).stream()
                .filter(base -> !base.getFileName().toString().startsWith("."))
                .filter(base -> Files.exists(base.resolve("manifest.json")))
                .findFirst();
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        } catch (NoSuchFileException notYet) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
