package dev.fcvm.image.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.settings.DataSize;
import org.junit.jupiter.api.Test;

class ImageBoundsTest {

    private static final long GIB = 1L << 30;

    @Test
    void shouldBelieveWhatIsSmallAndWhatIsPackedAsImagesAre() {
        ImageBounds bounds = new ImageBounds(new DataSize(0), new DataSize(64 * GIB), 1000);

        assertThat(bounds.unpacked(1)).isEqualTo(8 * GIB);
        assertThat(bounds.unpacked(GIB / 10)).isEqualTo(GIB / 10 * 100);
        assertThat(bounds.unpacked(10 * GIB)).isEqualTo(64 * GIB);
        assertThat(bounds.unpacked(Long.MAX_VALUE)).isEqualTo(64 * GIB);
    }
}
