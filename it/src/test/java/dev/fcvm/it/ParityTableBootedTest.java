package dev.fcvm.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.MachineTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The same on machines that boot, as with {@code --cold}; in Firecracker, where that takes a second. */
@MachineTest
@TestInstance(Lifecycle.PER_CLASS)
class ParityTableBootedTest extends ParityTableTest {

    @Override
    boolean isWarm() {
        return false;
    }

    @Override
    @BeforeAll
    void openLanes(Archives archives) {
        assumeTrue(Lane.current().isFirecracker(), "machines boot in Firecracker's lane");
        super.openLanes(archives);
    }
}
