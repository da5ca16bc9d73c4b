package dev.fcvm.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.LinkStream;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/** The files a guest has, in a directory of the test; a shell script stands in for Podman. */
public final class TestGuest {

    static final Duration DEADLINE = Duration.ofSeconds(20);

    public final GuestFiles files;
    public final Console console;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    public TestGuest(Path directory) throws IOException {
        this(directory, directory.resolve("proc"));
    }

    public TestGuest(Path directory, Path processes) throws IOException {
        files = new GuestFiles(
                directory.resolve("ports"),
                directory.resolve("virtio"),
                directory.resolve("dev"),
                directory.resolve("plan"),
                directory.resolve("cmdline"),
                directory.resolve("net"),
                directory.resolve("hostname"),
                directory.resolve("hosts"),
                directory.resolve("uptime"),
                processes,
                directory.resolve("sysrq"),
                directory.resolve("state"),
                directory.resolve("outputs"),
                directory.resolve("exits"),
                directory.resolve("podman").toString(),
                directory.resolve("busybox").toString());
        Files.writeString(files.uptime(), "12.34 56.78\n");
        Files.writeString(files.sysrq(), "");
        Files.writeString(files.commandLine(), "quiet\n");
        Files.createDirectories(files.processes());
        console = new Console(log);
        busybox("exit 0");
    }

    public static Plan plan(List<String> command) {
        return new Plan(
                Plan.VERSION,
                "0123456789abcdef0123456789abcdef",
                "otter",
                "otter-host",
                true,
                new ContainerPlan("image", List.of("--rm"), command, true));
    }

    /** Has the plan in the firmware tables. */
    TestGuest withPlan(String... command) throws Exception {
        Files.writeString(files.plan(), PlanJson.write(plan(List.of(command))));
        return this;
    }

    /** Makes the stand-in for Podman this script; its container runs before that does. */
    public TestGuest podman(String script) throws IOException {
        Path process = Files.createDirectories(files.processes().resolve("77"));
        Files.createSymbolicLink(process.resolve("exe"), Path.of("/app"));
        return podmanAlone("echo 77 >" + files.containerPid() + "\n" + script);
    }

    /** Makes the stand-in for Podman this script, which has no container unless it says so itself. */
    TestGuest podmanAlone(String script) throws IOException {
        program(files.podman(), script);
        return this;
    }

    public TestGuest busybox(String script) throws IOException {
        program(files.busybox(), script);
        return this;
    }

    private static void program(String name, String script) throws IOException {
        Path file = Path.of(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    public void awaitLog(String text) {
        await(() -> log().contains(text));
    }

    /** Waits until this holds. */
    public static void await(Callable<Boolean> condition) {
        assertThat(DEADLINE).satisfies(deadline -> {
            long end = System.nanoTime() + deadline.toNanos();
            while (!condition.call()) {
                assertThat(System.nanoTime()).as("the deadline").isLessThan(end);
                Thread.onSpinWait();
            }
        });
    }

    public static String text(LinkStream stream) throws IOException {
        return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
    }
}
