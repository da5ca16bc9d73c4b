package dev.fcvm.volume.sftp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a guest sends, it gets whole answers or its session ends, and nothing outside changes. Without
 * {@code JAZZER_FUZZ=1} only the inputs under src/test/resources are run.
 */
class SftpFuzzTest {

    @TempDir
    private Path around;

    @FuzzTest(maxDuration = "3m")
    void shouldAnswerOrEndWhateverIsSent(byte[] bytes) throws Exception {
        Path inside = Files.createDirectories(around.resolve("inside"));
        Path outside = Files.createDirectories(around.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        String before = Tree.of(outside);
        var out = new ByteArrayOutputStream();
        try {
            SftpServer.serve(
                    new Share(inside, Optional.empty(), true, Identities.same()), new ByteArrayInputStream(bytes), out);
        } catch (IOException ended) {
            require(ended.getMessage() != null, "a reason");
        }
        ByteBuffer answers = ByteBuffer.wrap(out.toByteArray());
        while (answers.hasRemaining()) {
            int length = answers.getInt();
            require(length > 4 && length <= answers.remaining(), "a whole answer");
            answers.position(answers.position() + length);
        }
        require(Tree.of(outside).equals(before), "nothing outside has changed");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
