package dev.fcvm.vmm.confine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a program needs beside its own file. */
final class ProgramFile {

    private static final int MAGIC = 0x464c457f; // 7f E L F, read from the low end
    private static final int HEADER_BYTES = 64;
    private static final int INTERPRETER = 3; // PT_INTERP
    private static final int MOST_SEGMENTS = 128;

    private ProgramFile() {}

    /**
     * Tells whether it runs alone: a statically linked 64-bit ELF file. Anything else needs the host's libraries, or an
     * interpreter.
     */
    static boolean runsAlone(Path program) throws IOException {
        try (FileChannel file = FileChannel.open(program, StandardOpenOption.READ)) {
            ByteBuffer header = read(file, 0, HEADER_BYTES);
            if (header.limit() < HEADER_BYTES || header.getInt(0) != MAGIC || header.get(4) != 2) {
                return false;
            }
            long table = header.getLong(32);
            int size = Short.toUnsignedInt(header.getShort(54));
            int count = Math.min(MOST_SEGMENTS, Short.toUnsignedInt(header.getShort(56)));
            for (int i = 0; i < count; i++) {
                ByteBuffer segment = read(file, table + (long) i * size, Integer.BYTES);
                if (segment.limit() < Integer.BYTES || segment.getInt(0) == INTERPRETER) {
                    return false;
                }
            }
            return count > 0;
        }
    }

    private static ByteBuffer read(FileChannel file, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) > 0) {
            // Until it is full or the file ends.
        }
        return buffer.flip();
    }
}
