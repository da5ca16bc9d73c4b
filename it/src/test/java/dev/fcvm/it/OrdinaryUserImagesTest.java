package dev.fcvm.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Images that only users without privileges had trouble with. */
@MachineTest
class OrdinaryUserImagesTest {

    @Test
    void shouldPullAnArchiveThatLacksItsDirectories(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user);
                Place place = Place.make()) {
            Path archive = place.root().resolve("image.tar");
            Child.of(
                            "sh",
                            "-c",
                            "cd \"$1\" && find . -type f | sed 's,^./,,' | tar -cf \"$2\" -T - && chmod 755 \"$3\"",
                            "sh",
                            archives.layout(TestImages.plain()).toString(),
                            archive.toString(),
                            place.root().toString())
                    .run()
                    .expect(0);

            fcvm.run("pull", "--quiet", "oci-archive:" + archive).expect(0);
            Store.isTidy(fcvm);
        }
    }
}
