package dev.fcvm.it.supervisor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is asked of {@code exec}, of Podman and of fcvm alike. */
final class ExecRows {

    /**
     * One case.
     *
     * @param options flags before the container's name
     * @param command what stands behind it
     * @param stdin what it reads, where it is given something
     * @param sameErrors whether standard error is the same; else both have something to say
     */
    record Row(List<String> options, List<String> command, Optional<byte[]> stdin, boolean sameErrors) {

        Row stdin(String text) {
            return stdin(text.getBytes(StandardCharsets.UTF_8));
        }

        Row stdin(byte[] bytes) {
            return new Row(options, command, Optional.of(bytes), sameErrors);
        }

        Row complaining() {
            return new Row(options, command, stdin, false);
        }

        @Override
        public String toString() {
            return (String.join(" ", options) + " BOX " + String.join(" ", command)).strip();
        }
    }

    private ExecRows() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        rows.addAll(streams());
        rows.addAll(codes());
        rows.addAll(input());
        rows.addAll(surroundings());
        rows.addAll(terminals());
        rows.addAll(refusals());
        return rows;
    }

    private static Row row(String options, String... command) {
        List<String> flags = options.isEmpty() ? List.of() : Arrays.asList(options.split(" ", -1));
        return new Row(flags, List.of(command), Optional.empty(), true);
    }

    private static Row shell(String options, String script) {
        return row(options, "/bin/sh", "-c", script);
    }

    private static List<Row> streams() {
        return List.of(
                row("", "echo", "out"),
                shell("", "echo err >&2"),
                shell("", "echo out; echo err >&2"),
                shell("", "printf 'no line end'"),
                shell("", "printf '\\377\\376\\000\\001\\200'"),
                shell("", "seq 200000"),
                shell("", "head -c 3000000 /dev/zero | tr '\\0' x"),
                shell("", "seq 20000 >&2"),
                shell("", "true"),
                row("", "printf", "<%s>", "a b", "$HOME", "*", "", "\"quoted\"", "new\nline", "\u00e4\u20ac"),
                row("", "echo", "-n", "--rm", "-it"),
                shell("", "echo one >/tmp/kept"),
                shell("", "sleep 5 >/dev/null 2>&1 </dev/null & echo behind"));
    }

    private static List<Row> codes() {
        List<Row> rows = new ArrayList<>();
        for (int code : new int[] {0, 1, 2, 42, 125, 126, 127, 128, 137, 255}) {
            rows.add(shell("", "exit " + code));
        }
        for (String signal : List.of("KILL", "TERM", "INT", "SEGV")) {
            rows.add(shell("", "kill -" + signal + " $$"));
        }
        rows.add(row("", "no-such-program").complaining());
        rows.add(row("", "/no/such/program").complaining());
        rows.add(row("", "/etc/passwd").complaining());
        rows.add(row("", "/bin/not-executable").complaining());
        rows.add(row("", "/bin").complaining());
        return rows;
    }

    private static List<Row> input() {
        byte[] all = new byte[256 * 40];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return List.of(
                row("-i", "cat").stdin("typed\n"),
                row("-i", "cat").stdin(""),
                row("-i", "cat").stdin("no line end"),
                row("--interactive", "wc", "-c").stdin("x".repeat(1_500_000)),
                row("-i", "od", "-v", "-t", "x1").stdin(all),
                row("-i", "sha256sum").stdin(all),
                shell("-i", "head -n 1; cat >/dev/null").stdin("one\ntwo\n"),
                shell("-i", "read line; echo \"<$line>\"; exit 3").stdin("first\nsecond\n"),
                row("", "cat").stdin("not passed on"),
                // Not one that closes its input unread: Podman itself loses the output then, now and then.
                shell("", "read line || echo nothing"));
    }

    private static List<Row> surroundings() {
        return List.of(
                shell("-e A=1", "echo $A"),
                shell("--env A=1 -e A=2", "echo $A"),
                shell("-e A=", "echo \"<$A>${A+set}\""),
                shell("-e A=x=y", "echo $A"),
                shell("-e FROM_CALLER", "echo $FROM_CALLER"),
                shell("-e NOT_SET_BY_CALLER", "echo ${NOT_SET_BY_CALLER-unset}"),
                shell("-e PATH=/nowhere", "echo $PATH"),
                shell("", "echo $PATH; echo $HOME; echo $OF_THE_CONTAINER"),
                row("", "pwd"),
                row("-w /bin", "pwd"),
                row("--workdir /", "pwd"),
                row("--workdir=/tmp", "pwd"),
                shell("-u 0", "id -u; id -g"),
                shell("-u 1234", "id -u; id -g"),
                shell("--user 1234:4321", "id -u; id -g"),
                shell("-u 1234 -w /tmp -e A=b", "id -u; pwd; echo $A"),
                shell("-u app", "id -un; id -gn; id -Gn; echo $HOME"),
                shell("-u app:staff", "id -un; id -gn"),
                shell("-u homeless", "id -un; echo $HOME"),
                shell("", "umask"),
                shell("", "cat /tmp/kept"),
                shell("", "tr '\\0' ' ' </proc/1/cmdline"));
    }

    private static List<Row> terminals() {
        return List.of(
                shell("-t", "test -t 1 && echo terminal"),
                shell("", "test -t 1 || echo none"),
                shell("-t", "echo err >&2; exit 7"),
                shell("-t", "tty"),
                shell("--tty", "printf 'one\\ntwo\\n'"));
    }

    private static List<Row> refusals() {
        return List.of(
                row("-w /no/such/directory", "true").complaining(),
                row("-u nobody-of-that-name", "true").complaining(),
                row("--no-such-flag", "true").complaining(),
                row("--env-file /no/such/file", "true").complaining());
    }
}
