package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialFilesTest {

    @TempDir
    private Path home;

    @Test
    void shouldFindWhatSkopeoWouldRead() throws IOException {
        Path docker = write(".docker/config.json", "{\"auths\":{}}");
        Path podman = write("run/containers/auth.json", "{\"auths\":{}}").toAbsolutePath();
        Path named = write("named.json", "{}");
        write(".config/containers/registries.conf", "credential-helpers = [\"containers-auth.json\"]\n");

        CredentialFiles found = CredentialFiles.of(
                Map.of(
                        "HOME",
                        home.toString(),
                        "XDG_RUNTIME_DIR",
                        home.resolve("run").toString()),
                Optional.of(named),
                Optional.empty());

        assertThat(found.files()).contains(named, docker, podman, home.resolve(".config/containers"));
        assertThat(found.helpers()).isFalse();
    }

    @Test
    void shouldNoticeProgramsThatHaveTheCredentials() throws IOException {
        Path json = write("a.json", "{\"credHelpers\": {\"gcr.io\": \"gcloud\"}}");
        assertThat(CredentialFiles.of(Map.of(), Optional.of(json), Optional.empty())
                        .helpers())
                .isTrue();

        Path toml = write("b.conf", "credential-helpers = [\"containers-auth.json\", \"secretservice\"]\n");
        assertThat(CredentialFiles.of(Map.of(), Optional.empty(), Optional.of(toml))
                        .helpers())
                .isTrue();
    }

    private Path write(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
