package dev.fcvm.net;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fcvm.error.FcvmException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the flags of networks are given is read or refused in one line; what is read is written, and read again, alike.
 * Without {@code JAZZER_FUZZ=1} only the inputs under src/test/resources are run.
 */
class NetworkFlagsFuzzTest {

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyPublishedPort(byte[] bytes) throws Exception {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<PublishedPort> ports;
        try {
            ports = PublishedPorts.parse(List.of(text));
        } catch (FcvmException e) {
            oneLine(e);
            return;
        }
        require(!ports.isEmpty() && ports.size() <= PublishedPorts.MOST, text);
        for (PublishedPort port : ports) {
            String written = PublishedPorts.written(port);
            require(PublishedPorts.parse(List.of(written)).equals(List.of(port)), written);
        }
    }

    private static void oneLine(FcvmException e) {
        String message = String.valueOf(e.getMessage());
        require(message.chars().noneMatch(Character::isISOControl), message);
        require(message.length() < 500, message);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
