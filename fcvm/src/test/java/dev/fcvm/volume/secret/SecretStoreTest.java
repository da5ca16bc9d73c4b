package dev.fcvm.volume.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept secret, and for whom. */
class SecretStoreTest {

    @TempDir
    Path directory;

    private SecretStore store = new SecretStore(Path.of("/"), Clock.systemUTC());

    @BeforeEach
    void make() {
        store = new SecretStore(directory.resolve("secrets"), Clock.systemUTC());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static WantedSecret wanted(String name, String file, boolean variable) {
        return new WantedSecret(name, file, variable, variable ? "V" : "/run/secrets/x", 0, 0, 0444);
    }

    @Test
    void shouldKeepASecretForItsUserAlone() throws Exception {
        SecretRecord made = store.create("key", bytes("hidden"), List.of("a=b"), false);

        assertThat(store.list()).containsExactly(made);
        assertThat(store.find(made.id())).isEqualTo(made);
        assertThat(store.content("key")).isEqualTo(bytes("hidden"));
        try (Stream<Path> all = Files.walk(directory.resolve("secrets"))) {
            for (Path one : all.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
                        .as(one.toString())
                        .endsWith("------");
                if (Files.isRegularFile(one) && !one.endsWith("data")) {
                    assertThat(one).content().doesNotContain("hidden");
                }
            }
        }
    }

    @Test
    void shouldReplaceOneOnlyWhenAskedTo() throws Exception {
        store.create("key", bytes("old"), List.of(), false);

        assertThatThrownBy(() -> store.create("key", bytes("new"), List.of(), false))
                .hasMessage("key: secret name in use");
        assertThat(store.content("key")).isEqualTo(bytes("old"));

        store.create("key", bytes("new"), List.of(), true);
        assertThat(store.content("key")).isEqualTo(bytes("new"));
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void shouldLeaveNothingOfOneThatIsRemoved() throws Exception {
        String id = store.create("key", bytes("hidden"), List.of(), false).id();

        assertThat(store.remove("key").id()).isEqualTo(id);

        assertThatThrownBy(() -> store.find("key")).hasMessage("no secret with name or id \"key\": no such secret");
        try (Stream<Path> left = Files.list(directory.resolve("secrets"))) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of(".lock"));
        }
    }

    @Test
    void shouldRefuseWhatPodmanRefuses() {
        assertThatThrownBy(() -> store.create("a/b", bytes("x"), List.of(), false))
                .hasMessageEndingWith("invalid secret name");
        assertThatThrownBy(() -> store.create("a", new byte[0], List.of(), false))
                .hasMessage("secret data must be larger than 0 and less than 512000 bytes");
        assertThatThrownBy(() -> store.create("a", new byte[512_000], List.of(), false))
                .isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldReadWhatAMachineIsHanded() throws Exception {
        store.create("key", bytes("one"), List.of(), false);
        Path file = Files.writeString(directory.resolve("file"), "two\n");

        MachineSecrets secrets =
                MachineSecrets.read(List.of(wanted("key", "", true), wanted("id", file.toString(), false)), store);

        assertThat(secrets.variables()).containsExactly("V=one");
        assertThat(secrets.files()).singleElement().satisfies(given -> {
            assertThat(given.number()).isEqualTo(1);
            assertThat(given.content()).isEqualTo(bytes("two\n"));
        });
        assertThat(secrets.toString()).doesNotContain("one").doesNotContain("two");
        assertThat(MachineSecrets.options(List.of(wanted("key", "", true), wanted("id", file.toString(), false))))
                .containsExactly("--mount=type=bind,source=/run/fcvm/secrets/1,\"target=/run/secrets/x\",ro");
    }

    @Test
    void shouldNameASecretThatIsNotThere() throws IOException {
        assertThatThrownBy(() -> MachineSecrets.read(List.of(wanted("key", "", false)), store))
                .hasMessage("no secret with name or id \"key\": no such secret");
        assertThatThrownBy(() -> MachineSecrets.read(List.of(wanted("id", directory + "/none", false)), store))
                .hasMessageContaining("secret id cannot be read from " + directory + "/none: no such file");
        assertThatThrownBy(() -> MachineSecrets.read(List.of(wanted("id", directory.toString(), false)), store))
                .hasMessageContaining("no regular file");
    }

    @Test
    void shouldRefuseAVariableThatIsNoText() throws Exception {
        store.create("key", new byte[] {1, 0, 2}, List.of(), false);
        assertThatThrownBy(() -> MachineSecrets.read(List.of(wanted("key", "", true)), store))
                .hasMessageContaining("it is no text");
    }
}
