package dev.fcvm.it;

import dev.fcvm.it.harness.TestImages;
import java.util.ArrayList;
import java.util.List;

/** The parity table's rows that succeed: what a container sees. */
final class ParityCases {

    /** Shows everything there is to know about the files of the layered image. */
    static final String LISTING =
            "cd /t && find . -exec stat -c '%n %F %a %u:%g %s %h' {} + | sort; find . -type l | xargs readlink;"
                    + " find . -type f ! -size +100 | sort | xargs -d '\\n' sha256sum 2>/dev/null || find . -type f ! -size +100 -print0 | sort -z | xargs -0 sha256sum";

    static final String TERMINAL = "Podman 5 sets TERM only where there is a terminal, Podman 4 always";

    private ParityCases() {}

    static List<ParityCase> all() {
        List<ParityCase> all = new ArrayList<>();
        all.addAll(environment());
        all.addAll(placeAndUser());
        all.addAll(commands());
        all.addAll(names());
        all.addAll(files());
        all.addAll(privileges());
        all.addAll(process());
        all.addAll(streams());
        all.addAll(ParityOddities.all());
        all.addAll(ParityFailures.all());
        return List.copyOf(all);
    }

    /** A row whose command is a shell script. */
    static ParityCase shell(String name, String script, String... options) {
        return ParityCase.of(name, TestImages.plain(), List.of(options), List.of("/bin/sh", "-c", script));
    }

    /** A row with this command. */
    static ParityCase command(String name, List<String> options, String... command) {
        return ParityCase.of(name, TestImages.plain(), options, List.of(command));
    }

    /** A row that only looks around: it may share its container with others of the same options. */
    static ParityCase look(String name, String script, String... options) {
        return shell(name, script, options).look();
    }

    private static List<ParityCase> environment() {
        String show = "env | grep -E '^(A|B|C|FROM_[A-Z]+)=' | sort";
        return List.of(
                shell(
                        "-e: the last wins; equals signs, quotes, spaces, newlines, UTF-8 and nothing at all",
                        "env | grep -E '^(A|B)=' | sort; echo ${C-unset} ${C+set}; printf %s \"$D\" | od -c",
                        "-e",
                        "A=1",
                        "--env",
                        "B=x=y = \"z\" '$HOME' \\n",
                        "-e",
                        "A=3",
                        "-e",
                        "C=",
                        "-e",
                        "D=one\ntwo\n\u00e4\u20ac\ud83d\ude80\n"),
                shell(
                                "-e NAME takes the caller's value, and nothing when there is none",
                                show + "; echo ${NO_SUCH-unset}",
                                "-e",
                                "FROM_HOST",
                                "-e",
                                "NO_SUCH")
                        .caller("FROM_HOST", "a b"),
                shell("-e PREFIX* takes all the caller's that begin so", show, "-e", "FROM_*")
                        .caller("FROM_HOST", "x"),
                shell(
                                "--env-file: the later wins, and -e over both",
                                show,
                                "--env-file",
                                "{dir}/env",
                                "--env-file",
                                "{dir}/more",
                                "-e",
                                "B=option")
                        .file("env", "# a comment\n\nA=in the file \nB=file\nC=\"quoted\"\nFROM_HOST\n")
                        .file("more", "A=#not a comment\nB=x=y")
                        .caller("FROM_HOST", "taken"),
                shell(
                                "the image's variables are there, -e wins over them",
                                "env | sort | grep -v HOSTNAME",
                                "-e",
                                "SHADOWED=by -e",
                                "--entrypoint=")
                        .on(TestImages.opinionated())
                        .differs(TERMINAL, ParityCases::withoutTerminal),
                shell("-e PATH decides where commands are found", "busybox ls /bin/ls", "-e", "PATH=/bin"),
                look("a container's whole environment", "env | sort")
                        .normal(ParityCases::withoutId)
                        .differs(TERMINAL, ParityCases::withoutTerminal),
                shell(
                                "--podman-arg --unsetenv",
                                "echo ${GREETING-unset}",
                                "--podman-arg=--unsetenv=GREETING",
                                "--entrypoint=")
                        .on(TestImages.opinionated()));
    }

    private static List<ParityCase> placeAndUser() {
        String who = "id; echo $HOME; pwd; grep -E '^(Uid|Gid|Groups)' /proc/self/status";
        return List.of(
                look("without -u and -w: root in /", who),
                shell("-w, a directory that exists", "pwd; ls -ld .", "-w", "/home/app"),
                shell("-w, a directory that does not exist", "pwd", "-w", "/made/for/me")
                        .complains(),
                look("-u by name", who, "-u", "app"),
                shell("-u by number", who, "-u", "1000"),
                shell("-u with a group by number", who, "-u", "1000:2000"),
                shell("-u with a group by name", who, "-u", "app:staff"),
                shell("-u, a number without an entry", who, "-u", "4242:4343"),
                shell("-u, a user whose home does not exist", who, "--user", "homeless"),
                shell("--podman-arg --group-add", who, "-u", "app", "--podman-arg", "--group-add=empty"),
                look(
                        "a user cannot write where root owns",
                        "touch /x; echo $?; touch /home/app/x; echo $?",
                        "-u",
                        "app"));
    }

    private static List<ParityCase> commands() {
        String[] awkward = {
            "/bin/arguments",
            "a b",
            "",
            "'single'",
            "\"double\"",
            "$(echo no)",
            "`no`",
            "new\nline",
            "\u00e4\u20ac\ud83d\ude80",
            "\\",
            "-x",
            "--",
            "*",
            "a;b",
            "#"
        };
        return List.of(
                command("arguments arrive as they are", List.of(), awkward),
                command(
                        "flags after the image are the command's",
                        List.of(),
                        "/bin/arguments",
                        "--rm",
                        "-e",
                        "A=1",
                        "--help"),
                command("a long argument", List.of(), "/bin/sh", "-c", "echo ${#0}", "x".repeat(100_000)),
                command("the image's own command", List.of()).stdin("echo read by the shell; exit 3\n"),
                command("the image's entrypoint, command, user, directory", List.of())
                        .on(TestImages.opinionated()),
                command("a command takes the place of the image's", List.of(), "mine", "")
                        .on(TestImages.opinionated()),
                command("--entrypoint drops the image's command", List.of("--entrypoint", "/bin/arguments"))
                        .on(TestImages.opinionated()),
                command("--entrypoint with arguments", List.of("--entrypoint", "/bin/arguments"), "a b", "c")
                        .on(TestImages.opinionated()),
                command(
                                "an empty --entrypoint takes the image's away",
                                List.of("--entrypoint", ""),
                                "/bin/sh",
                                "-c",
                                "id -un; pwd")
                        .on(TestImages.opinionated()),
                command("--entrypoint as JSON", List.of("--entrypoint", "[\"/bin/arguments\",\"x y\",\"\"]"), "z")
                        .on(TestImages.opinionated()),
                command("a command is found in PATH", List.of(), "arguments", "x"));
    }

    private static List<ParityCase> names() {
        return List.of(
                look(
                        "--hostname",
                        // Some versions of Podman end the file with a newline, some do not.
                        "hostname; echo $HOSTNAME; read h </etc/hostname; echo $h; cat /proc/sys/kernel/hostname",
                        "--hostname",
                        "some.host"),
                look(
                        "/etc/hosts knows the host name",
                        "grep -w -o some.host /etc/hosts | sort -u; grep -w localhost /etc/hosts | head -n 1 | tr -s '\\t' ' ' | cut -d ' ' -f 1,2",
                        "--hostname",
                        "some.host"),
                look("without --hostname, the short id", "hostname; [ $(hostname) = $HOSTNAME ] && echo same")
                        .normal(ParityCases::withoutId),
                shell(
                        "--name and labels change nothing inside",
                        "echo fine",
                        "-l",
                        "a=b",
                        "--label",
                        "c",
                        "--name",
                        "parity-of_names.1"),
                look("a container knows that it is one", "echo $container; ls /run/.containerenv"));
    }

    private static List<ParityCase> files() {
        return List.of(
                shell("four layers with whiteouts come out right", LISTING + "; ./linked-too 2>/dev/null; cat opaque/*")
                        .on(TestImages.layered())
                        .normal(ParityCases::withoutDirectorySizes),
                shell(
                                "set-user-id and file capabilities count",
                                "stat -c %a /t/setuid; /t/capable/cat /proc/self/status | grep CapEff",
                                "-u",
                                "app")
                        .on(TestImages.layered()),
                look("the root can be written", "echo x > /new && cat /new && rm /bin/tac && echo removed"),
                shell(
                        "--read-only",
                        "for d in / /tmp /run /var/tmp /dev/shm /work; do touch $d/x 2>/dev/null && echo $d yes || echo $d no; done",
                        "--read-only"),
                shell(
                        "--read-only with --tmpfs",
                        "touch /work/x && stat -f -c %T /work; touch /x",
                        "--read-only",
                        "--tmpfs",
                        "/work"),
                shell(
                        "--tmpfs with size and mode",
                        "stat -c %a /scratch; grep ' /scratch ' /proc/mounts | tr ', ' '\\n\\n' | grep -x -E 'size=[0-9a-z]+|no[a-z]+' | sort; dd if=/dev/zero of=/scratch/x bs=1k count=2000 2>/dev/null; stat -c %s /scratch/x",
                        "--tmpfs",
                        "/scratch:size=1m,mode=1700"),
                shell(
                        "--tmpfs as it is by default",
                        "stat -c '%a %u' /scratch; grep ' /scratch ' /proc/mounts | cut -d ' ' -f 1-4 | tr , '\\n' | grep -v -E 'inode64|huge|uid|gid'",
                        "--tmpfs",
                        "/scratch"),
                shell(
                                "-v and --mount of a directory and a file",
                                "cat /a/f /c/f /one; for d in a b c d; do echo $d >/$d/$d 2>/dev/null || echo $d fixed; done;"
                                        + " ls -1 /a; stat -c %a /a/f",
                                "-v",
                                "{dir}:/a",
                                "--volume",
                                "{dir}:/b:ro,z",
                                "--mount",
                                "type=bind,source={dir},target=/c,ro=true",
                                "--mount",
                                "type=bind,src={dir},dst=/d/,readonly",
                                "-v",
                                "{dir}/f:/one:ro,nosuid",
                                "-v",
                                "/anonymous")
                        .file("f", "content\n"),
                shell("-v of what is not there", "true", "-v", "{dir}/none:/x").complains(),
                shell("-v with a path that is not absolute", "true", "-v", "{dir}:x")
                        .complains(),
                shell("-v with a word that nobody knows", "true", "-v", "{dir}:/x:what")
                        .complains(),
                shell("--mount without a destination", "true", "--mount", "type=bind,src={dir}")
                        .complains(),
                shell("--mount of a type there is not", "true", "--mount", "type=warp,dst=/x")
                        .complains(),
                shell("the same -v twice", "true", "-v", "{dir}:/x", "-v", "{dir}:/x"),
                shell("-v twice for one path", "true", "-v", "{dir}:/x", "-v", "{dir}:/x:ro")
                        .complains(),
                look(
                        "/dev has what a container needs",
                        // A host whose kernel has no /proc/kcore has no link to it.
                        "ls -1 /dev | grep -v -x core; ls -l /dev/null | cut -c 1-10; for l in fd stdin ptmx; do readlink /dev/$l; done"),
                look(
                        "mounts of a container",
                        "grep -E '^[^ ]+ (/proc|/sys|/dev|/dev/pts|/dev/shm|/dev/mqueue) ' /proc/mounts | awk '{print $2, $3, substr($4, 1, 2)}' | sort"),
                look(
                        "what is masked in /proc and /sys",
                        "for f in kcore keys timer_list latency_stats; do [ ! -e /proc/$f ] || head -c 1 /proc/$f | wc -c; done | sort -u; ls /sys/firmware"),
                look(
                        "what is read-only in /proc",
                        "awk '$2 ~ \"^/proc/(sys|irq)$\" {print $2, substr($4, 1, 2)}' /proc/mounts; echo x 2>/dev/null > /proc/sys/kernel/hostname; echo $?"),
                shell(
                        "--podman-arg --shm-size",
                        "grep ' /dev/shm ' /proc/mounts | grep -o 'size=[0-9]*k'",
                        "--podman-arg=--shm-size=1m"));
    }

    private static List<ParityCase> privileges() {
        String caps = "grep -E '^(Cap|NoNewPrivs)' /proc/self/status";
        return List.of(
                look("capabilities by default", caps),
                shell("--cap-add", caps, "--cap-add", "NET_ADMIN", "--cap-add", "cap_sys_time"),
                shell("--cap-drop", caps, "--cap-drop", "CHOWN,kill"),
                shell("--cap-drop all with --cap-add", caps, "--cap-drop", "all", "--cap-add", "CAP_CHOWN"),
                shell("capabilities of a user", caps, "-u", "app", "--cap-add", "NET_RAW"),
                shell(
                                "--privileged",
                                caps
                                        + "; [ -w /proc/sys/kernel/hostname ] && echo writable; awk '$2 == \"/sys\" {print substr($4, 1, 2)}' /proc/mounts",
                                "--privileged")
                        // Root of a host that is itself a guest may lack one.
                        .normal(text -> text.replaceAll("000001f[0-9a-f]{9}", "<all>")),
                look(
                        "seccomp is on",
                        "grep -E '^Seccomp:' /proc/self/status; mount -t tmpfs none /tmp 2>/dev/null || echo refused"),
                shell(
                                "--podman-arg --security-opt",
                                caps + "; /t/capable/cat /proc/self/status | grep CapEff",
                                "-u",
                                "app",
                                "--podman-arg",
                                "--security-opt=no-new-privileges")
                        .on(TestImages.layered()));
    }

    private static List<ParityCase> process() {
        return List.of(
                shell("the command is process 1", "echo $$; cat /proc/1/comm; tr '\\0' ' ' < /proc/1/cmdline"),
                look("umask", "umask; touch /f; mkdir /d; stat -c %a /f /d"),
                look("signals are neither blocked nor caught", "grep -E '^Sig(Blk|Cgt)' /proc/self/status"),
                look(
                        "only three open files",
                        "ls /proc/self/fd | wc -l; [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo no terminal"),
                shell("--podman-arg --ulimit", "ulimit -n; ulimit -H -n", "--podman-arg", "--ulimit=nofile=256:512"),
                look("stack limit and priority", "ulimit -s; cat /proc/self/oom_score_adj"),
                look(
                        "user namespace and root directory",
                        "cat /proc/self/uid_map | tr -s ' '; cat /proc/self/setgroups; stat -c '%a %u' /"),
                shell("a child killed by SIGKILL", "sh -c 'kill -9 $$'; exit $?"),
                shell("a child ended by SIGTERM", "sh -c 'kill -TERM $$'; exit $?"),
                shell("process 1 does not die of its own SIGTERM", "kill -TERM $$; echo alive"));
    }

    private static List<ParityCase> streams() {
        return List.of(
                look("without -i there is no input", "wc -c; readlink /proc/self/fd/0 | sed 's/[0-9]*//g'"),
                shell("-i passes input and its end", "wc -c; md5sum < /dev/null")
                        .stdin("some input\nwithout a newline at the end"),
                shell("-i with no input", "wc -c").stdin(""),
                shell("output and errors stay apart", "echo out; echo err >&2; printf out; printf err >&2; exit 5"),
                shell("a container may close its output", "exec >&- 2>&-; sleep 0.1; exit 6"),
                shell("output after a child outlived its parent", "(sleep 1; echo late) & echo early; wait"));
    }

    static String withoutTerminal(String text) {
        return text.replace("TERM=xterm\n", "");
    }

    /** Takes out a container's short id, which differs from run to run. */
    static String withoutId(String text) {
        return text.replaceAll("\\b[0-9a-f]{12}\\b", "<id>");
    }

    /** Takes out a directory's size, which is its file system's affair, and the link count of what overlayfs merges. */
    static String withoutDirectorySizes(String text) {
        return text.replaceAll("(?m) directory (\\S+ \\S+) \\d+ \\d+$", " directory $1");
    }
}
