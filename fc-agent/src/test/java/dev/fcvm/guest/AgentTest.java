package dev.fcvm.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent over a real link, with a shell script standing in for Podman. */
@Timeout(60)
class AgentTest {

    private static final Message NO_CONTAINER = new Message.Failed("c", "there is no container c in this machine");

    private TestGuest guest;
    private UnixLink way;
    private FutureTask<Void> agent;

    @BeforeEach
    void begin(@TempDir Path directory) throws Exception {
        guest = new TestGuest(directory);
        way = new UnixLink(directory);
        agent = new FutureTask<>(() -> {
            new Agent(guest.files, guest.console).serve(way.guest());
            return null;
        });
        new Thread(agent, "agent").start();
    }

    /** The agent ends when it has ended the machine, or there is no way to a host any more. */
    @AfterEach
    void end() throws Exception {
        way.close();
        try {
            agent.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException noWay) {
            assertThat(noWay).hasCauseInstanceOf(AgentException.class).hasMessageContaining("no host can reach");
        }
    }

    @Test
    void shouldSayThatItIsReadyWithTheKernelsUptime() throws Exception {
        try (var host = way.host()) {
            assertThat(host.receive()).isEqualTo(new Message.Ready("unknown", 12_340, List.of(), List.of()));
        }
    }

    @Test
    void shouldPassInputAndOutputsThroughTheStandInForPodmanByteForByte() throws Exception {
        guest.withPlan("sh", "-c", "x").podman("cat; echo to-stderr >&2; exit 42");
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        try (var host = way.host()) {
            var run = Started.begin(host, "");
            var writer = start(() -> {
                try (var out = run.stdin.output()) {
                    out.write(bytes);
                }
            });
            assertThat(run.stdout.input().readAllBytes()).isEqualTo(bytes);
            assertThat(TestGuest.text(run.stderr)).isEqualTo("to-stderr\n");
            writer.get(20, TimeUnit.SECONDS);
            assertThat(exit(host)).isEqualTo(42);
            assertThat(guest.files.hostname()).hasContent("otter-host");
        }
    }

    @Test
    void shouldRunThePlanOfTheMessageWhereTheFirmwareHasNone() throws Exception {
        guest.podman("for last; do :; done; echo \"$last\"");
        try (var host = way.host()) {
            var run = Started.begin(host, PlanJson.write(TestGuest.plan(List.of("the", "plan's command"))));
            assertThat(TestGuest.text(run.stdout)).isEqualTo("plan's command\n");
            assertThat(exit(host)).isEqualTo(0);
            assertThat(guest.files.hostname()).hasContent("otter-host");
        }
    }

    @Test
    void shouldGiveTheEnvironmentToThePodmanCommandAndNothingOfItsOwn() throws Exception {
        guest.withPlan("x").podman("env | sort; for a; do echo \"[$a]\"; done");
        try (var host = way.host()) {
            var run = Started.begin(host, "");
            String said = TestGuest.text(run.stdout);
            assertThat(said)
                    .contains("[--env]\n[NAME=va lue]\n")
                    .contains("HOME=/root\n")
                    .doesNotContain("JAVA");
        }
    }

    @Test
    void shouldTellEachHostWhatChecksOfTheContainersHealthFind() throws Exception {
        Path record = Files.createDirectories(guest.files.healthRecords().resolve("c1"))
                .resolve("healthcheck.log");
        guest.podman("case $1 in healthcheck) printf '{\"Status\":\"healthy\"}' >" + record + " ;; *) cat ;; esac");
        var container = new ContainerPlan("image", List.of("--health-cmd=true"), List.of(), true);
        var plan = new Plan(Plan.VERSION, "0123456789abcdef0123456789abcdef", "otter", "h", true, container);
        var healthy = new Message.Health("c", "{\"Status\":\"healthy\"}");
        try (var host = way.host()) {
            host.receive();
            new Streams(host).run(host, PlanJson.write(plan));
            assertThat(List.of(next(host), next(host)))
                    .as("the first check is made at once, also before the host hears that the container runs")
                    .containsExactlyInAnyOrder(new Message.Started("c", 12_340), healthy);
            host.send(new Message.Probe(1, "c", ProbeKind.HEALTH, 0, "", 1000));
            assertThat(next(host)).isEqualTo(healthy);
            assertThat(next(host)).isEqualTo(new Message.Probed(1, true, 0, "healthy"));
            host.send(new Message.Probe(2, "c", ProbeKind.FILE, 0, "/run/ready", 1000));
            assertThat(next(host)).isEqualTo(new Message.Probed(2, false, 0, "/run/ready is not there yet"));
            host.send(new Message.Probe(3, "other", ProbeKind.TCP, 1, "", 1000));
            assertThat(next(host)).isEqualTo(new Message.Probed(3, false, 0, "there is no container"));
        }
        try (var later = way.host()) {
            assertThat(later.receive()).isInstanceOf(Message.Ready.class);
            assertThat(later.receive()).isEqualTo(healthy);
            var streams = new Streams(later);
            later.send(new Message.Attach("c", streams.stdin.number(), 0, 0, 0, 0));
            streams.stdin.output().close();
            assertThat(exit(later)).isZero();
        }
    }

    @Test
    void shouldRefuseASecondContainerAndLeaveTheFirstAlone() throws Exception {
        guest.withPlan("x").podman("cat; exit 3");
        try (var host = way.host()) {
            var first = Started.begin(host, "");
            var second = new Streams(host);
            second.run(host, "second", "");
            assertThat(next(host))
                    .isEqualTo(new Message.Failed(
                            "second", "a container has been started in this machine already; a machine runs one"));
            assertThat(host.receive())
                    .isEqualTo(new Message.Failed("second", "there is no container second in this machine"));
            assertThatThrownBy(() -> second.stdout.input().read()).hasMessageContaining("reset");

            first.stdin.output().write("still here".getBytes(UTF_8));
            first.stdin.output().close();
            assertThat(TestGuest.text(first.stdout)).isEqualTo("still here");
            assertThat(exit(host)).isEqualTo(3);
        }
    }

    @Test
    void shouldSayWhyThereIsNoContainer() throws Exception {
        try (var host = way.host()) {
            host.receive();
            new Streams(host).run(host, "");
            assertThat(host.receive())
                    .isInstanceOfSatisfying(
                            Message.Failed.class,
                            failed -> assertThat(failed.reason()).startsWith("this machine has no plan"));
            assertThat(host.receive()).isEqualTo(NO_CONTAINER);
            new Streams(host).run(host, "{\"version\":2}");
            assertThat(host.receive())
                    .isInstanceOfSatisfying(
                            Message.Failed.class,
                            failed -> assertThat(failed.reason()).startsWith("the plan is wrong"));
            assertThat(host.receive()).isEqualTo(NO_CONTAINER);
            new Streams(host).run(host, PlanJson.write(TestGuest.plan(List.of())));
            // No program of Podman's name: the stand-in was never made.
            assertThat(host.receive())
                    .isInstanceOfSatisfying(
                            Message.Failed.class,
                            failed -> assertThat(failed.reason()).startsWith("cannot start Podman in the guest: "));
        }
    }

    @Test
    void shouldSayThatThePlanOfTheFirmwareIsNone() throws Exception {
        Files.writeString(guest.files.plan(), "not a plan");
        try (var host = way.host()) {
            host.receive();
            new Streams(host).run(host, PlanJson.write(TestGuest.plan(List.of())));
            assertThat(host.receive())
                    .isInstanceOfSatisfying(
                            Message.Failed.class,
                            failed -> assertThat(failed.reason()).startsWith("the plan is not valid JSON"));
        }
    }

    @Test
    void shouldServeTheNextHostWhenASessionEnds() throws Exception {
        guest.withPlan("x").podman("echo served");
        try (var first = way.host()) {
            assertThat(first.receive()).isInstanceOf(Message.Ready.class);
        }
        try (var second = way.host()) {
            var run = Started.begin(second, "");
            assertThat(TestGuest.text(run.stdout)).isEqualTo("served\n");
        }
        guest.awaitLog("the session has ended: the host has begun another session");
    }

    @Test
    void shouldEndTheSessionOfAHostThatNamesAStreamItHasNotOpened() throws Exception {
        guest.withPlan("x").podman("exit 0");
        try (var host = way.host()) {
            host.receive();
            host.send(new Message.Attach("c", 7, 0, 0, 0, 0));
            assertThat(host.receive()).isEqualTo(NO_CONTAINER);
            assertThatThrownBy(host::receive).isInstanceOf(LinkException.class);
        }
        guest.awaitLog("the session has ended: the host has no stream 7 open");
        try (var next = way.host()) {
            assertThat(next.receive()).isInstanceOf(Message.Ready.class);
        }
    }

    @Test
    void shouldSayThatTheContainerHasStartedWhenItsProgramRunsAndNotWhenPodmanDoes() throws Exception {
        // Two: who opens the one again at once may find it still open on the other side, and read its end.
        Path gate = guest.files.state().resolveSibling("gate");
        Path end = guest.files.state().resolveSibling("end");
        new ProcessBuilder("mkfifo", gate.toString(), end.toString()).start().waitFor();
        Path exe =
                Files.createDirectories(guest.files.processes().resolve("78")).resolve("exe");
        Files.createSymbolicLink(exe, Path.of("/usr/bin/crun"));
        guest.withPlan("x")
                .podmanAlone("echo 78 >%s; echo made; read line <%s; ln -sf /app %s; read line <%s"
                        .formatted(guest.files.containerPid(), gate, exe, end));
        try (var host = way.host()) {
            host.receive();
            var run = new Streams(host);
            run.run(host, "");
            assertThat(run.stdout.input().readNBytes(5)).isEqualTo("made\n".getBytes(UTF_8));
            assertThat(host.receive()).isInstanceOf(Message.Attached.class);
            host.send(new Message.Signal("c", 10));
            assertThat(host.receive()).isEqualTo(new Message.Signalled("c", 10));
            Files.writeString(gate, "\n");
            assertThat(host.receive()).isEqualTo(new Message.Started("c", 12_340));
            Files.writeString(end, "\n");
            assertThat(exit(host)).isEqualTo(0);
        }
    }

    @Test
    void shouldNotSayThatAContainerHasStartedWhenThereWasNone() throws Exception {
        guest.withPlan("x").podmanAlone("exit 127");
        try (var host = way.host()) {
            host.receive();
            new Streams(host).run(host, "");
            assertThat(exit(host)).isEqualTo(127);
        }
    }

    @Test
    void shouldSayThatAContainerHasStartedThatIsOverBeforeAnybodyLooks() throws Exception {
        guest.withPlan("x").podmanAlone("echo 79 >" + guest.files.containerPid() + "; exit 127");
        try (var host = way.host()) {
            Started.begin(host, "");
            assertThat(exit(host)).isEqualTo(127);
        }
    }

    @Test
    void shouldRefuseASignalBeforeThereIsAContainer() throws Exception {
        try (var host = way.host()) {
            host.receive();
            host.send(new Message.Signal("c", 15));
            assertThat(host.receive()).isEqualTo(new Message.Signalled("c", 15));
            guest.awaitLog("signal 15 refused: no container has been started");
        }
    }

    @Test
    void shouldWriteTheDisksBackThenResetTheMachineAndEnd() throws Exception {
        guest.busybox("echo \"$@\" >> " + guest.files.devices());
        try (var host = way.host()) {
            host.receive();
            host.send(new Message.Shutdown(true));
            agent.get(20, TimeUnit.SECONDS);
        }
        assertThat(guest.files.devices()).hasContent("sync\nreboot -n -f\n");
        assertThat(guest.files.sysrq()).hasContent("b");
    }

    private static int exit(Link host) throws Exception {
        return ((Message.Exited) next(host)).exit().code();
    }

    /** Returns what a host hears next, but for the word that its streams have been joined. */
    private static Message next(Link host) throws Exception {
        Message message = host.receive();
        return message instanceof Message.Attached ? next(host) : message;
    }

    /** Three streams of a host's. */
    private static class Streams {

        final LinkStream stdin;
        final LinkStream stdout;
        final LinkStream stderr;

        Streams(Link host) throws LinkException {
            stdin = host.openStream();
            stdout = host.openStream();
            stderr = host.openStream();
        }

        void run(Link host, String plan) throws Exception {
            run(host, "c", plan);
        }

        void run(Link host, String container, String plan) throws Exception {
            host.send(new Message.Start(
                    container, plan, List.of("NAME=va lue"), false, Optional.empty(), LinkedHost.LIMIT));
            host.send(new Message.Attach(container, stdin.number(), stdout.number(), stderr.number(), 0, 0));
        }
    }

    /** A container that has been started. */
    private static final class Started extends Streams {

        private Started(Link host) throws LinkException {
            super(host);
        }

        static Started begin(Link host, String plan) throws Exception {
            assertThat(host.receive()).isInstanceOf(Message.Ready.class);
            var streams = new Started(host);
            streams.run(host, plan);
            assertThat(next(host)).isEqualTo(new Message.Started("c", 12_340));
            return streams;
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static FutureTask<Void> start(Action action) {
        var task = new FutureTask<Void>(() -> {
            action.run();
            return null;
        });
        Thread.startVirtualThread(task);
        return task;
    }
}
