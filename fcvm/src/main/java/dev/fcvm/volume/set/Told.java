package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Who hears what is to be told of mappings: whoever asks for something just then, else whoever watches the machine. */
public final class Told {

    private final Consumer<String> watcher;
    private volatile Optional<List<String>> asked = Optional.empty();

    /** What is asked for. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws FcvmException, InterruptedException;
    }

    /**
     * @param watcher hears what nobody asked for
     */
    public Told(Consumer<String> watcher) {
        this.watcher = watcher;
    }

    /** Tells a line. */
    public void tell(String line) {
        asked.ifPresentOrElse(lines -> lines.add(line), () -> watcher.accept(line));
    }

    /** Returns what was told meanwhile, a line each. One at a time. */
    public List<String> during(Work work) throws FcvmException, InterruptedException {
        List<String> lines = new ArrayList<>();
        asked = Optional.of(lines);
        try {
            work.run();
            return lines;
        } finally {
            asked = Optional.empty();
        }
    }
}
