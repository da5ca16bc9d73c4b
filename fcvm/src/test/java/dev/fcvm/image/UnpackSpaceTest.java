package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.HostUsers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackSpaceTest {

    @TempDir
    Path etc;

    @Test
    void shouldNameAFreeRangeForAUserWithoutOne() throws Exception {
        Files.writeString(etc.resolve("subuid"), "other:100000:65536\nlast:500000:1000\n");
        Files.writeString(etc.resolve("subgid"), "other:100000:65536\n");

        assertThatThrownBy(() -> space().check())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--add-subuids 501000-566535 --add-subgids 501000-566535 ann");
    }

    @Test
    void shouldNameTheFileThatLacksTheRange() throws Exception {
        Files.writeString(etc.resolve("subuid"), "ann:100000:65536\n");

        assertThatThrownBy(() -> space().check()).hasMessageContaining("/etc/subgid");
    }

    @Test
    void shouldBeContentWithARangeOrAServiceThatMayHaveOne() throws Exception {
        Files.writeString(etc.resolve("subuid"), "# comment\nann:100000:65536\n");
        Files.writeString(etc.resolve("subgid"), "ann:100000:65536\n");
        assertThatCode(() -> space().check()).doesNotThrowAnyException();

        Files.delete(etc.resolve("subuid"));
        Files.writeString(etc.resolve("nsswitch.conf"), "passwd: files\nsubid: sss\n");
        assertThatCode(() -> space().check()).doesNotThrowAnyException();
    }

    @Test
    void shouldNotTakeAnEmptyOrForeignRangeForOne() throws Exception {
        Files.writeString(etc.resolve("subuid"), "ann:100000:0\nanna:100000:65536\nann:1\nann:x:y\n");
        Files.writeString(etc.resolve("subgid"), "ann:100000:65536\n");

        assertThatThrownBy(() -> space().check()).hasMessageContaining("/etc/subuid");
    }

    @Test
    void shouldLetRootsImagesHaveFilesOfTheFirstUsersAndTheLast() throws Exception {
        assumeTrue(PrivateDirectories.currentUser() == 0 && HostUsers.areAllHere(), "this is not the host's root");
        assumeTrue(
                Tool.named("unshare", "util-linux")
                        .with("--mount", "true")
                        .run()
                        .succeeded(),
                "root may make no namespaces here");
        Path work = Files.createDirectory(etc.resolve("work"));
        String script = "cd \"$1/store\" && touch f && for id in 0 2147418111 4294901760 4294967294; do"
                + " chown $id:$id f && stat -c %u:%g f; done";

        Tool.Result result = new UnpackSpace(true, "root", etc)
                .enter(Tool.named("sh", "dash").with("-c", script, "sh", work.toString()), work)
                .run();

        assertThat(result.output())
                .as(result.lastWords())
                .isEqualTo("0:0\n2147418111:2147418111\n4294901760:4294901760\n4294967294:4294967294\n");
    }

    @Test
    void shouldNeedNoRangeAsRoot() {
        assertThatCode(() -> new UnpackSpace(true, "root", etc).check()).doesNotThrowAnyException();
    }

    @Test
    void shouldEnterWithEverythingTheToolHas() throws Exception {
        Tool tool = Tool.named("sh", "dash")
                .with("-c", "true")
                .within(Duration.ofSeconds(7))
                .keeping(123)
                .withVariable("A", "b");

        Tool inside = space().enter(tool, etc);

        assertThat(inside.arguments())
                .contains("--user", "--map-auto", "--mount")
                .endsWith("-c", "true");
        assertThat(inside.deadline()).isEqualTo(Duration.ofSeconds(7));
        assertThat(inside.outputLimit()).isEqualTo(123);
        assertThat(inside.environment()).containsEntry("A", "b");
    }

    @Test
    void shouldTellFailuresOfTheSpaceFromThoseOfTheTool() {
        assertThatCode(() -> space().explain(failed("mke2fs: something"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> space().explain(failed("newuidmap: write to uid_map failed: Operation not permitted")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("/etc/subuid");
        assertThatThrownBy(() -> space().explain(failed("unshare: unshare failed: Operation not permitted")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("user namespace");
        assertThatThrownBy(() -> new UnpackSpace(true, "root", etc)
                        .explain(failed("unshare: unshare failed: Operation not permitted")))
                .hasMessageContaining("CAP_SYS_ADMIN");
        assertThatThrownBy(() -> new UnpackSpace(true, "root", etc).explain(failed("mount: /x: permission denied.")))
                .hasMessageContaining("cannot shut in what unpacks the image");
    }

    private UnpackSpace space() {
        return new UnpackSpace(false, "ann", etc);
    }

    private static Tool.Result failed(String words) {
        return new Tool.Result(1, "", words + "\n");
    }
}
