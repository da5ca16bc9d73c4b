package dev.fcvm.it.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.TestImages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a container is handed and nobody else is to see. */
@MachineTest
class SecretsTest {

    private static final String TOKEN = "never-on-any-disk-71c6";

    @Test
    void shouldHandAContainerItsSecretsAndLeaveThemNowhere(Fcvm fcvm, Archives archives) throws Exception {
        Path file = Files.writeString(fcvm.place().directory("own").resolve("file"), "from a file");
        fcvm.call("secret", "create", "token", "-")
                .stdin(TOKEN.getBytes(StandardCharsets.UTF_8))
                .run()
                .expect(0);
        fcvm.call("secret", "create", "--env", "word", "WORD")
                .env("WORD", "a word")
                .run()
                .expect(0);

        assertThat(fcvm.run(
                                "run",
                                "--quiet",
                                "--name",
                                "holder",
                                "--secret",
                                "token",
                                "--secret",
                                "token,target=/etc/deep/er,uid=1000,gid=7,mode=0400",
                                "--secret",
                                "word,type=env,target=WORD",
                                "--secret",
                                "id=own,src=" + file,
                                "oci-archive:" + archives.ociArchive(TestImages.plain()),
                                "sh",
                                "-c",
                                "cd /run/secrets; ls; stat -c '%a %u:%g' token /etc/deep/er; stat -f -c %T token;"
                                        + " cmp token /etc/deep/er && wc -c <token; md5sum <token; cat own; echo \" $WORD\";"
                                        + " echo x 2>/dev/null >token || echo fixed")
                        .expect(0)
                        .out())
                .isEqualTo("own\ntoken\n444 0:0\n400 1000:7\ntmpfs\n" + TOKEN.length() + "\n" + md5(TOKEN)
                        + "  -\nfrom a file a word\nfixed\n");

        for (Path place : new Path[] {fcvm.data().resolve("machines"), fcvm.runtime()}) {
            assertThat(Child.of("grep", "-rlaF", TOKEN, place.toString()).run().out())
                    .isEmpty();
        }
        assertThat(fcvm.run("inspect", "holder").expect(0).out())
                .doesNotContain(TOKEN)
                .doesNotContain("a word");
        assertThat(fcvm.run("secret", "inspect", "token").expect(0).out()).doesNotContain(TOKEN);
        fcvm.call("secret", "create", "--replace", "token", "-")
                .stdin("newer".getBytes(StandardCharsets.UTF_8))
                .run()
                .expect(0);
        assertThat(fcvm.run("start", "-a", "holder").expect(0).out()).contains("\n5\n" + md5("newer") + "  -\n");

        fcvm.run("secret", "rm", "token").expect(0);
        Complaint.alone(fcvm.run("start", "-a", "holder"), "no secret with name or id \"token\"");
        fcvm.run("rm", "holder").expect(0);
        fcvm.run("secret", "rm", "--all").expect(0);
        assertThat(fcvm.run("secret", "ls", "-q").expect(0).out()).isEmpty();
    }

    private static String md5(String text) {
        return Child.of("md5sum")
                .stdin(text.getBytes(StandardCharsets.UTF_8))
                .run()
                .expect(0)
                .out()
                .substring(0, 32);
    }
}
