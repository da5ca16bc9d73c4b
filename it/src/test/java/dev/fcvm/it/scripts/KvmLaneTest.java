package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Where the lane of an ordinary KVM runs. The scripts that it calls, and Maven, are stand-ins that write down how they
 * were called: what they do has tests of its own.
 */
class KvmLaneTest {

    private static final List<String> CLASSES =
            List.of("dev.fcvm.it.ChoiceOnKvmTest", "dev.fcvm.it.vmm.SnapshotOnKvmTest");

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);
    private final Path calls = place.file("calls", "");

    @Test
    void shouldRunHereWithTheBasesOwnKernelWhereKvmRunsGuests() throws IOException {
        assertThat(lane("exit 0").expect(0).out()).endsWith("1 passed, 0 failed, 0 skipped\n");

        assertThat(Files.readAllLines(calls)).singleElement().asString().startsWith("here, auto, no kernel named:");
        assertThat(Files.readString(calls))
                .contains(" -Dtest=" + String.join(",", CLASSES) + " ")
                .contains(" -Dfcvm.test.reports=surefire-reports-kvm ");
    }

    @Test
    void shouldRunInAnEmulatedMachineWhereKvmRunsNoGuests() throws IOException {
        assertThat(lane("echo 'slow: it interprets'; exit 1").expect(0).out())
                .endsWith("1 passed, 0 failed, 0 skipped\n");

        assertThat(Files.readAllLines(calls))
                .containsExactly(
                        "in an emulated machine, auto: it/target/surefire-reports-kvm " + String.join(",", CLASSES));
    }

    /** Passes two classes in the lane on a host whose probe does this. */
    private Outcome lane(String probe) {
        standIn("kvm-probe", probe);
        for (String made : List.of("fcvm-init.sh", "build-dist.sh", "test-guest-kernel.sh")) {
            standIn(made, ":");
        }
        standIn("test-firecracker.sh", "echo /bin/true");
        String report = "echo '<testcase name=\"one\"/>' >it/target/surefire-reports-kvm/TEST-one.xml\n";
        standIn(
                "test-on-kvm.sh",
                "echo \"in an emulated machine, $FCVM_TEST_VMM: $*\" >>'%s'\nmkdir -p \"$1\"\n%s"
                        .formatted(calls, report));
        program(
                "bin/mvn",
                "echo \"here, $FCVM_TEST_VMM, ${FCVM_TEST_FIRECRACKER_KERNEL:-no kernel named}: $*\" >>'%s'\n%s%s"
                        .formatted(calls, "mkdir -p it/target/surefire-reports-kvm\n", report));
        for (String name : CLASSES) {
            place.file("home/it/src/test/java/" + name.replace('.', '/') + ".java", "");
        }
        return tree.call("test.sh", "kvm")
                .env("PATH", place.root().resolve("bin") + ":" + System.getenv("PATH"))
                .env(
                        "FCVM_TEST_FIRECRACKER_KERNEL",
                        place.file("another-kernel", "").toString())
                .without("FCVM_TEST_VMM")
                .env("FCVM_TEST_ONLY", "ChoiceOnKvmTest,SnapshotOnKvmTest")
                .run();
    }

    private void standIn(String script, String does) {
        program("home/scripts/" + script, does);
    }

    private void program(String name, String does) {
        Path file = place.file(name, "#!/bin/bash\nset -eu\n" + does + "\n");
        Child.of("chmod", "755", file.toString()).run().expect(0);
    }
}
