package dev.fcvm.machine.ready;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReadyBarrierTest {

    @TempDir
    Path directory;

    private PlayedMachine machine;

    @BeforeEach
    void begin() throws Exception {
        machine = new PlayedMachine(directory);
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    private FutureTask<ReadyOutcome> await(String condition) throws Exception {
        ReadyCondition parsed = ReadyCondition.parse("--wait-ready", condition);
        var waiting = new FutureTask<>(() -> ReadyBarrier.await(parsed, machine));
        Thread.ofVirtual().start(waiting);
        return waiting;
    }

    private static ReadyOutcome outcome(FutureTask<ReadyOutcome> waiting) throws Exception {
        return waiting.get(30, TimeUnit.SECONDS);
    }

    private void answer(boolean met, int status, String seen) throws Exception {
        var probe = (Message.Probe) machine.agent.receive();
        machine.agent.send(new Message.Probed(probe.probe(), met, status, seen));
    }

    @Test
    void shouldLookAgainUntilTheWebServerAnswersAsItShould() throws Exception {
        FutureTask<ReadyOutcome> waiting = await("mode=http,port=80,path=/up,status=204,interval=50ms");
        var first = (Message.Probe) machine.agent.receive();
        assertThat(first.kind()).isEqualTo(ProbeKind.HTTP);
        assertThat(first.port()).isEqualTo(80);
        assertThat(first.path()).isEqualTo("/up");
        assertThat(first.limitMillis()).isBetween(1, 5000);
        machine.agent.send(new Message.Probed(first.probe(), false, 0, "port 80 refused the connection"));
        answer(true, 200, "GET /up on port 80 answered 200");
        answer(true, 204, "GET /up on port 80 answered 204");
        assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Met());
    }

    @Test
    void shouldTellTheLastThatWasSeenWhenTheTimeIsUp() throws Exception {
        FutureTask<ReadyOutcome> waiting = await("mode=tcp,port=5432,timeout=200ms,interval=10m");
        answer(false, 0, "port 5432 refused the connection");
        assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Late("port 5432 refused the connection"));
    }

    @Test
    void shouldEndInTimeWhenTheAgentNeverAnswers() throws Exception {
        FutureTask<ReadyOutcome> waiting = await("mode=tcp,port=5432,timeout=200ms");
        assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Late("its agent has not answered"));
    }

    @Test
    void shouldNotWaitForAMachineThatHasEnded() throws Exception {
        FutureTask<ReadyOutcome> waiting = await("mode=vsock,timeout=24h,interval=50ms");
        answer(false, 0, "the container does not run yet");
        // A second question: the first answer has been read.
        machine.agent.receive();
        machine.ended.complete(null);
        assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Over("the container does not run yet"));
    }

    @Test
    void shouldTellACommandsCodeAndTheEndOfItsOutput() throws Exception {
        FutureTask<ReadyOutcome> waiting = await("mode=exec,command=check it,timeout=2s,interval=10m");
        var exec = (Message.Exec) machine.agent.receive();
        assertThat(exec.container()).isEqualTo("c");
        assertThat(exec.command()).isEqualTo(List.of("/bin/sh", "-c", "check it"));
        assertThat(exec.stdin()).isZero();
        write(exec.stdout(), "x".repeat(100_000) + "\n");
        write(exec.stderr(), "not\u001b[2J yet\n");
        machine.agent.send(new Message.ExecExited(exec.exec(), 3, false));
        assertThat(outcome(waiting))
                .isInstanceOfSatisfying(
                        ReadyOutcome.Late.class,
                        late -> assertThat(late.seen())
                                .startsWith("the command ended with 3: ")
                                .doesNotContain("\u001b")
                                .hasSizeLessThan(300));
    }

    private void write(int stream, String text) throws Exception {
        LinkStream joined = machine.agent.joinStream(stream);
        joined.output().write(text.getBytes(StandardCharsets.UTF_8));
        joined.output().close();
    }

    @Test
    void shouldFindALineThatWasWrittenJustBeforeTheEnd() throws Exception {
        try (OutputLog log = OutputLog.open(directory, OutputLog.DEFAULT_LIMIT, Clock.systemUTC())) {
            log.begin();
            machine.signs.opened(log);
            FutureTask<ReadyOutcome> waiting = await("mode=log,pattern=up");
            log.append(Output.STDOUT, ByteBuffer.wrap("it is up\n".getBytes(StandardCharsets.UTF_8)));
            machine.ended.complete(null);
            assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Met());
            assertThat(outcome(await("mode=log,pattern=down")))
                    .isEqualTo(new ReadyOutcome.Over("the last line it wrote is \"it is up\""));
        }
    }

    @Test
    void shouldWaitForTheContainersOwnCheckToPass() throws Exception {
        machine.signs.found(HealthRecord.STARTING);
        FutureTask<ReadyOutcome> waiting = await("mode=healthcheck");
        machine.signs.found(new HealthRecord("unhealthy", 3, List.of()));
        machine.signs.found(new HealthRecord("healthy", 0, List.of()));
        assertThat(outcome(waiting)).isEqualTo(new ReadyOutcome.Met());
    }

    @Test
    void shouldTellHowTheLastCheckEnded() throws Exception {
        machine.signs.found(new HealthRecord("unhealthy", 3, List.of(new HealthRecord.Check("", "", 7, "no route"))));
        assertThat(outcome(await("mode=healthcheck,timeout=100ms")))
                .isEqualTo(new ReadyOutcome.Late("its health is unhealthy, and the last check ended with 7: no route"));
    }
}
