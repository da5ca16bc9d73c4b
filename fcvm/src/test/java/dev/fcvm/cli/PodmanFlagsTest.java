package dev.fcvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.cli.run.RunCommand;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.machine.live.RehearsalVmm;
import dev.fcvm.machine.podman.RunFlag;
import dev.fcvm.machine.podman.RunFlag.Disposition;
import dev.fcvm.machine.podman.RunFlags;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The flags of {@code podman run} on fcvm's command line. The machine is one of the rehearsal: none boots. */
class PodmanFlagsTest {

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @TempDir
    Path data;

    @BeforeEach
    void furnish() throws Exception {
        RehearsalVmm.furnish(data);
    }

    static Stream<RunFlag> refused() {
        return RunFlags.load().all().stream().filter(flag -> flag.disposition() == Disposition.REFUSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--init",
                "--init=false",
                "--shm-size 1m",
                "--shm-size=64k",
                "--ulimit nofile=10:10 --ulimit nproc=5",
                "--device /dev/fuse",
                "--security-opt no-new-privileges",
                "--pids-limit -1",
                "--group-add 5",
                "--sysctl net.core.somaxconn=999",
                "--userns=keep-id",
                "--userns auto:size=4096",
                "--uts=host",
                "--ipc host --pid host --cgroupns host",
                "--health-cmd true --health-interval 1m30s",
                "--stop-signal SIGRTMIN+3 --stop-timeout 5",
                "--tz local",
                "--umask 0077",
                "--unsetenv A --unsetenv-all",
                "--memory-swap -1 --memory-reservation 1g",
                "-c 512 --cpuset-cpus 0",
                "-ic 512",
                "-v /data --mount type=tmpfs,dst=/x",
                "--log-driver none --restart no --sig-proxy --os linux",
                "--tty=false --detach=false",
                "--hostname= --name= --cpus 0 --memory= --shm-size= --stop-signal= --pull= --platform=",
                "--dns= --dns-search= --add-host= --publish= --authfile= --arch= --pidfile= --preserve-fds 0 --rmi=0",
                "--privileged=1 --read-only=T --tty=F --detach=0 --rm=True --init=t --tls-verify=f",
                "--stop-timeout 18446744073709551615",
                "--stop-timeout 0x10 --stop-signal 9",
                "--health-cmd none",
                "--health-cmd true --health-on-failure kill",
                "-a stdout -a STDERR",
                "--expose 80 --no-hosts --hosts-file none"
            })
    void shouldTakeWhatPodmanTakes(String flags) {
        assertThat(run(flags.split(" ")))
                .as(errors.toString(StandardCharsets.UTF_8))
                .isZero();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void shouldRefuseWithTheReasonAndWhatToDoInstead(RunFlag flag) {
        assertThat(run(flag.isSwitch() ? flag.name() : flag.name() + "=1")).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .isEqualTo("Error: " + flag.name() + " is not carried out: " + flag.difference() + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--pids-limit=many | a whole number",
                "--shm-size=1x | such as 64m",
                "--health-interval=fast | such as 30s",
                "--oom-score-adj=1.5 | a whole number",
                "--cpu-shares=-1 | 0 or more",
                "--init=maybe | true or false",
                "--annotation=x | NAME=VALUE",
                "--sysctl=net.core | NAME=VALUE",
                "--stop-signal=SIG KILL | a signal",
                "--cgroups=some | one of: enabled, disabled, no-conmon, split",
                "--ipc=container:other | runs one container",
                "--userns=nomap | use auto",
                "--device=nvidia.com/gpu=all | this host's are not passed through",
                "--group-add=keep-groups | groups of this host",
                "--security-opt=seccomp=p.json | a file of the machine",
                "--hosts-file=/etc/hosts | use image, none, or --add-host",
                "--log-driver=journald | fcvm logs keeps",
                "--restart=always | not started again",
                "--health-on-failure=restart | use kill or stop",
                "--os=windows | one of: linux",
                "--pid=container:x | runs one container",
                "--attach=stdlog | must be one of stdin, stdout, or stderr",
            })
    void shouldRefuseAValueBeforeAnythingIsTouched(String flag, String reason) {
        assertThat(run(flag)).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .startsWith("Error: inv")
                .contains(reason);
        assertThat(data.resolve("machines")).doesNotExist();
    }

    @Test
    void shouldRefuseAHostnameInTheMachinesOwnNamespaceAsPodmanDoes() {
        assertThat(run("--uts=host", "--hostname=mine")).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("cannot set hostname when running in the host UTS namespace");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rm=yes", "--privileged=tRuE", "--detach=2"})
    void shouldRefuseWhatIsNoValueOfASwitch(String flag) {
        assertThat(run(flag)).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8)).contains("is not a boolean");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--health-cmd=none", "--no-healthcheck"})
    void shouldRefuseAnActionWithoutAHealthCheckAsPodmanDoes(String flag) {
        List<String> flags = flag.isEmpty() ? List.of() : List.of(flag);
        assertThat(run(Stream.concat(flags.stream(), Stream.of("--health-on-failure=kill"))
                        .toArray(String[]::new)))
                .isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("cannot set on-failure action to kill without a health check");
    }

    @Test
    void shouldSayThatInputForATerminalComesFromNone() {
        run("-it");
        assertThat(errors.toString(StandardCharsets.UTF_8)).contains("The input device is not a TTY");
        errors.reset();

        run("-it", "--quiet");
        run("-t");
        assertThat(errors.toString(StandardCharsets.UTF_8)).doesNotContain("TTY");
    }

    @Test
    void shouldLeaveTheWordsBehindTheImageAlone() {
        assertThat(call(List.of("run", "--rm", "--network=none", RehearsalVmm.IMAGE, "--gpus", "-t")))
                .isZero();
    }

    @Test
    void shouldStillSayThatAFlagIsUnknown() {
        assertThat(run("--no-such-flag")).isEqualTo(125);

        assertThat(errors.toString(StandardCharsets.UTF_8)).contains("unknown flag: --no-such-flag");
    }

    @Test
    void shouldExplainEveryFlagThatWorksInItsGroup() {
        assertThat(call(List.of("run", "--help"))).isZero();

        String help = output.toString(StandardCharsets.UTF_8);
        for (RunFlag flag : RunFlags.load().all()) {
            boolean works = flag.disposition() != Disposition.REFUSE;
            assertThat(help.matches("(?s).*[ ,]" + flag.name() + "[ =,\\[\n].*"))
                    .as(flag.name())
                    .isEqualTo(works);
        }
        assertThat(help).contains("\nLimits:\n", "\nNetwork:\n", "\nThe machine:\n");
    }

    @Test
    void shouldHaveNoFlagOfItsOwnThatTheTableDoesNotName() {
        var command = RunCommand.described(
                new RunCommand(context(), OpenMachines.own(_ -> RehearsalVmm.choice(), Clock.systemUTC(), line -> {})),
                List.of("--help"));

        RunFlags table = RunFlags.load();
        assertThat(command.getCommandSpec().options())
                .allSatisfy(option -> assertThat(table.find(option.longestName()))
                        .as(option.longestName())
                        .isPresent());
    }

    private int run(String... flags) {
        List<String> words = new ArrayList<>(List.of("run", "--rm", "--network=none"));
        words.addAll(List.of(flags));
        words.addAll(List.of(RehearsalVmm.IMAGE, "true"));
        return call(words);
    }

    private int call(List<String> words) {
        return new Program(context(), _ -> RehearsalVmm.choice()).run(words.toArray(String[]::new));
    }

    private CommandContext context() {
        return CommandContext.of(
                Map.of("FCVM_DATA_DIR", data.toString(), "HOME", data.toString(), "XDG_RUNTIME_DIR", data.toString()),
                new CommandContext.Streams(
                        () -> Channels.newChannel(InputStream.nullInputStream()), output, errors, false, false));
    }
}
