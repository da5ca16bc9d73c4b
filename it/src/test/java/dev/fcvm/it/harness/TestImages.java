package dev.fcvm.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The images the tests run, made of nothing but a static busybox. */
public final class TestImages {

    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final Image PLAIN = new Image(
            "plain", Map.of("Env", List.of(DEFAULT_PATH), "Cmd", List.of("/bin/sh")), List.of(unix(), oddities()));
    private static final Image LAYERED = stack();

    private TestImages() {}

    /** A small Unix with users and groups; its command is a shell. */
    public static Image plain() {
        return PLAIN;
    }

    /** Says what it means in every field of its configuration that a run can override. */
    public static Image opinionated() {
        return plain().configured(
                        "opinionated",
                        Map.of(
                                "Entrypoint",
                                List.of("/bin/arguments", "from the entrypoint"),
                                "Cmd",
                                List.of("from", "the command"),
                                "Env",
                                List.of(DEFAULT_PATH, "GREETING=hello world", "EMPTY=", "SHADOWED=by the image"),
                                "WorkingDir",
                                "/work",
                                "User",
                                "app",
                                "StopSignal",
                                "SIGUSR1",
                                "Labels",
                                Map.of("dev.fcvm.test", "yes")));
    }

    /** Four layers that delete, hide, replace and bring back what those below them have. */
    public static Image layered() {
        return LAYERED;
    }

    private static Image stack() {
        Layer below = new Layer()
                .directory("t", 0755)
                .file("t/kept", 0644, "kept\n")
                .file("t/deleted", 0644, "must be gone\n")
                .file("t/brought-back", 0644, "the first\n")
                .directory("t/opaque", 0755)
                .file("t/opaque/old", 0644, "must be gone\n")
                .directory("t/opaque/sub", 0755)
                .file("t/opaque/sub/old", 0644, "must be gone\n")
                .directory("t/removed", 0755)
                .file("t/removed/inner", 0644, "must be gone\n")
                .directory("t/directory-to-file", 0755)
                .file("t/directory-to-file/inner", 0644, "must be gone\n")
                .file("t/file-to-directory", 0644, "must be gone\n")
                .file("t/changed", 0600, "before\n")
                .file("t/linked", 0640, 1000, 1000, "two names\n".getBytes(StandardCharsets.UTF_8), Map.of())
                .hardLink("t/linked-too", "t/linked")
                .hardLink("t/link-to-delete", "t/linked")
                .symlink("t/dangling", "/nowhere/at all")
                .file("t/a name with spaces and ünïcödé", 0644, "name\n")
                .file("t/" + "long-name-".repeat(20), 0644, "long\n")
                .pipe("t/pipe", 0622)
                .file("t/setuid", 04755, 0, 0, busybox(), Map.of())
                .directory("t/sticky", 01777)
                .directory("t/group", 02775, 0, 50)
                .file("t/strange-owner", 0604, 12345, 23456, new byte[] {0, 1, 2, (byte) 0xff}, Map.of())
                .directory("t/capable", 0755)
                // A capability in its on-disk form, revision 2: CAP_CHOWN permitted, effective.
                .file("t/capable/cat", 0755, 0, 0, busybox(), Map.of("security.capability", chownCapability()));
        Layer middle = new Layer()
                .directory("t", 0755)
                .delete("t/deleted")
                .delete("t/brought-back")
                .delete("t/removed")
                .delete("t/link-to-delete")
                .directory("t/opaque", 0750, 1000, 1000)
                .opaque("t/opaque")
                .file("t/opaque/new", 0644, "new\n")
                .file("t/directory-to-file", 0644, "a file now\n")
                .directory("t/file-to-directory", 0711)
                .file("t/file-to-directory/inner", 0644, "a directory now\n")
                .file("t/changed", 0644, "after\n");
        Layer top = new Layer()
                .directory("t", 0755)
                .file("t/brought-back", 0600, "the second\n")
                .file("t/opaque/newest", 0644, "newest\n")
                .directory("t/removed", 0700)
                .file("t/removed/fresh", 0644, "fresh\n");
        return PLAIN.with("layered", below).with("layered", middle).with("layered", top);
    }

    /**
     * Has {@code /bin/serve}: HTTP on port 80 that says who asks, and on port 81 for many at once; UDP on port 7 and TCP
     * on port 8 that answer with what they are sent. It exposes ports 80 and 81. It says "ready" and ends with 40 on TERM.
     */
    public static Image serving() {
        Layer layer = new Layer().directory("www", 0755).directory("www/cgi-bin", 0755);
        for (String file : Child.of(
                        "sh", "-c", "s=$(command -v socat) && echo \"$s\" && ldd \"$s\" | grep -o '/[^ ]*' | sort -u")
                .run()
                .expect(0)
                .out()
                .lines()
                .toList()) {
            layer.file(file.substring(1), 0755, 0, 0, bytes(Path.of(file)), Map.of());
        }
        var config = new LinkedHashMap<>(PLAIN.config());
        config.put("ExposedPorts", Map.of("80/tcp", Map.of(), "81/tcp", Map.of()));
        return PLAIN.configured("serving", config)
                .with("serving", layer.file("www/cgi-bin/who", 0755, """
                                #!/bin/sh
                                printf 'Content-Type: text/plain\\r\\n\\r\\n'
                                a=${REMOTE_ADDR#"[::ffff:"}
                                a=${a#"["}
                                echo "guest to ${a%]}"
                                """).file("bin/serve", 0755, """
                                #!/bin/sh
                                trap 'exit 40' TERM
                                httpd -p 80 -h /www
                                socat TCP-LISTEN:81,fork,reuseaddr,backlog=512 EXEC:'/bin/httpd -i -h /www',nofork &
                                socat UDP-RECVFROM:7,fork EXEC:/bin/cat &
                                socat UDP6-RECVFROM:7,fork,ipv6-v6only=1 EXEC:/bin/cat &
                                socat TCP-LISTEN:8,fork,reuseaddr,backlog=256 EXEC:/bin/cat,nofork &
                                until grep -q ':0007 ' /proc/net/udp && grep -q ':0008 ' /proc/net/tcp && grep -q ':0051 ' /proc/net/tcp; do sleep 0.05; done
                                echo ready
                                while :; do sleep 1 & wait $!; done
                                """));
    }

    private static Layer unix() {
        Layer layer = new Layer()
                .directory("bin", 0755)
                .directory("etc", 0755)
                .directory("root", 0700)
                .directory("tmp", 01777)
                .directory("home", 0755)
                .directory("home/app", 0755, 1000, 1000)
                .directory("work", 0755, 1000, 1000)
                .directory("var", 0755)
                .directory("usr", 0755)
                .directory("dev", 0755)
                .directory("proc", 0755)
                .directory("sys", 0755)
                .directory("run", 0755)
                .file("bin/busybox", 0755, 0, 0, busybox(), Map.of());
        for (String applet :
                Child.of("busybox", "--list").run().expect(0).out().lines().toList()) {
            if (!applet.equals("busybox")) {
                layer.symlink("bin/" + applet, "busybox");
            }
        }
        return layer.file("etc/passwd", 0644, """
                        root:x:0:0:root:/root:/bin/sh
                        app:x:1000:1000:app:/home/app:/bin/sh
                        homeless:x:1001:1001::/nowhere:/bin/sh
                        """)
                .file("etc/group", 0644, "root:x:0:\nstaff:x:50:app\napp:x:1000:\nhomeless:x:1001:\nempty:x:2000:\n");
    }

    /** Things a command may be that cannot be run, and one that shows its arguments. */
    private static Layer oddities() {
        return new Layer()
                .file("bin/not-executable", 0644, "#!/bin/sh\necho ran\n")
                .file("bin/no-format", 0755, "\0\1\2\3")
                .file("bin/no-interpreter", 0755, "#!/no/such/interpreter\n")
                .file("bin/arguments", 0755, "#!/bin/sh\nfor a in \"$0\" \"$@\"; do printf '<%s>\\n' \"$a\"; done\n")
                // Names each signal it gets and ends with 40 on the second line of input or the word after it.
                .file("bin/signals", 0755, """
                        #!/bin/sh
                        for s in INT TERM HUP QUIT USR1 USR2; do trap "echo got $s; [ $s = ${1:-none} ] && exit 40" $s; done
                        echo ready
                        while :; do sleep 1 & wait $!; done
                        """);
    }

    private static byte[] busybox() {
        return bytes(Path.of("/bin/busybox"));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the tests' images are made of it: apt-get install busybox-static socat", e);
        }
    }

    private static byte[] chownCapability() {
        byte[] value = new byte[20];
        value[0] = 1;
        value[3] = 2;
        value[4] = 1;
        return value;
    }
}
