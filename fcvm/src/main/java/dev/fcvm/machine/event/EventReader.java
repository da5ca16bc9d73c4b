package dev.fcvm.machine.event;

import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the journal of events from its beginning on, also while it is written. */
public final class EventReader implements AutoCloseable {

    private static final int PIECE = 64 << 10;

    private final Path current;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private @Nullable FileChannel file;
    /** What tells the file from the one that takes its name. */
    private @Nullable Object key;

    private EventReader(Path current) {
        this.current = current;
    }

    /** Opens a journal, which may not have been begun. */
    public static EventReader open(EventLog log) throws IOException {
        Path[] files = log.files();
        EventReader reader = new EventReader(files[1]);
        if (!reader.begin(files[0])) {
            var _ = reader.begin(files[1]);
        }
        return reader;
    }

    private boolean begin(Path path) throws IOException {
        try {
            Object next = key(path);
            FileChannel opened = FileChannel.open(path, StandardOpenOption.READ);
            if (file != null) {
                file.close();
            }
            file = opened;
            key = next;
            return true;
        } catch (NoSuchFileException none) {
            return false;
        }
    }

    private static Object key(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino");
    }

    /** Returns what has been written since the last call, oldest first. */
    public List<MachineEvent> next() throws IOException {
        List<MachineEvent> events = new ArrayList<>();
        read(events);
        while (isExchanged()) {
            read(events); // the last of it may have been written after our first reading
            if (!begin(current)) {
                return events;
            }
            read(events);
        }
        return events;
    }

    private boolean isExchanged() throws IOException {
        try {
            return !key(current).equals(key);
        } catch (NoSuchFileException none) {
            return false;
        }
    }

    private void read(List<MachineEvent> events) throws IOException {
        if (file == null) {
            return;
        }
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        while (file.read(piece) > 0) {
            piece.flip();
            while (piece.hasRemaining()) {
                byte next = piece.get();
                if (next == '\n') {
                    event(line.toString(StandardCharsets.UTF_8)).ifPresent(events::add);
                    line.reset();
                } else {
                    line.write(next);
                }
            }
            piece.clear();
        }
    }

    private static Optional<MachineEvent> event(String text) {
        try {
            return Jsonb.instance().type(EventDocument.class).fromJson(text).event();
        } catch (JsonException | IllegalArgumentException | NullPointerException damaged) {
            return Optional.empty(); // its writer was killed, or the disk was full: the others are worth showing
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
