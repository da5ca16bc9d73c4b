package dev.fcvm.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.channel.Devices;
import dev.fcvm.guest.channel.SerialPort;
import dev.fcvm.guest.channel.VsockListener;
import dev.fcvm.guest.container.HealthChecks;
import dev.fcvm.guest.container.OutOfMemory;
import dev.fcvm.guest.container.PodmanCommand;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Power;
import dev.fcvm.guest.system.Uptime;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's console, uptime, plan, command line, devices and power, each by itself. */
@Timeout(60)
class SmallPartsTest {

    @TempDir
    private Path directory;

    @Test
    void shouldLogOneBoundedLineAnEventWithoutControlCharacters() throws Exception {
        var guest = new TestGuest(directory);
        guest.console.log("a\nb\u001b[31m\u009b1m\u007f grün");
        guest.console.log("x".repeat(10_000));
        assertThat(guest.log().lines()).hasSize(2).first().isEqualTo("fc-agent: a b [31m 1m  grün");
        assertThat(guest.log().lines().toList().getLast()).hasSize("fc-agent: ".length() + 240);
    }

    @Test
    void shouldGoOnWithoutAConsole() {
        new Console(new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("gone");
                    }
                })
                .log("unheard");
        assertThat(Console.reason(new IOException())).isEqualTo("IOException");
    }

    @ParameterizedTest
    @CsvSource({"12.34 56.78,12340", "0.05 0.01,50", "100000.00 1.00,100000000", "'',0"})
    void shouldReadTheUptime(String text, long millis) throws Exception {
        Path file = directory.resolve("uptime");
        Files.writeString(file, text);
        assertThat(Uptime.millis(file)).isEqualTo(millis);
    }

    @Test
    void shouldTakeAnUptimeTheKernelDoesNotTellForNone() {
        assertThat(Uptime.millis(directory.resolve("nowhere"))).isZero();
    }

    @Test
    void shouldFindThePlanOfTheFirmware() throws Exception {
        var guest = new TestGuest(directory).withPlan("a", "b");
        assertThat(PlanSource.ofFirmware(guest.files.plan())).isEqualTo(TestGuest.plan(List.of("a", "b")));
        assertThat(PlanSource.ofFirmware(directory.resolve("nowhere"))).isNull();
    }

    @Test
    void shouldSayWhatIsWrongWithAPlan() throws Exception {
        var large = directory.resolve("large");
        Files.write(large, new byte[10 * PlanJson.MAX_BYTES]);
        assertThatThrownBy(() -> PlanSource.ofFirmware(large))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("too large: " + (PlanJson.MAX_BYTES + 1));
        assertThatThrownBy(() -> PlanSource.ofFirmware(directory))
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("cannot read the plan from " + directory);
        assertThatThrownBy(() -> PlanSource.ofMessage("")).hasMessageStartingWith("this machine has no plan");
        assertThatThrownBy(() -> PlanSource.ofMessage("{}")).hasMessageContaining("version: is missing");
    }

    @Test
    void shouldPutTheAgentsOwnOptionsAfterThePlansAndBeforeTheImage() throws Exception {
        var container = new ContainerPlan("image", List.of("--pull=always", "--rm"), List.of("sh", "-c", "--it"), true);
        assertThat(PodmanCommand.run(
                        "/usr/bin/podman",
                        container.options(),
                        container,
                        false,
                        List.of("A=1", "B="),
                        false,
                        Path.of("/run/pid"),
                        Path.of("/run/conmon")))
                .containsExactly(
                        "/usr/bin/podman",
                        "run",
                        "--pull=always",
                        "--rm",
                        "--env",
                        "A=1",
                        "--env",
                        "B=",
                        "--pull=never",
                        "--network=none",
                        "--log-driver=passthrough",
                        "--no-healthcheck",
                        "--sdnotify=ignore",
                        "--pidfile=/run/pid",
                        "--conmon-pidfile=/run/conmon",
                        "--interactive",
                        "image",
                        "sh",
                        "-c",
                        "--it");
    }

    @Test
    void shouldKeepTheInputClosedWhereNobodyIsInteractive() throws Exception {
        var container = new ContainerPlan("image", List.of(), List.of(), false);
        assertThat(PodmanCommand.run(
                        "podman", container.options(), container, false, List.of(), false, Path.of("p"), Path.of("c")))
                .doesNotContain("--interactive");
    }

    @Test
    void shouldGiveTheContainerTheMachinesNetworkWhereThereIsOne() throws Exception {
        var container = new ContainerPlan("image", List.of(), List.of(), false);
        assertThat(PodmanCommand.run(
                        "podman", container.options(), container, true, List.of(), false, Path.of("p"), Path.of("c")))
                .contains("--network=host")
                .doesNotContain("--network=none");
    }

    /** Of a command that is none Podman knows what it means; it refuses the other flag beside it. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "none", "NONE"})
    void shouldLeaveHealthChecksToPodmanWhereTheUserNamesACommand(String command) throws Exception {
        var container = new ContainerPlan("image", List.of("--health-cmd=" + command), List.of(), false);
        assertThat(PodmanCommand.run(
                        "podman", container.options(), container, true, List.of(), false, Path.of("p"), Path.of("c")))
                .contains("--health-cmd=" + command)
                .doesNotContain("--no-healthcheck");
    }

    @ParameterizedTest
    @CsvSource({
        "--health-cmd=true, true",
        "--health-cmd=none, false",
        "--health-cmd=NONE, false",
        "--health-cmd=, false",
        "--health-interval=1s, false",
        "--health-cmd=true --no-healthcheck, false",
        "--no-healthcheck=true --health-cmd=true, false",
        "--no-healthcheck=false --health-cmd=true, true",
    })
    void shouldCheckTheHealthOfAContainerThatHasACheck(String options, boolean checked) {
        assertThat(HealthChecks.areAskedFor(List.of(options.split(" ")))).isEqualTo(checked);
    }

    @ParameterizedTest
    @CsvSource({
        "--health-cmd=x, 30000",
        "--health-interval=2s, 2000",
        "--health-interval=1m30.5s, 90500",
        "--health-interval=1ms, 500",
        "--health-interval=disable, 0",
        "--health-startup-interval=3s, 3000",
        "--health-interval=2h, 7200000",
    })
    void shouldCheckTheHealthAtPodmansIntervals(String option, long millis) {
        assertThat(HealthChecks.interval(List.of(option))).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NAME", "", "=secret", "*", "NA\0ME=secret"})
    void shouldRefuseAVariableWithoutItsValueAndNotTellTheValue(String variable) {
        var container = new ContainerPlan("image", List.of(), List.of(), false);
        assertThatThrownBy(() -> PodmanCommand.run(
                        "podman",
                        container.options(),
                        container,
                        false,
                        List.of(variable),
                        false,
                        Path.of("p"),
                        Path.of("c")))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("is not of the form NAME=VALUE")
                .hasMessageNotContaining("secret");
    }

    @Test
    void shouldFindTheSerialPortByItsName() throws Exception {
        var files = new TestGuest(directory).files;
        port(files, "vport0p0", "org.qemu.guest_agent.0\n");
        assertThat(Devices.serialPort(files)).isNull();
        Files.createDirectories(files.virtioPorts().resolve("vport0p2"));
        port(files, "vport0p1", "dev.fcvm.link\n");
        assertThat(Devices.serialPort(files)).isEqualTo(files.devices().resolve("vport0p1"));
        assertThat(Devices.find(files)).isInstanceOf(SerialPort.class);
    }

    private static void port(GuestFiles files, String port, String name) throws IOException {
        Files.writeString(
                Files.createDirectories(files.virtioPorts().resolve(port)).resolve("name"), name);
    }

    @Test
    void shouldFindTheVsockWhereThereIsNoPort() throws Exception {
        var files = new TestGuest(directory).files;
        Files.writeString(
                Files.createDirectories(files.virtioDevices().resolve("virtio3"))
                        .resolve("device"),
                "0x0013\n");
        assertThat(Devices.find(files)).isInstanceOf(VsockListener.class);
    }

    @Test
    void shouldSayThatThereIsNoWayToAHost() throws Exception {
        var files = new TestGuest(directory).files;
        assertThatThrownBy(() -> Devices.find(files, 20_000_000))
                .isInstanceOf(AgentException.class)
                .hasMessage("this machine has neither a serial port 'dev.fcvm.link' nor a vsock device");
    }

    @Test
    void shouldResetTheMachineThoughItsDisksCannotBeWrittenBack() throws Exception {
        var guest = new TestGuest(directory);
        Files.delete(Path.of(guest.files.busybox()));
        new Power(guest.files, guest.console).off(true);
        assertThat(guest.files.sysrq()).hasContent("b");
        assertThat(guest.log()).contains("the disks could not be written back").contains("cannot reboot");
    }

    @Test
    void shouldNotWaitForTheDisksOfAMachineThatIsNotKept() throws Exception {
        var guest = new TestGuest(directory).busybox("echo \"$@\" >> " + directory.resolve("said"));
        new Power(guest.files, guest.console).off(false);
        assertThat(directory.resolve("said")).hasContent("reboot -n -f");
    }

    @Test
    void shouldRebootWhereThereIsNoSysrq() throws Exception {
        var guest = new TestGuest(directory).busybox("echo \"$@\" >> " + directory.resolve("said"));
        Files.delete(guest.files.sysrq());
        new Power(guest.files, guest.console).off(false);
        assertThat(directory.resolve("said")).hasContent("reboot -n -f");
        assertThat(guest.log()).contains("cannot reset the machine by sysrq");
    }

    @Test
    void shouldKnowOfAProcessThatWasKilledForWantOfMemory() throws Exception {
        Path group = Files.createDirectories(directory.resolve("groups/libpod_parent"));
        Path events = group.resolve("memory.events");
        assertThat(OutOfMemory.hasStruck(directory.resolve("groups"))).isFalse();
        Files.writeString(events, "oom 3\noom_kill 0\n");
        assertThat(OutOfMemory.hasStruck(directory.resolve("groups"))).isFalse();
        Files.writeString(events, "oom 3\noom_kill 1\n");
        assertThat(OutOfMemory.hasStruck(directory.resolve("groups"))).isTrue();
        Files.writeString(events, "oom 9\noom_kill 12\n");
        assertThat(OutOfMemory.kills(directory.resolve("groups"))).isEqualTo(12);
    }
}
