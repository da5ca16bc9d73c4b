package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Fcvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a user's store of images holds, as the command line and as the file system show it. */
final class Store {

    private Store() {}

    /** Returns what {@code images --json} says. */
    static List<Map<String, Object>> images(Fcvm fcvm, String... more) {
        return Json.objects(fcvm.call(new String[] {"images", "--json"}, more)
                .run()
                .expect(0)
                .out());
    }

    /** Returns all names with a tag. */
    static List<String> names(Fcvm fcvm) {
        return images(fcvm).stream()
                .flatMap(image -> ((List<?>) image.getOrDefault("RepoTags", List.of())).stream())
                .map(String::valueOf)
                .toList();
    }

    /** Fails when there is a file that a finished or swept command should not have left. */
    static void isTidy(Fcvm fcvm) {
        Path store = fcvm.data().resolve("store");
        if (!Files.isDirectory(store)) {
            return;
        }
        try (Stream<Path> files = Files.walk(store, 2)) {
            assertThat(files.map(store::relativize).map(Path::toString))
                    .noneMatch(path -> path.startsWith("partial") || path.contains(".tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(fcvm.processes()).isEmpty();
    }
}
