package dev.fcvm.it;

import static dev.fcvm.it.ParityCases.command;
import static dev.fcvm.it.ParityCases.shell;

import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.Layer;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.Map;

/** The parity table's rows about images and flags that few have, and that are right all the same. */
final class ParityOddities {

    private ParityOddities() {}

    static List<ParityCase> all() {
        return List.of(
                command("an image with an odd configuration", List.of())
                        .on(oddlyConfigured())
                        .differs(ParityCases.TERMINAL, ParityCases::withoutTerminal),
                shell("an image without a configuration", "env | sort | grep -v HOSTNAME; id; pwd")
                        .on(TestImages.plain().configured("unconfigured", Map.of()))
                        .differs(ParityCases.TERMINAL, ParityCases::withoutTerminal),
                shell("odd names and modes in layers, of which two are the same", ParityCases.LISTING)
                        .on(oddlyLayered())
                        .normal(ParityCases::withoutDirectorySizes),
                shell("-e of nothing, --cpus below zero", "echo ${A-unset}", "-e", "", "--cpus", "-1"),
                shell(
                        "--ulimit in its forms",
                        "ulimit -n; ulimit -H -n; ulimit -c; ulimit -t; ulimit -s",
                        "--ulimit=nofile=64:128",
                        "--ulimit=core=0",
                        "--ulimit=cpu=10",
                        "--ulimit=stack=1048576:2097152"),
                shell(
                        "--tmpfs with an owner, and only to read",
                        "stat -c '%u %g %a' /owned; touch /fixed/x 2>/dev/null || echo fixed",
                        "--tmpfs",
                        "/owned:uid=1000,gid=50,mode=2770",
                        "--tmpfs",
                        "/fixed:ro"),
                shell("-u with a group alone", "id", "-u", ":50"));
    }

    private static Image oddlyConfigured() {
        return TestImages.plain()
                .configured(
                        "oddly-configured",
                        Map.of(
                                "Env",
                                List.of("PATH=/bin", "FOO", "BAR=", "A=1", "A=2", "SPACED= x y ", "\u00dc=\u00e4"),
                                "User",
                                "1000:50",
                                "WorkingDir",
                                "/made/for/me",
                                "Volumes",
                                Map.of("/home/app", Map.of(), "/fresh/volume", Map.of()),
                                "StopSignal",
                                "RTMIN+3",
                                "ExposedPorts",
                                Map.of("100-102/tcp", Map.of(), "9", Map.of()),
                                "Labels",
                                Map.of("", "nothing", "a b", "\"\\\n"),
                                "Cmd",
                                List.of(
                                        "sh",
                                        "-c",
                                        "env | sort | grep -v HOSTNAME; id; pwd;"
                                                + " stat -c '%u %g %a' . /home/app /fresh/volume; touch x /home/app/y && echo mine")));
    }

    private static Image oddlyLayered() {
        Layer same = new Layer().directory("t", 0755).file("t/again", 0644, "again\n");
        Layer odd = new Layer()
                .directory("t", 0755)
                .file("t/new\nline", 0644, "1\n")
                .file("t/back\\slash", 0644, "2\n")
                .file("t/-dash", 0644, "3\n")
                .file("t/everything", 07777, "4\n")
                .file("t/nothing", 0, "5\n")
                .directory("t/closed", 0)
                .symlink("t/link", "again")
                .hardLink("t/link-too", "t/link")
                .directory("t/" + "deep/".repeat(60) + "deep", 0700);
        return TestImages.plain()
                .with("oddly-layered", same)
                .with("oddly-layered", odd)
                .with("oddly-layered", new Layer().delete("t/again"))
                .with("oddly-layered", same);
    }
}
