package dev.fcvm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Optional;

/** Any bytes, where the supervisor expects a launcher's. */
class LauncherFuzzTest {

    @FuzzTest
    void shouldFindFramesOrNameTheFaultWhateverArrives(byte[] bytes) throws IOException {
        var reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(bytes)));
        int seen = 0;
        try {
            for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                seen += Frame.HEADER + frame.get().payload().remaining();
            }
        } catch (ProtocolException named) {
            assertThat(named).hasMessageStartingWith("a frame of ");
        }
        assertThat(seen).isLessThanOrEqualTo(bytes.length);
    }

    @FuzzTest
    void shouldReadARequestOrNameTheFaultWhateverArrives(byte[] bytes) {
        try {
            Request request = Request.read(ByteBuffer.wrap(bytes));
            assertThat(request.directory()).isAbsolute();
            assertThat(request.umask()).isBetween(0, 0777);
            assertThat(request.process()).isPositive();
        } catch (ProtocolException named) {
            assertThat(named.getMessage()).isNotBlank();
        }
    }
}
