package dev.fcvm.it.supervisor;

import java.util.List;

/** Command lines of {@code cp}, for Podman and for fcvm. */
final class CopyRows {

    /** What a row finds in its directory in the container, which it calls /t/. */
    static final String IN_CONTAINER = """
            mkdir -p d/e into; echo hi >d/e/f; chmod 600 d/e/f; ln -s e/f d/l; ln d/e/f d/h
            echo x >top; chown 5:6 top; chmod 751 top; mknod d/null c 1 3; mkfifo d/p; mkdir empty
            echo file >file; ln -s into dirl; ln -s file filel; ln -s nowhere broken; touch -d @1000000000 top""";

    /** What a row finds in its directory on this host. */
    static final String ON_HOST = """
            mkdir -p src/sub src/.hid dst; echo one >src/one; echo two >src/sub/two; chmod 640 src/one; ln -s one src/link
            echo x >src/.hid/x; echo old >old; ln -s old oldlink; ln -s dst dstlink; touch -d @1000000000 src/one""";

    /** All that is in the container, or on this host: name, kind, permissions, owner, links, and where links lead. */
    static final String LOOK = """
            find . | sort | while read -r name; do stat -c '%n %F %a %u:%g' "$name"; [ ! -h "$name" ] || readlink "$name"
            [ ! -f "$name" ] || [ -h "$name" ] || { stat -c '%s %h %Y' "$name" | sed 's/ 1[6-9]........*$/ now/'; cat "$name"; }
            done""";

    private CopyRows() {}

    /** Returns scripts for the shell: {@code $CP} is the program, and the container is box. */
    static List<String> all() {
        return List.of(
                "$CP src/one box:/t/into",
                "$CP src/one box:/t/filel",
                "$CP src/one box:/t/broken",
                "$CP src/one box:/t/new/",
                "$CP src box:/t/into",
                "$CP src/. box:/t/into",
                "$CP src/. box:/t/new",
                "$CP src box:/t/file",
                "tar cz src | $CP - box:/t/into",
                "$CP box:/t/top dst",
                "$CP box:/t/top oldlink",
                "$CP box:/t/top new/",
                "$CP box:/t/d dst",
                "$CP box:/t/d/. dst",
                "$CP box:/t/d/. new",
                "$CP box:/t/d old",
                "$CP box:/nope dst",
                "$CP box:/t/d - | tar t");
    }
}
