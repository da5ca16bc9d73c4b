package dev.fcvm.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program and the scripts read one {@code .env}: the real scripts/lib.sh says what it makes of each. */
class EnvFileParityTest {

    private static final String NAME = "FCVM_QEMU";

    @TempDir
    Path directory;

    @BeforeEach
    void layOut() throws Exception {
        Path library = Path.of("../scripts/lib.sh");
        Files.copy(library, Files.createDirectory(directory.resolve("scripts")).resolve("lib.sh"));
    }

    private String ofTheScripts(Map<String, String> environment) throws Exception {
        var builder = new ProcessBuilder(
                        "bash",
                        "-c",
                        ". \"$1\" && load_settings && printf %s \"${" + NAME + "-}\"",
                        "bash",
                        directory.resolve("scripts/lib.sh").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("PATH", System.getenv("PATH"));
        Process process = builder.start();
        String value = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return value;
    }

    private void shouldAgree(String file, Optional<String> environment) throws Exception {
        Files.writeString(directory.resolve(".env"), file);
        var variables = new HashMap<String, String>();
        variables.put("HOME", directory.toString());
        variables.put("FCVM_HOME", directory.toString());
        environment.ifPresent(value -> variables.put(NAME, value));

        String ours = SettingsReader.read(Map.of(), variables, Path.of("/"))
                .qemu()
                .map(Path::toString)
                .orElse("");

        String theirs = ofTheScripts(variables);
        // The program takes a relative path from where its caller is.
        assertThat(ours)
                .isEqualTo(theirs.isEmpty() ? "" : Path.of("/").resolve(theirs).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "FCVM_QEMU=/a",
                "FCVM_QEMU=",
                "FCVM_QEMU=/a\nFCVM_QEMU=",
                "FCVM_QEMU=\nFCVM_QEMU=/a",
                "  FCVM_QEMU=/a  \t",
                "FCVM_QEMU=/a\r",
                "FCVM_QEMU='/a b'",
                "FCVM_QEMU=\"/a b\"",
                "FCVM_QEMU=\"/a",
                "FCVM_QEMU=\"\"",
                "FCVM_QEMU=/$HOME",
                "FCVM_QEMU=/a#b",
                "# FCVM_QEMU=/a",
                "#FCVM_QEMU=/a\n\nFCVM_QEMU=/b",
                "FCVM_QEMU=/größe"
            })
    void shouldReadAFileAsTheScriptsDo(String file) throws Exception {
        shouldAgree(file, Optional.empty());
    }

    @Test
    void shouldLetTheEnvironmentWinAsTheScriptsDo() throws Exception {
        shouldAgree("FCVM_QEMU=/file", Optional.of("/environment"));
        shouldAgree("FCVM_QEMU=/file", Optional.of(""));
        shouldAgree("", Optional.of(""));
    }
}
