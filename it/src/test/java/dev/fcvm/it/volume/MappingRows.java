package dev.fcvm.it.volume;

import java.util.ArrayList;
import java.util.List;

/** Forms of {@code -v} and {@code --mount}, for fcvm and for Podman. {@code {dir}} is a directory with what {@link #PREPARE} makes. */
final class MappingRows {

    /** Makes what the rows map, in the working directory. */
    static final String PREPARE = """
            mkdir -p a/sub 'with space' with,comma b; echo content >a/file; echo below >a/sub/file; echo more >b/more
            ln -s a link; ln -s file a/inside; chmod 2751 a/sub; chown 1234:5678 a/file; chmod 4755 a/sub/file
            echo spaced >'with space/file'; echo comma >with,comma/file; echo single >single; chmod 640 single
            """;

    private MappingRows() {}

    /**
     * Something that is mapped, and looked at.
     *
     * @param options flags before the image
     * @param look a script of the container
     */
    record Row(List<String> options, String look) {}

    private static Row row(String look, String... options) {
        return new Row(List.of(options), look);
    }

    /** Shows a tree, and whether it can be written to. */
    private static String tree(String at) {
        return "cd " + at + " && find . | sort | while read -r f; do stat -c '%n %F %a %u:%g' \"$f\"; done;"
                + " cat $(find . -type f | sort); touch new 2>/dev/null && echo written && rm new";
    }

    private static String words(String at) {
        return "grep ' " + at
                + " ' /proc/mounts | cut -d ' ' -f 4 | tr , '\\n' | grep -x -E 'ro|rw|no(suid|dev|exec)' | sort";
    }

    /** Each inner list is one container's, whose options are all given at once. */
    static List<List<Row>> mapped() {
        List<Row> directories = new ArrayList<>(List.of(
                row(tree("/m1"), "-v", "{dir}/a:/m1"),
                row(tree("/m2") + ";" + words("/m2"), "-v", "{dir}/a:/m2:ro"),
                row(tree("/m3"), "--volume={dir}/a:/m3:rw,z"),
                row(tree("/m4"), "--volume", "{dir}/a:/m4:Z,ro"),
                row(tree("/m5"), "-v", "./a:/m5"),
                row(tree("/m6"), "-v", "{dir}/with space:/m6"),
                row(tree("/m7"), "-v", "{dir}/link:/m7"),
                row(tree("/m8"), "-v", "{dir}/a:/x/../m8/"),
                row(words("/m9"), "-v", "{dir}/b:/m9:nosuid,nodev,noexec"),
                row(words("/m10"), "-v", "{dir}/b:/m10:suid,dev,exec"),
                row("cat /m11; stat -c '%a %u:%g %F' /m11; echo x >>/m11 && cat /m11", "-v", "{dir}/single:/m11"),
                row("cat /etc/motd; touch /etc/motd 2>/dev/null || echo fixed", "-v", "{dir}/b/more:/etc/motd:ro")));
        List<Row> mounts = List.of(
                row(tree("/m1"), "--mount", "type=bind,src={dir}/a,dst=/m1"),
                row(tree("/m2"), "--mount", "type=bind,source={dir}/a,target=/m2,ro"),
                row(tree("/m3"), "--mount", "type=bind,source={dir}/a,destination=/m3,readonly=true"),
                row(tree("/m4"), "--mount=type=bind,src={dir}/a,dst=/m4,ro=false"),
                row(tree("/m5"), "--mount", "\"type=bind\",\"src={dir}/with,comma\",dst=/m5"),
                row(tree("/m6"), "--mount", "type=bind,src={dir}/b,dst=/m6,relabel=shared"),
                row(tree("/m7"), "--mount", "type=bind,src={dir}/b,dst=/m7,bind-propagation=rslave"),
                row(tree("/m8"), "--mount", "dst=/m8,src={dir}/b,type=bind"),
                row("cat /m9", "--mount", "type=bind,src={dir}/single,dst=/m9,ro"),
                row(tree("/m10") + ";" + tree("/m10/sub"), "-v", "{dir}/a:/m10", "-v", "{dir}/b:/m10/sub"),
                row(tree("/m11"), "-v", "{dir}/b:/m11:rshared"),
                row("stat -c '%F %a' /m12; touch /m12/x && echo written", "--mount", "type=tmpfs,dst=/m12"),
                row(
                        "stat -c %a /m13; df -k /m13 | tail -1 | awk '{print $2}'",
                        "--mount", "type=tmpfs,dst=/m13,tmpfs-size=1m,tmpfs-mode=0700"),
                row("stat -c '%F %a %u:%g' /m14; touch /m14/x && echo written", "-v", "/m14"),
                row("stat -c '%F %a %u:%g' /m15; touch /m15/x && echo written", "--mount", "type=volume,dst=/m15"));
        List<Row> volumes = List.of(
                row("stat -c '%F %a %u:%g' /m1; ls -A /m1; touch /m1/x && echo written", "-v", "fcvm-one:/m1"),
                row(tree("/home/app"), "-v", "fcvm-two:/home/app"),
                row(
                        "ls -A /etc/..data 2>/dev/null; ls -A /bin2 2>/dev/null; stat -c %a /m3",
                        "-v", "fcvm-three:/m3:nocopy"),
                row("touch /m4/x && echo written", "--mount", "type=volume,src=fcvm-four,dst=/m4"),
                row(
                        "touch /m5/x 2>/dev/null || echo fixed",
                        "--mount",
                        "type=volume,source=fcvm-five,target=/m5,ro=true"),
                row(words("/m6"), "-v", "fcvm-six:/m6:noexec"),
                row("stat -c %u:%g /m7 /m7/file", "-v", "{dir}/a:/m7:U"),
                row("touch /m8/new && ls /m8", "-v", "{dir}/b:/m8:O"),
                row("cat /etc/hosts", "-v", "{dir}/single:/etc/hosts"),
                row("ls /dev/m9; cat /dev/m9/more", "-v", "{dir}/b:/dev/m9"));
        return List.of(directories, mounts, volumes);
    }

    /** Named volumes the rows make. */
    static List<String> volumes() {
        return List.of("fcvm-one", "fcvm-two", "fcvm-three", "fcvm-four", "fcvm-five", "fcvm-six");
    }

    /** Options that both refuse, before a container runs. */
    static List<List<String>> refused() {
        return List.of(
                List.of("-v", "{dir}/none:/x"),
                List.of("-v", "./none:/x"),
                List.of("-v", "{dir}/a:x"),
                List.of("-v", "{dir}/a:/x:what"),
                List.of("-v", "{dir}/a:/x:ro,rw"),
                List.of("-v", "{dir}/a:/x:ro:rw"),
                List.of("-v", "{dir}/a:"),
                List.of("-v", ":/x"),
                List.of("-v", ""),
                List.of("-v", "relative"),
                List.of("-v", "{dir}/a:/x", "-v", "{dir}/b:/x"),
                List.of("-v", "na/me:/x"),
                List.of("-v", "na$me:/x"),
                List.of("--mount", "type=bind,src={dir}/a"),
                List.of("--mount", "type=bind,dst=/x,src="),
                List.of("--mount", "type=bind,src={dir}/none,dst=/x"),
                List.of("--mount", "type=warp,dst=/x"),
                List.of("--mount", "type=bind,src={dir}/a,dst=/x,what=1"),
                List.of("--mount", "type=bind,src={dir}/a,dst=/x,ro=perhaps"),
                List.of("--mount", "type=volume,src=na$me,dst=/x"),
                List.of("--mount", ""));
    }
}
