package dev.fcvm.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever a guest says, in whatever place: nothing a terminal obeys, and nothing without end, reaches who asks. */
@MachineTest
class GuestWordsTest {

    /** The terminal's commands of both ranges, and what turns text round or hides it. */
    private static final String HOSTILE =
            "x\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.\u2066\u200b\u061c\u2028\u0085\rz";

    /** What a name, an answer or a word may be long: what a guest says is longer. */
    private static final int LONGEST = 20_000;

    private static final String LONG = "head -c 60000 /dev/zero | tr '\\0' y";

    private static final Image CHECKED = TestImages.plain()
            .configured(
                    "hostile-guest",
                    Map.of(
                            "Env",
                            List.of("PATH=/bin", "WORDS=" + HOSTILE),
                            "Healthcheck",
                            Map.of(
                                    "Test",
                                    List.of("CMD-SHELL", "printf %s \"$WORDS\"; " + LONG + "; exit 1"),
                                    "Interval",
                                    1_000_000_000L,
                                    "Retries",
                                    1)));

    @Test
    void shouldMakeHarmlessWhatAGuestSays(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            String image = "oci-archive:" + archives.ociArchive(CHECKED);
            user.run(
                            "run",
                            "-d",
                            "--name=m",
                            "--network=default",
                            image,
                            "sh",
                            "-c",
                            "while :; do { printf 'HTTP/1.0 %s\\r\\n\\r\\n' \"$WORDS\"; " + LONG
                                    + "; } | nc -l -p 8080 >/dev/null; done &" + " " + LONG
                                    + "; printf '%s\\n' \"$WORDS\"; while :; do sleep 1; done")
                    .expect(0);
            try {
                assertHarmless(fcvm, user);
            } finally {
                user.run("rm", "-f", "m").expect(0);
            }
        }
    }

    private static void assertHarmless(Fcvm fcvm, Supervised user) {
        var shown = new StringBuilder();
        for (List<String> command : List.of(
                List.of("wait", "--ready=mode=log,pattern=never,timeout=2s", "m"),
                List.of("wait", "--ready=mode=http,port=8080,timeout=3s", "m"),
                List.of("wait", "--ready=mode=exec,command=printf %s \"$WORDS\"; " + LONG + "; exit 3,timeout=3s", "m"),
                List.of("wait", "--ready=mode=healthcheck,timeout=2s", "m"),
                List.of("healthcheck", "run", "m"),
                List.of("inspect", "m"),
                List.of("inspect", "-f", "{{json .State.Health}}", "m"),
                List.of("ps", "-a", "--no-trunc"),
                List.of("ps", "-a", "--json"),
                List.of("events", "--since=1h", "--stream=false"),
                List.of("events", "--since=1h", "--stream=false", "--format=json"))) {
            Outcome outcome = user.run(command.toArray(String[]::new));
            harmless(outcome, command);
            shown.append(outcome.out()).append(outcome.err());
        }
        assertThat(shown.toString().split("owned", -1))
                .as("it was there to be made harmless: " + shown)
                .hasSizeGreaterThan(4);
        assertThat(user.run("logs", "--tail=1", "m").expect(0).out())
                .as("what a container writes is its user's, byte for byte")
                .endsWith("y" + HOSTILE + "\n");
        for (String command :
                List.of("inspect m", "logs m", "exec m echo lost", "ps", "port m", "events --stream=false")) {
            Outcome full = user.supervised(fcvm.through(">/dev/full", command.split(" ")))
                    .run();
            assertThat(full.exitCode()).as(command + ": " + full).isIn(125, command.equals("port m") ? 0 : 125);
            assertThat(full.err()).as(command).contains(full.exitCode() == 0 ? "" : "No space left on device");
        }
    }

    private static void harmless(Outcome outcome, List<String> command) {
        String shown = outcome.out() + outcome.err();
        assertThat(shown.codePoints()
                        .filter(character -> character != '\n' && character != '\t')
                        .filter(character -> switch (Character.getType(character)) {
                            case Character.CONTROL,
                                    Character.FORMAT,
                                    Character.LINE_SEPARATOR,
                                    Character.PARAGRAPH_SEPARATOR -> true;
                            default -> false;
                        })
                        .mapToObj(Integer::toHexString))
                .as(command + ": " + outcome)
                .isEmpty();
        assertThat(shown.lines()).as(command.toString()).allMatch(line -> line.length() < LONGEST);
    }
}
