package dev.fcvm.volume.block;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.plan.MountSource;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.ext4.SourceTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A copy of a directory in one machine.
 *
 * @param image the copy
 * @param readOnly whether the machine cannot write to it
 * @param single whether it is a copy of a single file
 * @param changes how its changes come back; nothing where there are none
 * @param back whether they come back by themselves at the end
 * @param staying what is said at the end of changes that do not come back by themselves; empty for nothing
 * @param journal of the machine
 * @param warn is told what the user must know
 */
record BlockMapping(
        Path image,
        boolean readOnly,
        boolean single,
        Optional<BlockCopy> changes,
        boolean back,
        String staying,
        Journal journal,
        Consumer<String> warn)
        implements AttachedMapping {

    @Override
    public Optional<Disk> disk() {
        return Optional.of(new Disk(image, readOnly));
    }

    @Override
    public Map<String, Saved> saved(int number) {
        String name = MappingPlace.disk(number);
        var saved = new HashMap<String, Saved>();
        saved.put(name, new Saved(image, readOnly));
        changes.map(BlockCopy::start)
                .filter(Files::exists)
                .ifPresent(start -> saved.put(MappingPlace.start(name), new Saved(start, false)));
        return saved;
    }

    @Override
    public MountSource source(int index) {
        return new MountSource.Disk(index);
    }

    @Override
    public String inside() {
        return single ? SourceTree.SINGLE : "";
    }

    @Override
    public void takeBack() throws FcvmException {
        if (!staying.isEmpty()) {
            warn.accept(staying);
        }
        if (changes.isPresent() && back) {
            changes.get().takeBack().forEach(warn);
            journal.strike(changes.get());
        }
    }

    @Override
    public void sync() throws FcvmException {
        if (changes.isPresent()) {
            changes.get().sync().forEach(warn);
        }
    }

    /** What did not come back stays written down, and its copy in the machine's directory. */
    @Override
    public void close() {}
}
