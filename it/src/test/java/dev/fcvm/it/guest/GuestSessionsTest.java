package dev.fcvm.it.guest;

import static dev.fcvm.it.guest.AgentMachine.CONTAINER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.ContainerStreams;
import dev.fcvm.agent.ExecFailure;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.it.guest.AgentMachine.Disks;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A container, what it writes and how it ends belong to its guest, whatever becomes of the host's sessions. */
@MachineTest
@Timeout(300)
class GuestSessionsTest {

    private static final int LINES = 1_000_000;
    private static final List<String> NONE = List.of();
    private static final byte[] NOTHING = {};

    @Test
    void shouldBringEachLineOnceHoweverOftenTheHostComesAndGoes(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        var taken = new ByteArrayOutputStream();
        try (AgentMachine machine = AgentMachine.boot(
                place, Disks.make(fcvm, archives, place), "read go; seq " + LINES + "; echo done >&2; exit 9")) {
            try (AgentHost first = machine.host()) {
                assertThat(first.ready().containers()).isEmpty();
                first.session().start(machine.start(false, Optional.empty()));
                ContainerStreams streams = first.session().attach(CONTAINER, true, true, true, 0, 0);
                first.next(AgentEvent.Started.class);
                streams.input().orElseThrow().output().write("go\n".getBytes(UTF_8));
                take(first, streams.output().orElseThrow().input(), taken, 100_000);
            }
            // Most of these come while it writes, some when it is done: the last bytes are those of the last host.
            for (int pieces = 1; pieces <= 10; pieces++) {
                try (AgentHost host = machine.host()) {
                    take(host, attach(host, taken.size()), taken, 300_000 + 77_777 * pieces);
                }
            }
            try (AgentHost last = machine.host()) {
                take(last, attach(last, taken.size()), taken, Integer.MAX_VALUE);
            }
            ExitRecord exit = ended(machine);
            assertThat(exit.code()).isEqualTo(9);
            assertThat(exit.stdoutEnd()).isEqualTo(taken.size());
            assertThat(exit.stderrEnd()).isEqualTo(5);
        }
        assertThat(taken.toString(UTF_8)).isEqualTo(numbers());
    }

    /** Its output is more than fits into memory, and its host never was there while it wrote. */
    @Test
    void shouldKeepTheOutputAndTheExitOfAContainerThatEndsWhileNoHostIsThere(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        try (AgentMachine machine = AgentMachine.boot(
                place, Disks.make(fcvm, archives, place), "seq " + LINES + "; echo $SAID >&2; exit 5")) {
            try (AgentHost first = machine.host()) {
                first.session().start(machine.start(false, Optional.empty()));
                first.next(AgentEvent.Started.class);
            }
            ExitRecord exit = ended(machine);
            assertThat(exit.code()).isEqualTo(5);
            try (AgentHost next = machine.host()) {
                ContainerStreams streams = next.session().attach(CONTAINER, false, true, true, 0, 0);
                assertThat(next.next(AgentEvent.Attached.class)).isEqualTo(new AgentEvent.Attached(CONTAINER, 0, 0));
                assertThat(AgentHost.text(streams.output().orElseThrow())).isEqualTo(numbers());
                assertThat(AgentHost.text(streams.error().orElseThrow())).isEqualTo("here\n");
            }
        }
    }

    /** Looks in, as hosts that come and go do, until the container has ended. */
    private static ExitRecord ended(AgentMachine machine) throws InterruptedException {
        long end = System.nanoTime() + Fcvm.BOOT.toNanos();
        while (System.nanoTime() < end) {
            try (AgentHost host = machine.host()) {
                ContainerStatus status = host.ready().containers().getFirst();
                if (status.exit().isPresent()) {
                    return status.exit().get();
                }
            }
        }
        throw new AssertionError("the container did not end");
    }

    private static InputStream attach(AgentHost host, long from) throws Exception {
        ContainerStreams streams = host.session().attach(CONTAINER, false, true, false, from, 0);
        assertThat(host.next(AgentEvent.Attached.class).stdoutFrom()).isEqualTo(from);
        return streams.output().orElseThrow().input();
    }

    private static void take(AgentHost host, InputStream from, ByteArrayOutputStream to, int atMost) throws Exception {
        int left = atMost;
        byte[] piece = from.readNBytes(Math.min(left, 100_000));
        while (piece.length > 0) {
            to.write(piece);
            // Less than was taken: a host that is killed has not always said the last.
            host.session().kept(CONTAINER, Math.max(0, to.size() - 50_000), 0);
            left -= piece.length;
            piece = from.readNBytes(Math.min(left, 100_000));
        }
    }

    private static String numbers() {
        var text = new StringBuilder();
        for (int i = 1; i <= LINES; i++) {
            text.append(i).append('\n');
        }
        return text.toString();
    }

    @Test
    void shouldRunCommandsBesideTheContainerAndStopIt(Fcvm fcvm, Archives archives, Place place) throws Exception {
        String command = "trap 'echo stopped; exit 4' TERM; echo up; while :; do sleep 0.05; done";
        try (AgentMachine machine = AgentMachine.boot(place, Disks.make(fcvm, archives, place), command);
                AgentHost host = machine.host()) {
            host.session().start(machine.start(false, Optional.empty()));
            var output = host.session()
                    .attach(CONTAINER, false, true, false, 0, 0)
                    .output()
                    .orElseThrow();
            // Asked for before the container runs: it waits for that.
            assertThat(host.run(CONTAINER, NONE, NOTHING, "sh", "-c", "echo out; echo err >&2; exit 3"))
                    .isEqualTo(new AgentHost.Result(3, "out\n", "err\n"));
            var bytes = new byte[200_000];
            new Random(7).nextBytes(bytes);
            assertThat(host.run(CONTAINER, NONE, bytes, "cat").out()).isEqualTo(new String(bytes, ISO_8859_1));
            assertThat(host.run(
                            CONTAINER,
                            List.of("--user=1234:99", "--workdir=/tmp"),
                            NOTHING,
                            "sh",
                            "-c",
                            "id -u; pwd; echo $WORD; echo $SAID"))
                    .isEqualTo(new AgentHost.Result(0, "1234\n/tmp\ntwo words\nhere\n", ""));
            assertThat(host.run(CONTAINER, NONE, NOTHING, "no-such-program"))
                    .satisfies(result -> assertThat(result.code()).isEqualTo(127))
                    .satisfies(result -> assertThat(result.err()).contains("no-such-program"));
            assertThat(host.run(CONTAINER, NONE, NOTHING, "/etc").code()).isEqualTo(126);
            assertThat(host.run(CONTAINER, List.of("--no-such-option"), NOTHING, "true")
                            .code())
                    .isEqualTo(125);
            assertThat(host.run(CONTAINER, NONE, NOTHING, "sh", "-c", "kill -9 $$")
                            .code())
                    .isEqualTo(137);
            assertThat(host.run("", NONE, NOTHING, "sh", "-c", "cat /proc/1/comm; echo $WORD; exit 6"))
                    .isEqualTo(new AgentHost.Result(6, "init\ntwo words\n", ""));
            assertThat(host.run("", NONE, NOTHING, "no-such-program").code()).isEqualTo(127);

            severalAtOnce(host);
            inATerminal(host, CONTAINER);
            inATerminal(host, "");
            signalled(host);
            var nowhere = host.begin("another", NONE, Optional.empty(), "true");
            assertThatThrownBy(() -> nowhere.exit().get(Fcvm.BOOT.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ExecFailure.class)
                    .hasMessageContaining("there is no container another in this machine");

            AgentHost.await(output, "up\n");
            host.session().stop(CONTAINER, 15, Duration.ofSeconds(60));
            assertThat(host.next(AgentEvent.Exited.class).exit().code()).isEqualTo(4);
            assertThat(AgentHost.text(output)).isEqualTo("stopped\n");
        }
    }

    private static void severalAtOnce(AgentHost host) throws Exception {
        List<ExecSession> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(host.begin(CONTAINER, NONE, Optional.empty(), "sh", "-c", "read a; echo $a; exit " + i));
        }
        // Each waits for its own input, so that all run at the same time.
        for (int i = 5; i >= 0; i--) {
            try (var input = all.get(i).stdin().orElseThrow().output()) {
                input.write(("to " + i + "\n").getBytes(UTF_8));
            }
            assertThat(AgentHost.result(all.get(i))).isEqualTo(new AgentHost.Result(i, "to " + i + "\n", ""));
        }
    }

    private static void inATerminal(AgentHost host, String container) throws Exception {
        var size = Optional.of(new TerminalSize(91, 17));
        try (ExecSession exec = host.begin(container, NONE, size, "sh")) {
            var output = exec.stdout().orElseThrow();
            var input = exec.stdin().orElseThrow().output();
            input.write("stty size; tty; echo 'begun'\n".getBytes(UTF_8));
            assertThat(AgentHost.await(output, "begun\r\n"))
                    .contains("17 91\r\n")
                    .contains("/dev/pts/");
            exec.resize(new TerminalSize(132, 43));
            // The size comes by way of a signal to Podman.
            input.write("until stty size | grep -q '43 132'; do sleep 0.05; done; echo 're''sized'\n".getBytes(UTF_8));
            AgentHost.await(output, "resized\r\n");
            // It says itself that it is in the foreground.
            input.write("sh -c \"echo 'on'' duty'; exec sleep 1000\"\n".getBytes(UTF_8));
            AgentHost.await(output, "on duty\r\n");
            input.write(3);
            input.write("exit 21\n".getBytes(UTF_8));
            assertThat(AgentHost.result(exec).code()).isEqualTo(21);
        }
    }

    private static void signalled(AgentHost host) throws Exception {
        try (ExecSession exec = host.begin("", NONE, Optional.empty(), "sh", "-c", "echo on; exec sleep 1000")) {
            AgentHost.await(exec.stdout().orElseThrow(), "on\n");
            exec.signal(15);
            assertThat(exec.exit().get(Fcvm.BOOT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(143);
        }
    }

    @Test
    void shouldRunTheSameContainerAgainAfterARebootWithWhatItHadWritten(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        Disks disks = Disks.make(fcvm, archives, place);
        String command = "echo $SAID; [ -e /kept ] && cat /kept; echo run >> /kept; read word; echo $word; exit 7";
        for (String expected : List.of("here\n", "here\nrun\n", "here\nrun\nrun\n")) {
            boolean again = !expected.equals("here\n");
            try (AgentMachine machine = AgentMachine.boot(place, disks, command);
                    AgentHost host = machine.host()) {
                host.session().start(machine.start(again, Optional.empty()));
                ContainerStreams streams = host.session().attach(CONTAINER, true, true, true, 0, 0);
                try (var input = streams.input().orElseThrow().output()) {
                    input.write("said\n".getBytes(UTF_8));
                }
                assertThat(AgentHost.text(streams.output().orElseThrow())).isEqualTo(expected + "said\n");
                assertThat(AgentHost.text(streams.error().orElseThrow())).isEmpty();
                assertThat(host.next(AgentEvent.Exited.class).exit().code()).isEqualTo(7);
                machine.shutDown(host);
            }
        }
    }

    @Test
    void shouldGiveAContainerATerminalAlsoWhenItIsStartedAgain(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        Disks disks = Disks.make(fcvm, archives, place);
        var size = Optional.of(new TerminalSize(91, 17));
        for (boolean again : new boolean[] {false, true}) {
            try (AgentMachine machine = AgentMachine.boot(place, disks, "exec sh");
                    AgentHost host = machine.host()) {
                host.session().start(machine.start(again, size));
                ContainerStreams streams = host.session().attach(CONTAINER, true, true, false, 0, 0);
                var output = streams.output().orElseThrow();
                var input = streams.input().orElseThrow().output();
                input.write("until stty size | grep -q '17 91'; do sleep 0.05; done; echo 'be''gun'\n".getBytes(UTF_8));
                AgentHost.await(output, "begun\r\n");
                host.session().resize(CONTAINER, new TerminalSize(132, 43));
                input.write(
                        "until stty size | grep -q '43 132'; do sleep 0.05; done; echo 're''sized'\n".getBytes(UTF_8));
                AgentHost.await(output, "resized\r\n");
                input.write("exit 8\n".getBytes(UTF_8));
                assertThat(host.next(AgentEvent.Exited.class).exit().code()).isEqualTo(8);
                machine.shutDown(host);
            }
        }
    }
}
