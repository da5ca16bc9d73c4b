package dev.fcvm.machine.ready;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ready.ReadyCondition.Check;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReadyConditionTest {

    static Stream<Arguments> conditions() {
        return Stream.of(
                Arguments.of("mode=vsock", new ReadyCondition.Vsock(Optional.empty())),
                Arguments.of("mode=vsock,file=/run/ready", new ReadyCondition.Vsock(Optional.of("/run/ready"))),
                Arguments.of("mode=tcp,port=5432", new ReadyCondition.Tcp(5432)),
                Arguments.of("mode=http,port=80", new ReadyCondition.Http(80, "/", 200, 399)),
                Arguments.of(
                        "status=204,mode=http,path=/up?a=b,port=65535",
                        new ReadyCondition.Http(65_535, "/up?a=b", 204, 204)),
                Arguments.of("mode=http,port=1,status=200-599", new ReadyCondition.Http(1, "/", 200, 599)),
                Arguments.of("mode=log,pattern=listening on .*:80", new ReadyCondition.Log("listening on .*:80")),
                Arguments.of("mode=log,\"pattern=a{1,3}, \"\"b\"\"\"", new ReadyCondition.Log("a{1,3}, \"b\"")),
                Arguments.of("mode=exec,command=test -e /a", new ReadyCondition.Exec("test -e /a")),
                Arguments.of("mode=exec,\"command=[\"\"a\"\",\"\"b\"\"]\"", new ReadyCondition.Exec("[\"a\",\"b\"]")),
                Arguments.of("mode=healthcheck", new ReadyCondition.Healthcheck()));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void shouldReadEveryMode(String text, Check check) throws Exception {
        ReadyCondition condition = ReadyCondition.parse("--wait-ready", text);
        assertThat(condition.check()).isEqualTo(check);
        assertThat(condition.timeout()).isEqualTo(Duration.ofSeconds(60));
    }

    @ParameterizedTest
    @CsvSource({
        "30s, 30000",
        "500ms, 500",
        "1m30s, 90000",
        "1h, 3600000",
        "1.5s, 1500",
        "2, 2000",
        "24h, 86400000",
    })
    void shouldReadTimesAsPodmanDoes(String text, long millis) throws Exception {
        ReadyCondition condition = ReadyCondition.parse("--wait-ready", "mode=vsock,timeout=" + text);
        assertThat(condition.timeout()).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|is not KEY=VALUE",
                "http|\"http\" is not KEY=VALUE",
                "mode=|there is no mode \"\"",
                "mode=ftp|there is no mode \"ftp\"; it begins with mode= and one of: vsock, http, tcp, log, exec, healthcheck",
                "port=80|it names no mode",
                "mode=tcp|mode=tcp needs a port",
                "mode=tcp,port=0|the port is \"0\"",
                "mode=tcp,port=65536|the port is \"65536\"",
                "mode=tcp,port=-1|the port is \"-1\"",
                "mode=tcp,port=80,port=81|port is given twice",
                "mode=tcp,port=80,path=/|mode=tcp takes no path; it takes: interval, port, timeout",
                "mode=tcp,port=80,|\"\" is not KEY=VALUE",
                "mode=http,port=80,path=up|the path is \"up\"",
                "mode=http,port=80,path=/a b|the path is \"/a b\"",
                "mode=http,port=80,status=99|the status is \"99\"",
                "mode=http,port=80,status=300-200|the lower one comes first",
                "mode=log|mode=log needs a pattern",
                "mode=log,pattern=(|the pattern is no regular expression",
                "mode=log,pattern=a,interval=1s|mode=log takes no interval",
                "mode=exec,command= |mode=exec needs a command",
                "mode=vsock,file=run|the file is \"run\"",
                "mode=vsock,timeout=0|the timeout is \"0\"",
                "mode=vsock,timeout=25h|from 100ms to 24h",
                "mode=vsock,timeout=soon|the timeout is \"soon\"",
                "mode=vsock,interval=1ms|from 50ms to 10m",
                "mode=healthcheck,interval=1s|how often the container is checked is --health-interval",
                "\"mode=log|a double quote is open",
            })
    void shouldSayWhatIsWrong(String text, String problem) {
        assertThatThrownBy(() -> ReadyCondition.parse("--wait-ready", text))
                .isInstanceOfSatisfying(
                        FcvmException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FcvmException.Kind.USAGE))
                .hasMessageStartingWith("--wait-ready is \"")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void shouldTakeTheImagesFileWhereTheUserNamesNone() throws Exception {
        Optional<String> file = Optional.of("/run/up");
        assertThat(ReadyCondition.parse("f", "mode=vsock").orFile(file).check())
                .isEqualTo(new ReadyCondition.Vsock(file));
        assertThat(ReadyCondition.parse("f", "mode=vsock,file=/x").orFile(file).check())
                .isEqualTo(new ReadyCondition.Vsock(Optional.of("/x")));
    }

    @Test
    void shouldMeanTheContainersOwnWordThenItsHealthThenThatItRuns() {
        Optional<String> file = Optional.of("/run/up");
        assertThat(ReadyCondition.usual(file, true).check()).isEqualTo(new ReadyCondition.Vsock(file));
        assertThat(ReadyCondition.usual(Optional.empty(), true).check()).isEqualTo(new ReadyCondition.Healthcheck());
        assertThat(ReadyCondition.usual(Optional.empty(), false).check())
                .isEqualTo(new ReadyCondition.Vsock(Optional.empty()));
    }
}
