package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A stream for who prints by a {@link PrintWriter}, which tells nobody that a write has failed: this one remembers. */
final class CheckedOutput extends OutputStream {

    private final OutputStream target;
    private Optional<IOException> failure = Optional.empty();

    CheckedOutput(OutputStream target) {
        this.target = target;
    }

    /** Returns a writer to it. */
    PrintWriter writer() {
        return new PrintWriter(this, true, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int start, int length) throws IOException {
        try {
            target.write(bytes, start, length);
        } catch (IOException e) {
            failure = failure.or(() -> Optional.of(e));
            throw e;
        }
    }

    /** Fails when a write has failed. */
    void check() {
        if (failure.isPresent()) {
            throw new CommandContext.NobodyReads(failure.get());
        }
    }
}
