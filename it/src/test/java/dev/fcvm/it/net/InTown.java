package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.TestImages;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A user in a {@link Town}, and what they do there: nothing may be left of it after each test. */
@MachineTest
@TestInstance(Lifecycle.PER_CLASS)
abstract class InTown {

    private final List<AutoCloseable> open = new ArrayList<>();
    protected Town town;
    protected Fcvm fcvm;
    protected Fcvm home;
    protected String image;
    private String before;

    /** Returns the value of {@code --mode}. */
    abstract String mode();

    /** Makes the user's command line; what it takes besides is closed with the class. */
    abstract Fcvm user();

    /** Returns whom a guest sees when the host calls 127.0.0.1. */
    abstract String callerFromLoopback(String answer);

    protected final <T extends AutoCloseable> T opened(T each) {
        open.add(each);
        return each;
    }

    @BeforeAll
    final void found(Archives archives) {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may make a network namespace");
        town = opened(new Town());
        fcvm = opened(user());
        home = town.home(fcvm);
        image = "oci-archive:" + archives.ociArchive(TestImages.serving());
        prepare();
    }

    /** What is on the host before any machine is. */
    void prepare() {}

    @AfterAll
    final void leave() throws Exception {
        @Nullable Exception first = null;
        for (AutoCloseable each : open.reversed()) {
            try {
                each.close();
            } catch (Exception | AssertionError e) { // one that leaves something must not keep the others open
                first = first == null ? new IllegalStateException("cannot close all of it", e) : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @BeforeEach
    final void look() {
        before = town.snapshot();
    }

    /** After every test, whatever it was about. */
    @AfterEach
    final void shouldLeaveNothing() {
        List<String> leaks = fcvm.leaks();
        // What a failed test left is not to be the next one's.
        fcvm.machines()
                .forEach(machine -> home.run("rm", "-f", machine.getFileName().toString()));
        assertThat(leaks).isEmpty();
        assertThat(town.snapshot()).isEqualTo(before);
    }

    /** For what does not depend on the monitor: the machines of the other lane take six seconds to boot. */
    protected void onlyOnFirecracker() {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
    }

    protected final Child.Call call(List<String> flags, String... command) {
        return call(home, flags, command);
    }

    protected final Child.Call call(Fcvm on, List<String> flags, String... command) {
        return on.call(Stream.of(
                        Stream.of("run", "--rm", "--quiet", "--mode", mode(), "--network", "default"),
                        flags.stream(),
                        Stream.of(image),
                        Stream.of(command))
                .flatMap(words -> words)
                .toList());
    }

    /** Starts a machine that serves. */
    protected final Child serve(String... flags) {
        Child machine = home.call(Stream.of(
                                Stream.of("run", "--rm", "--mode", mode(), "--network", "default"),
                                Stream.of(flags),
                                Stream.of(image, "/bin/serve"))
                        .flatMap(words -> words)
                        .toList())
                .start();
        machine.awaitOut("ready\n");
        return machine;
    }

    protected static void end(Child machine) {
        machine.signal("TERM");
        machine.outcome().expect(40);
    }

    /** Runs a script in a container and returns what it says. */
    protected final String guest(String script, String... flags) {
        return call(List.of(flags), "sh", "-c", script).run().expect(0).out();
    }

    /** A line for the guest's shell that asks a server, and says what it answers or why it does not. */
    protected static String ask(String address, int port) {
        return "timeout 4 nc -w 2 %s %d 2>&1 || echo; echo;".formatted(address, port);
    }
}
