package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Delayed;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.LocalRegistry;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pull that is stopped at every step, and two pulls of one image. The steps are held up by delaying their tools. */
@MachineTest
class PullInterruptTest {

    /** A step, by the tool that is at work. */
    enum Step {
        ASKING("skopeo", "*inspect*"),
        FETCHING("skopeo", "*src-tls-verify*"),
        UNPACKING("skopeo", "*containers-storage:@*"),
        WRITING_THE_DISK("tar", "*--hole-detection*");

        private final String tool;
        private final String when;

        Step(String tool, String when) {
            this.tool = tool;
            this.when = when;
        }

        Delayed delay(Place place) {
            return Delayed.tool(place, tool, when);
        }
    }

    @AfterEach
    void empty(Fcvm fcvm) {
        fcvm.run("rmi", "--all").expect(0);
        Store.isTidy(fcvm);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveNothingWhenInterrupted(Step step, Fcvm fcvm, Archives archives, Place place) {
        Delayed delayed = step.delay(place);
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            try (Child child = pull(fcvm, name).env("PATH", delayed.path()).start()) {
                fcvm.await(child, each -> delayed.reached());
                child.signal("INT");

                Outcome outcome = child.outcome().expect(130);
                assertThat(outcome.out()).isEmpty();
                assertThat(outcome.err()).doesNotContain("Exception");
            }
            Store.isTidy(fcvm);
            assertThat(Store.images(fcvm)).isEmpty();
            pull(fcvm, name).run().expect(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSweepWhatAKilledPullLeftWithTheNextOne(Step step, Fcvm fcvm, Archives archives, Place place) {
        Delayed delayed = step.delay(place);
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            try (Child child = pull(fcvm, name).env("PATH", delayed.path()).start()) {
                fcvm.await(child, each -> delayed.reached());
                child.signal("KILL");
                child.closed();
            }
            assertThat(Store.images(fcvm)).as("half made is not made").isEmpty();

            pull(fcvm, name).run().expect(0);

            Store.isTidy(fcvm);
            assertThat(Store.images(fcvm)).hasSize(1);
        }
    }

    @Test
    void shouldSweepWhatAKilledPullLeftWithAPrune(Fcvm fcvm, Archives archives, Place place) {
        Delayed delayed = Step.WRITING_THE_DISK.delay(place);
        String reference = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Child child = pull(fcvm, reference).env("PATH", delayed.path()).start()) {
            fcvm.await(child, each -> delayed.reached());
            child.signal("KILL");
            child.closed();
        }

        fcvm.run("image", "prune", "-f").expect(0);

        Store.isTidy(fcvm);
    }

    @Test
    void shouldLeaveNothingOfAnArchiveWhoseFetchIsKilled(Fcvm fcvm, Archives archives, Place place) {
        // It does as skopeo, which unpacks an archive first, and is held up when that lies in the temporary directory.
        String unpack = "where=/var/tmp; for word; do [ \"$last\" != --tmpdir ] || where=$word; last=$word; done;"
                + " mkdir \"$where/oci4711\"";
        String reference = "oci-archive:" + archives.ociArchive(TestImages.plain());
        String before = temporary();
        Delayed delayed = Delayed.tool(place, "skopeo", "*oci-archive:*", unpack);
        try (Child child = pull(fcvm, reference).env("PATH", delayed.path()).start()) {
            fcvm.await(child, each -> delayed.reached());
            assertThat(temporary())
                    .as("nothing outside the store, even while it works")
                    .isEqualTo(before);
            child.signal("KILL");
            child.closed();
        }

        pull(fcvm, reference).run().expect(0);

        Store.isTidy(fcvm);
        assertThat(temporary()).isEqualTo(before);
    }

    private static String temporary() {
        return Child.of(
                        "find",
                        "/var/tmp",
                        "/tmp",
                        "-maxdepth",
                        "1",
                        "-name",
                        "oci[0-9]*",
                        "-o",
                        "-maxdepth",
                        "1",
                        "-name",
                        "docker-*")
                .run()
                .out();
    }

    @Test
    void shouldFetchAnImageOnceForTwoWhoWantItAtTheSameTime(Fcvm fcvm, Archives archives, Place place) {
        Delayed delayed = Step.WRITING_THE_DISK.delay(place);
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            long pushed = registry.requests("GET", "/v2/test/image/blobs/");
            try (Child first = pull(fcvm, name).env("PATH", delayed.path()).start()) {
                fcvm.await(first, each -> delayed.reached());
                long asked = registry.requests("GET", "/v2/test/image/manifests/");
                try (Child second = pull(fcvm, name).start()) {
                    fcvm.await(second, each -> registry.requests("GET", "/v2/test/image/manifests/") > asked);
                    assertThat(second.isAlive()).as("it waits").isTrue();
                    delayed.release();

                    String id = first.outcome().expect(0).out();
                    assertThat(second.outcome().expect(0).out()).isEqualTo(id);
                }
            }
            assertThat(registry.requests("GET", "/v2/test/image/blobs/") - pushed)
                    .as("a configuration and two layers, once")
                    .isEqualTo(3);
            Store.isTidy(fcvm);
        }
    }

    @Test
    void shouldTakeOverFromOneThatIsKilledWhileItIsWaitedFor(Fcvm fcvm, Archives archives, Place place) {
        Delayed delayed = Step.WRITING_THE_DISK.delay(place);
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            try (Child first = pull(fcvm, name).env("PATH", delayed.path()).start()) {
                fcvm.await(first, each -> delayed.reached());
                long asked = registry.requests("GET", "/v2/test/image/manifests/");
                try (Child second = pull(fcvm, name).start()) {
                    fcvm.await(second, each -> registry.requests("GET", "/v2/test/image/manifests/") > asked);
                    first.signal("KILL");
                    first.closed();

                    second.outcome().expect(0);
                }
            }
            fcvm.run("image", "prune", "-f").expect(0);
            Store.isTidy(fcvm);
            assertThat(Store.names(fcvm)).isEqualTo(List.of(name));
        }
    }

    private static Child.Call pull(Fcvm fcvm, String name) {
        return fcvm.call("pull", "-q", "--tls-verify=false", name);
    }
}
