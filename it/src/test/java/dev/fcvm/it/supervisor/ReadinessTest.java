package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Waiting until a machine is ready, and its container's health (docs/readiness.md). */
@MachineTest
class ReadinessTest {

    private static final Image CHECKED = TestImages.plain()
            .configured(
                    "checked",
                    Map.of(
                            "Healthcheck",
                            Map.of(
                                    "Test",
                                    List.of("CMD-SHELL", "test -e /tmp/ok && echo fine"),
                                    "Interval",
                                    1_000_000_000L,
                                    "Retries",
                                    1),
                            "Labels",
                            Map.of("dev.fcvm.ready", "/run/ready")));

    /** One machine for all: each sign met at once, late and never, and last of a container that has ended. */
    @Test
    void shouldWaitForEachSignAndSayWhatWasSeenLast(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "run",
                            "-d",
                            "--name=web",
                            "--network=default",
                            "--wait-ready=mode=http,port=8080,path=/passwd",
                            "oci-archive:" + archives.ociArchive(CHECKED),
                            "sh",
                            "-c",
                            "echo begun; /bin/busybox httpd -f -p 8080 -h /etc & wait; sleep 1000")
                    .expect(0);
            ready(user, "mode=tcp,port=8080").expect(0);
            ready(user, "mode=log,pattern=^begun$").expect(0);
            ready(user, "mode=exec,command=test -e /etc/passwd").expect(0);
            never(user, "mode=tcp,port=9", "port 9 refused the connection");
            never(user, "mode=http,port=8080,path=/nothing", "GET /nothing on port 8080 answered 404");
            never(user, "mode=log,pattern=ended", "the last line it wrote is \"begun\"");
            never(user, "mode=exec,command=echo not yet; exit 3", "the command ended with 3: not yet");
            never(user, "mode=vsock", "/run/ready is not there yet");
            never(user, "mode=healthcheck", "its health is unhealthy, and the last check ended with 1");

            late(user, "mode=vsock", "touch /run/ready");
            late(user, "mode=log,pattern=^again$", "echo again >/proc/1/fd/1");
            late(user, "mode=healthcheck", "touch /tmp/ok");
            user.run("wait", "--ready", "web").expect(0);
            health(user);

            try (Child waiting =
                    user.call("wait", "--ready=mode=tcp,port=9", "web").start()) {
                user.run("exec", "web", "true").expect(0);
                user.run("kill", "web").expect(0);
                assertThat(waiting.outcome().expect(125).err())
                        .contains("machine web ended with 137 before it was ready (mode=tcp)");
            }
            user.run("rm", "web").expect(0);
        }
    }

    private static Outcome ready(Supervised user, String condition) {
        return user.run("wait", "--ready=" + condition, "web");
    }

    private static void never(Supervised user, String condition, String seen) {
        // A look is a command of Podman's for some, which takes seconds where a machine is emulated on a busy host.
        int seconds = Lane.current().isFirecracker() ? 4 : 15;
        assertThat(ready(user, condition + ",timeout=" + seconds + "s")
                        .expect(125)
                        .err())
                .startsWith("Error: machine web is not ready after " + seconds + " s (")
                .contains(seen);
    }

    private static void late(Supervised user, String condition, String what) {
        try (Child waiting = user.call("wait", "--ready=" + condition, "web").start()) {
            user.run("exec", "web", "sh", "-c", what).expect(0);
            waiting.outcome().expect(0);
        }
    }

    private static void health(Supervised user) {
        user.run("wait", "--condition=healthy", "web").expect(0);
        assertThat(user.run("ps").expect(0).out()).contains("(healthy)");
        assertThat(user.run("inspect", "-f", "{{json .State.Health}}", "web")
                        .expect(0)
                        .out())
                .startsWith("{\"Status\":\"healthy\",\"FailingStreak\":0,\"Log\":[{")
                .contains("\"ExitCode\":0,\"Output\":\"fine\"");
        user.run("healthcheck", "run", "web").expect(0);
        user.run("exec", "web", "rm", "/tmp/ok").expect(0);
        assertThat(user.run("healthcheck", "run", "web").expect(1).out()).isEqualTo("unhealthy\n");
        assertThat(user.run("ps").expect(0).out()).contains("(unhealthy)");
        assertThat(user.run("events", "--since=1h", "--stream=false", "--filter=event=health_status")
                        .expect(0)
                        .out())
                .contains("health_status=healthy")
                .contains("health_status=unhealthy");
    }

    @Test
    void shouldTakeAMachineBackThatIsNotReady(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
            assertThat(user.run(
                                    "run",
                                    "-d",
                                    "--rm",
                                    "--name=slow",
                                    "--stop-timeout=0",
                                    "--wait-ready=mode=log,pattern=never,timeout=2s",
                                    image,
                                    "sleep",
                                    "1000")
                            .expect(125)
                            .err())
                    .contains("machine slow is not ready after 2 s (mode=log): it has written no line; it was removed");
            assertThat(user.run("ps", "-aq").expect(0).out()).isEmpty();
            assertThat(user.run(
                                    "run",
                                    "--rm",
                                    "--name=dead",
                                    "--wait-ready=mode=exec,command=false",
                                    image,
                                    "sh",
                                    "-c",
                                    "exit 4")
                            .expect(4)
                            .err())
                    .contains("machine dead ended with 4 before it was ready (mode=exec)");
        }
    }
}
