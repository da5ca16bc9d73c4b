package dev.fcvm.cli.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.LivePorts;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands for ports of machines that run, on a made-up machine: what Podman prints is what Podman 4.3.1 printed. */
final class PortCommandsTest {

    private final FakePorts web = new FakePorts();

    PortCommandsTest() throws FcvmException {
        web.published.addAll(PublishedPorts.parse(
                List.of("127.0.0.1:18080:80", "[::1]:18081:80/udp", "0.0.0.0:18000-18002:90-92", "127.0.0.2:1234:90")));
    }

    @Test
    void shouldListAllAsPodmanDoes() {
        assertThat(run(PortCommand::new, "web")).isEqualTo(new Outcome(0, """
                        80/tcp -> 127.0.0.1:18080
                        80/udp -> [::1]:18081
                        90/tcp -> 0.0.0.0:18000
                        91/tcp -> 0.0.0.0:18001
                        92/tcp -> 0.0.0.0:18002
                        90/tcp -> 127.0.0.2:1234
                        """, ""));
    }

    @Test
    void shouldPrintNothingWhereNothingIsPublished() {
        web.published.clear();
        assertThat(run(PortCommand::new, "web")).isEqualTo(new Outcome(0, "", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "80, 127.0.0.1:18080",
        "80/tcp, 127.0.0.1:18080",
        "80/udp, [::1]:18081",
        "91/tcp, 0.0.0.0:18001",
        "90, 0.0.0.0:18000 127.0.0.2:1234"
    })
    void shouldShowOfOnePortTheHostsSideOnly(String guest, String shown) {
        assertThat(run(PortCommand::new, "web", guest)).isEqualTo(new Outcome(0, shown.replace(' ', '\n') + "\n", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "80/sctp", "80/TCP", "90/", "x", "", "18080"})
    void shouldFailAsPodmanDoesForAPortThatIsNot(String guest) {
        assertThat(run(PortCommand::new, "web", guest))
                .isEqualTo(new Outcome(125, "", "failed to find published port \"" + guest + "\""));
    }

    @Test
    void shouldPublishAndSayWhere() throws Exception {
        assertThat(run(PublishCommand::new, "-p", "127.0.0.1::81", "web", "--publish=127.0.0.1:9000-9001:90-91/udp"))
                .isEqualTo(new Outcome(
                        0, "81/tcp -> 127.0.0.1:40000\n90/udp -> 127.0.0.1:9000\n91/udp -> 127.0.0.1:9001\n", ""));
        assertThat(web.published).hasSize(9);
    }

    @Test
    void shouldPublishNothingThatIsWrong() {
        assertThat(run(PublishCommand::new, "web", "-p", "8080:80", "-p", "x").code())
                .isEqualTo(125);
        assertThat(web.published).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "80, 80/tcp -> 127.0.0.1:18080",
        "18080:80, 80/tcp -> 127.0.0.1:18080",
        "127.0.0.1::80, 80/tcp -> 127.0.0.1:18080",
        "[::1]:18081:80/udp, 80/udp -> [::1]:18081",
        "91-92, 91/tcp -> 0.0.0.0:18001;92/tcp -> 0.0.0.0:18002",
        "90, 90/tcp -> 0.0.0.0:18000;90/tcp -> 127.0.0.2:1234",
        "127.0.0.2::90, 90/tcp -> 127.0.0.2:1234"
    })
    void shouldTakeBackWhatIsMeantAndNothingElse(String value, String shown) {
        List<PublishedPort> before = List.copyOf(web.published);
        Outcome outcome = run(UnpublishCommand::new, "web", "-p", value);
        assertThat(outcome).isEqualTo(new Outcome(0, shown.replace(";", "\n") + "\n", ""));
        assertThat(before.stream()
                        .filter(port -> !web.published.contains(port))
                        .map(PublishedPort::toString)
                        .toList())
                .containsExactly(shown.split(";"));
    }

    @Test
    void shouldTakeBackNothingWhenOneIsNotThere() {
        assertThat(run(UnpublishCommand::new, "web", "-p", "80", "-p", "127.0.0.9:1:80"))
                .isEqualTo(new Outcome(125, "", "the machine does not publish 127.0.0.9:1:80/tcp; see: fcvm port"));
        assertThat(web.published).hasSize(6);
    }

    @Test
    void shouldTakeBackAllOnlyWhenToldSo() {
        assertThat(run(UnpublishCommand::new, "web").code()).isEqualTo(125);
        assertThat(run(UnpublishCommand::new, "web", "--all", "-p", "80").code())
                .isEqualTo(125);
        assertThat(web.published).hasSize(6);
        assertThat(run(UnpublishCommand::new, "web", "--all").out()).hasLineCount(6);
        assertThat(web.published).isEmpty();
        assertThat(run(UnpublishCommand::new, "web", "--all")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void shouldPassOnThatThereIsNoSuchMachine() {
        assertThat(run(PortCommand::new, "db")).isEqualTo(new Outcome(125, "", "no machine db"));
        assertThat(run(PublishCommand::new, "db", "-p", "80")).isEqualTo(new Outcome(125, "", "no machine db"));
        assertThat(run(UnpublishCommand::new, "db", "-p", "80")).isEqualTo(new Outcome(125, "", "no machine db"));
    }

    private record Outcome(int code, String out, String error) {}

    private Outcome run(BiFunction<CommandContext, LivePorts, Callable<Integer>> command, String... arguments) {
        var output = new ByteArrayOutputStream();
        var context = CommandContext.of(
                Map.of(),
                new CommandContext.Streams(
                        () -> {
                            throw new IllegalStateException("nothing is read");
                        },
                        output,
                        new ByteArrayOutputStream(),
                        false,
                        false));
        Callable<Integer> made = command.apply(context, web);
        new CommandLine(made).parseArgs(arguments);
        int code;
        String error = "";
        try {
            code = made.call();
        } catch (FcvmException e) {
            code = e.kind().exitCode();
            error = String.valueOf(e.getMessage());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return new Outcome(code, output.toString(StandardCharsets.UTF_8), error);
    }

    /** The machine web, whose free ports begin at 40000. */
    private static final class FakePorts implements LivePorts {

        final List<PublishedPort> published = new ArrayList<>();

        @Override
        public List<PublishedPort> list(String machine) throws FcvmException {
            check(machine);
            return List.copyOf(published);
        }

        @Override
        public List<PublishedPort> publish(String machine, List<PublishedPort> ports) throws FcvmException {
            check(machine);
            List<PublishedPort> settled = ports.stream()
                    .map(port -> port.on(port.address().orElseThrow(), port.hostPort() == 0 ? 40_000 : port.hostPort()))
                    .toList();
            published.addAll(settled);
            return settled;
        }

        @Override
        public void unpublish(String machine, List<PublishedPort> ports) throws FcvmException {
            check(machine);
            published.removeAll(ports);
        }

        private static void check(String machine) throws FcvmException {
            if (!machine.equals("web")) {
                throw new FcvmException(FcvmException.Kind.NOT_FOUND, "no machine " + machine);
            }
        }
    }
}
