package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodmanOptionsTest {

    private static final Resources UNLIMITED = new Resources(1, 512, Optional.empty(), OptionalLong.empty());
    private static final MachineName NAME = new MachineName("web");

    @Test
    void shouldNameTheContainerAndItsHostAndNothingElseWhenNothingIsAskedFor() throws Exception {
        assertThat(PodmanOptions.of(flags(List.of()), UNLIMITED, NAME, "h", List.of()))
                .containsExactly("--name=web", "--hostname=h");
    }

    @Test
    void shouldPassEveryFlagOnJoinedToItsValue() throws Exception {
        var flags = new ContainerFlags(
                Optional.of("/srv"),
                Optional.of("1000:1000"),
                Optional.of(""),
                List.of("a=b", "--rm"),
                true,
                List.of("/tmp:size=1m"),
                List.of("NET_ADMIN"),
                List.of("all"),
                true,
                List.of("--pids-limit=5", "--shm-size=1m"),
                List.of("--init"));
        var limited = new Resources(2, 768, Optional.of(new BigDecimal("1.50")), OptionalLong.of(1 << 29));

        assertThat(PodmanOptions.of(flags, limited, NAME, "box", List.of()))
                .containsExactly(
                        "--name=web",
                        "--hostname=box",
                        "--workdir=/srv",
                        "--user=1000:1000",
                        "--entrypoint=",
                        "--cpus=1.50",
                        "--memory=536870912b",
                        "--label=a=b",
                        "--label=--rm",
                        "--read-only",
                        "--tmpfs=/tmp:size=1m",
                        "--cap-add=NET_ADMIN",
                        "--cap-drop=all",
                        "--privileged",
                        "--pids-limit=5",
                        "--shm-size=1m",
                        "--init");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--pids-limit=100",
                "--ulimit=nofile=10:10",
                "--init",
                "--no-hosts",
                "--security-opt=seccomp=unconfined",
                "--unsetenv-all"
            })
    void shouldLetOtherFlagsOfPodmanThrough(String argument) throws Exception {
        assertThat(PodmanOptions.of(flags(List.of(argument)), UNLIMITED, NAME, "h", List.of()))
                .endsWith(argument);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--network=host      | its own flag",
                "--net=host          | its own flag",
                "--publish=80:80     | its own flag",
                "--detach            | its own flag",
                "--tty               | its own flag",
                "--log-driver=journald | fcvm logs keeps",
                "--volume=/a:/b      | its own flag",
                "--mount=type=bind,src=/,dst=/x | its own flag",
                "--ipc=container:x   | runs one container",
                "--pid=ns:/proc/1/ns/pid | one of the machine's",
                "--shm-size=lots     | a number with b, k, m or g",
                "--pids-limit=many   | a whole number",
                "--security-opt=seccomp=/etc/s.json | a file of the machine",
                "--userns=nomap      | no user of this host",
                "--gpus=all          | no device of this host",
                "--env=A=B           | its own flag",
                "--rm                | its own flag",
                "--name=x            | its own flag",
                "--pod=x             | runs one container",
                "-d                  | write one long flag",
                "alpine              | write one long flag",
                "--                  | write one long flag",
                "--ulimit            | join the value to it"
            })
    void shouldRefuseWhatWouldBreakTheMachineOrMeanSomethingElse(String argument, String reason) {
        assertThatThrownBy(() -> flags(List.of(argument)).check(Optional.empty()))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("--podman-arg " + argument + " is not passed on: ")
                .hasMessageContaining(reason);
    }

    private static ContainerFlags flags(List<String> arguments) {
        return new ContainerFlags(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                false,
                List.of(),
                List.of(),
                List.of(),
                false,
                List.of(),
                arguments);
    }
}
