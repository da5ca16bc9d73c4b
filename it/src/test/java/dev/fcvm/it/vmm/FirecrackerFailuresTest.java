package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.firecracker.FirecrackerVmm.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Firecracker that does not do what it should: one line that says so, in time, and nothing is left. */
@MachineTest
@Timeout(120)
final class FirecrackerFailuresTest {

    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exit 0                             | %s ended with exit code 0
            exec cat /nonexistent              | %s ended with exit code 1: cat:
            exec sleep 1000                    | within 1 s; is %s Firecracker?
            """)
    void shouldSayThatAProgramIsNoFirecrackerAndEndIt(String line, String words, Place place) {
        VmSpec spec = Genuine.guest(place).doing("hang");
        Path program = Genuine.script(place, "wrong", line);
        assertFails(() -> Boots.boot(new FirecrackerVmm(program, SHORT), spec), words.formatted(program), spec);
    }

    @Test
    void shouldSayThatAFirecrackerWasKilledBeforeItAnswered(Place place) throws Exception {
        VmSpec spec = Genuine.guest(place).doing("hang");
        Path program = Genuine.script(place, "silent", "echo begun >&2; exec sleep 1000");
        MachineProcesses processes = new MachineProcesses(spec.id());
        CompletableFuture<Void> killer = CompletableFuture.runAsync(() -> {
            while (processes.living().isEmpty()) {
                Thread.onSpinWait(); // it has no other sign of life yet
            }
            processes.killAll();
        });
        assertFails(() -> Boots.boot(new FirecrackerVmm(program), spec), "ended with exit code 137", spec);
        killer.get(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldHavePatienceWithAFirecrackerThatIsSlowToBegin(Place place) throws Exception {
        VmSpec spec = Genuine.guest(place).doing("hang");
        Path slow = place.root().resolve("slow");
        // In its tree it has no name but the monitor's: so the genuine one comes after the script, in the same file.
        Child.of(
                        "sh",
                        "-ec",
                        "printf '%s\\n' '#!/bin/sh' 'sleep 2' 'tail -c +121 \"$0\" >/exchange/genuine'"
                                + " 'chmod 755 /exchange/genuine' 'exec /exchange/genuine \"$@\"' >\"$2\";"
                                + " truncate -s 120 \"$2\"; cat \"$1\" >>\"$2\"; chmod 755 \"$2\"",
                        "sh",
                        Genuine.firecracker().toString(),
                        slow.toString())
                .run()
                .expect(0);
        try (RunningVm machine = Boots.boot(new FirecrackerVmm(slow), spec)) {
            Consoles.await(machine, "guest: end", VmmContract.PATIENCE);
        }
    }

    @Test
    void shouldSayThatAFirecrackerHangsAndStillEndIt(Place place) throws Exception {
        VmSpec spec = Genuine.guest(place).doing("hang");
        try (RunningVm machine = Boots.boot(Genuine.monitor(), spec)) {
            Child.of("kill", "-STOP", Long.toString(machine.pid())).run().expect(0);
            assertThatThrownBy(machine::pause)
                    .isInstanceOf(FcvmException.class)
                    .hasMessage("the machine does not obey: firecracker did not pause the machine within 10 s");
        }
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldSayThatAFirecrackerHasEnded(Place place) throws Exception {
        VmSpec spec = Genuine.guest(place).doing("hang");
        try (RunningVm machine = Boots.boot(Genuine.monitor(), spec)) {
            Child.of("kill", "-KILL", Long.toString(machine.pid())).run().expect(0);
            assertThat(machine.awaitExit(VmmContract.PATIENCE)).isPresent();
            assertThatThrownBy(machine::pause)
                    .isInstanceOf(FcvmException.class)
                    .hasMessage("the machine does not obey: it has ended");
        }
        VmmContract.assertNothingLeft(spec);
    }

    @Test
    void shouldSayWhatItRefusesAndEndIt(Place place) {
        VmSpec good = Genuine.guest(place).doing("hang");
        VmSpec spec = new VmSpec(
                good.id(),
                good.directory(),
                good.socketDirectory(),
                good.kernel(),
                good.initramfs(),
                good.bootArguments(),
                99,
                good.memoryMib(),
                good.drives(),
                good.plan(),
                good.isolation());
        assertFails(
                () -> Boots.boot(Genuine.monitor(), spec),
                "the machine was not booted: firecracker could not set 99 vCPUs and 256 MiB of memory: ",
                spec);
    }

    private static void assertFails(ThrowingCallable boot, String words, VmSpec spec) {
        assertThatThrownBy(boot)
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        try {
            VmmContract.assertNothingLeft(spec);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
