package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.QualifiedName.Unqualified;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short names mean what they mean for Podman 4 and 5, whose answers these are. */
class RegistriesConfTest {

    @TempDir
    Path root;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void home() {
        environment.put("HOME", root.resolve("home/user").toString());
    }

    @Test
    void shouldFetchNothingByAShortNameWithoutAnyConfiguration() {
        assertThatThrownBy(() -> remote("alpine:3"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("docker.io/library/alpine:3");
    }

    @Test
    void shouldFindAShortNameInTheStoreWhereItMayBe() throws Exception {
        system("unqualified-search-registries = ['quay.io']\n[aliases]\n'alpine' = 'example.com/base/alpine'\n");

        assertThat(local("alpine:3"))
                .containsExactly(
                        "example.com/base/alpine:3",
                        "localhost/alpine:3",
                        "quay.io/alpine:3",
                        "docker.io/library/alpine:3");
        assertThat(local("a/b")).containsExactly("localhost/a/b:latest", "quay.io/a/b:latest", "docker.io/a/b:latest");
    }

    @Test
    void shouldAskTheRegistriesInTheirOrder() throws Exception {
        system("unqualified-search-registries = ['quay.io', \"docker.io\", 'localhost:5000/prefix', 'quay.io']\n");

        assertThat(remote("alpine"))
                .containsExactly(
                        "quay.io/alpine:latest",
                        "docker.io/library/alpine:latest",
                        "localhost:5000/prefix/alpine:latest");
    }

    @Test
    void shouldTakeTheOldFormAsWell() throws Exception {
        system("[registries.search]\nregistries = ['quay.io']\n[registries.insecure]\nregistries = ['b']\n");

        assertThat(remote("alpine")).containsExactly("quay.io/alpine:latest");
    }

    @Test
    void shouldPreferAnAliasAndKeepTheTagAndTheDigest() throws Exception {
        String digest = "sha256:" + "0".repeat(64);
        system("unqualified-search-registries = ['quay.io']\n[aliases]\n'a/b' = 'example.com/x/y:ignored'\n");

        assertThat(remote("a/b")).containsExactly("example.com/x/y:latest");
        assertThat(remote("a/b:1")).containsExactly("example.com/x/y:1");
        assertThat(remote("a/b@" + digest)).containsExactly("example.com/x/y@" + digest);
        assertThat(remote("b")).containsExactly("quay.io/b:latest");
    }

    @Test
    void shouldLetLaterFilesOverrideEarlierOnes() throws Exception {
        system(
                "unqualified-search-registries = ['first.example']\n[aliases]\n'a' = 'first.example/a'\n'b' = 'x.example/b'\n");
        file("etc/containers/registries.conf.d/10.conf", "[aliases]\n'a' = 'second.example/a'\n");
        file("etc/containers/registries.conf.d/20.conf", "unqualified-search-registries = ['second.example']\n");
        file("etc/containers/registries.conf.d/30.conf.disabled", "unqualified-search-registries = ['no.example']\n");
        file("home/user/.config/containers/registries.conf.d/1.conf", "[aliases]\n'a' = 'third.example/a'\n'b' = ''\n");
        file("home/user/.cache/containers/short-name-aliases.conf", "[aliases]\n'c' = 'chosen.example/c'\n");

        assertThat(remote("a")).containsExactly("third.example/a:latest");
        assertThat(remote("b")).containsExactly("second.example/b:latest");
        assertThat(remote("c")).containsExactly("chosen.example/c:latest");
    }

    @Test
    void shouldReadTheUsersFileInsteadOfTheSystems() throws Exception {
        system("unqualified-search-registries = ['system.example']\n");
        file("etc/containers/registries.conf.d/10.conf", "unqualified-search-registries = ['drop.example']\n");
        file("home/user/.config/containers/registries.conf", "unqualified-search-registries = ['user.example']\n");

        assertThat(remote("a")).containsExactly("user.example/a:latest");

        environment.put(
                "CONTAINERS_REGISTRIES_CONF",
                file("own.conf", "unqualified-search-registries = ['own.example']\n")
                        .toString());
        Files.delete(root.resolve("etc/containers/registries.conf.d/10.conf"));
        assertThat(remote("a")).containsExactly("own.example/a:latest");
        assertThat(RegistriesConf.named(environment)).hasValue(root.resolve("own.conf"));
    }

    @Test
    void shouldNotLookWhereSkopeoDoesNotLookEither() throws Exception {
        environment.put("XDG_CONFIG_HOME", root.resolve("xdg").toString());
        file("xdg/containers/registries.conf", "unqualified-search-registries = ['xdg.example']\n");
        system("unqualified-search-registries = ['system.example']\n");

        assertThat(remote("a")).containsExactly("system.example/a:latest");
    }

    @Test
    void shouldNotGuessBetweenRegistriesWhenGuessingIsForbidden() throws Exception {
        String several = "unqualified-search-registries = ['a.example', 'b.example']\n";
        String alias = "[aliases]\n'known' = 'c.example/known'\n";
        system("short-name-mode = 'enforcing'\n" + several + alias);
        assertThat(remote("known")).containsExactly("c.example/known:latest");
        assertThatThrownBy(() -> remote("a"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("a.example/a:latest, b.example/a:latest");

        system("short-name-mode = 'enforcing'\nunqualified-search-registries = ['a.example']\n");
        assertThat(remote("a")).containsExactly("a.example/a:latest");

        system("short-name-mode = 'permissive'\n" + several);
        assertThat(remote("a")).hasSize(2);

        system("short-name-mode = 'sometimes'\n" + several);
        assertThatThrownBy(() -> remote("a")).hasMessageContaining("sometimes");
    }

    @Test
    void shouldNameTheFileAndTheLineThatCannotBeUnderstood() throws Exception {
        system("# fine\nunqualified-search-registries = ['a'\n\noops");

        assertThatThrownBy(() -> remote("a"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("etc/containers/registries.conf")
                .hasMessageContaining("line ");
    }

    @Test
    void shouldRefuseARegistryThatIsNone() throws Exception {
        system("unqualified-search-registries = ['../../etc']\n");

        assertThatThrownBy(() -> remote("a")).isInstanceOf(FcvmException.class);
    }

    private List<String> remote(String text) throws Exception {
        return names(RegistriesConf.read(root, environment).remote(text, Unqualified.split(text)));
    }

    private List<String> local(String text) throws Exception {
        return names(RegistriesConf.read(root, environment).local(Unqualified.split(text)));
    }

    private static List<String> names(List<QualifiedName> names) {
        return names.stream().map(QualifiedName::toString).toList();
    }

    private void system(String content) throws Exception {
        file("etc/containers/registries.conf", content);
    }

    private Path file(String name, String content) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }
}
