package dev.fcvm.it.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller says in bytes, of which not all are UTF-8, whatever the caller's locale is. */
@MachineTest
class BytesTest {

    /** Runs a command line in a directory: in both, {@code \0ooo} stands for a byte. Java cannot hand one over. */
    private static final String BYTES = """
            at=$(printf %b "$1"); shift
            n=$#
            while [ $n -gt 0 ]; do
                word=$(printf '%bx' "$1"); shift
                set -- "$@" "${word%x}"
                n=$((n - 1))
            done
            export FROM_CALLER=$(printf 'na\\357ve \\342\\202')
            cd "$at" && exec "$@"
            """;

    private static final String NAME = "gr\\0366\\0337e n\\0303\\0244me";
    private static final String SHOW =
            "printf '%s|' \"$@\" \"$GIVEN\" \"$FROM_CALLER\" \"$FROM_FILE\" | od -A n -v -t x1; printf '\\377\\376\\200\\303\\244'";

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "C.UTF-8", "xx_YY.UTF-8"})
    void shouldReachAContainerAsThroughPodmanAndItsOutputComeBackUntouched(
            String locale, Fcvm fcvm, HostPodman podman, Archives archives, Place place) {
        prepare(place, archives);
        List<String> flags = List.of("--rm", "-e", "GIVEN=\\0326\\0327", "-e", "FROM_CALLER", "--env-file", NAME);
        List<String> command = List.of("/bin/sh", "-c", SHOW.replace("\\", "\\\\"), "sh", "na\\0357ve", "\\0303\\0244");

        Outcome expected = bytes(
                        podman.run(words(flags, List.of(podman.load(TestImages.plain(), archives)), command)),
                        locale,
                        place)
                .run();
        Outcome actual = bytes(
                        fcvm.call(words(
                                List.of("run", "--quiet"), flags, List.of("oci-archive:" + NAME + ".tar"), command)),
                        locale,
                        place)
                .run();

        assertThat(expected.expect(0).out()).contains("c3 a4");
        assertThat(actual.expect(0).stdout().bytes())
                .isEqualTo(expected.stdout().bytes());
    }

    @Test
    void shouldBeRefusedInOneLineWhereWhatIsNamedCannotBeHad(Fcvm fcvm, Archives archives, Place place) {
        prepare(place, archives);

        for (String option : List.of("-v=" + NAME + "/x:/x", "--env-file=none\\0377")) {
            Outcome refused = bytes(fcvm.call("run", option, "oci-archive:" + NAME + ".tar", "true"), "C", place)
                    .run();

            assertThat(refused.expect(125).err()).matches("Error: [^\n]+\n").doesNotContain("defect");
        }
    }

    private static void prepare(Place place, Archives archives) {
        bytes(
                        Child.of(
                                "sh",
                                "-c",
                                "mkdir -p \"$1\" && cd \"$1\" && cp -- \"$2\" \"$1.tar\" && printf 'FROM_FILE=\\\\260\\\\n' >\"$1\"",
                                "sh",
                                NAME,
                                archives.ociArchive(TestImages.plain()).toString()),
                        "C",
                        place,
                        ".")
                .run()
                .expect(0);
    }

    private static Child.Call bytes(Child.Call call, String locale, Place place) {
        return bytes(call, locale, place, NAME);
    }

    private static Child.Call bytes(Child.Call call, String locale, Place place, String below) {
        return call.inside("sh", "-c", BYTES, "sh", place.root() + "/" + below)
                .env("LC_ALL", locale)
                .deadline(Fcvm.BOOT);
    }

    @SafeVarargs
    private static List<String> words(List<String>... parts) {
        var all = new ArrayList<String>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
