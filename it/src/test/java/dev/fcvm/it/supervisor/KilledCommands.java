package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;

/** Commands in a container whose supervisor is killed: they go on, and how they end is told by the next. */
public final class KilledCommands {

    private static final String NAME = "victim";

    private KilledCommands() {}

    /** Looks whether it is so for this user, with a machine of the image. */
    public static void tell(Supervised user, String image) {
        user.run("run", "-d", "--name", NAME, image, "sleep", "1000").expect(0);
        user.run("exec", NAME, "mkfifo", "/detached", "/attached").expect(0);
        String session = user.run("exec", "-d", NAME, "sh", "-c", "read word </detached; exit 5")
                .expect(0)
                .out()
                .strip();
        // Nobody takes what it writes once the supervisor is gone; it is not to wait for that.
        String much = "echo begun; read word </attached; i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done;"
                + " exit 6";
        try (Child attached = user.call("exec", NAME, "sh", "-c", much).start()) {
            attached.awaitOut("begun\n");
            kill(user.process());
            assertThat(attached.outcome().expect(125).err())
                    .contains("the supervisor has ended before the command did; machines that ran go on, and so do"
                            + " commands in them")
                    .hasLineCount(1);
        }
        // One ends under the next supervisor, the other while there is none.
        user.run("exec", NAME, "sh", "-c", "echo go >/detached").expect(0);
        user.run("exec", "-d", NAME, "sh", "-c", "echo go >/attached").expect(0);
        kill(user.process());
        user.run("ps").expect(0);
        try (Child ends = user.call("events", "--since", "1h", "--filter", "event=exec_died", "--format", "json")
                .start()) {
            ends.awaitOut("\"exitCode\":\"6\"");
            assertThat(ends.outSoFar().lines().filter(line -> line.contains(session)))
                    .singleElement()
                    .asString()
                    .contains("\"exitCode\":\"5\"");
        }
        user.run("rm", "-f", NAME).expect(0);
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().join();
    }
}
