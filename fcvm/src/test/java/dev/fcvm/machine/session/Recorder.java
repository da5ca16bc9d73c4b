package dev.fcvm.machine.session;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a run has told. */
final class Recorder implements RunListener {

    private final List<Phase> phases = new CopyOnWriteArrayList<>();
    private final List<String> notes = new CopyOnWriteArrayList<>();

    @Override
    public void reached(Phase phase) {
        phases.add(phase);
    }

    @Override
    public void note(String line) {
        notes.add(line);
    }

    @Override
    public void warn(String line) {
        notes.add(line);
    }

    List<String> notes() {
        return notes;
    }

    List<Phase> phases() {
        return phases;
    }
}
