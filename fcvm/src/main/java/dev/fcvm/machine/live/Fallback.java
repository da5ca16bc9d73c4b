package dev.fcvm.machine.live;

import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunListener;
import java.util.function.Consumer;

/**
 * Hears of a machine while nobody watches it.
 *
 * @param log is told, in one line, what a user must be told even then
 */
public record Fallback(Consumer<String> log) implements RunListener {

    @Override
    public void reached(Phase phase) {}

    @Override
    public void note(String line) {}

    @Override
    public void warn(String line) {
        log.accept(line);
    }
}
