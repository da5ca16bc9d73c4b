package dev.fcvm.host.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallersFileTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"022, rw-r--r--", "077, rw-------", "002, rw-rw-r--", "000, rw-rw-rw-", "0377, r--------"})
    void shouldHaveThePermissionsThatTheCallersMaskLeaves(String mask, String permissions) throws Exception {
        var file = new CallersFile(directory.resolve("file"), Integer.parseInt(mask, 8));

        file.create("text");

        assertThat(file.path()).hasContent("text");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo(permissions);
    }

    @Test
    void shouldNotReplaceAFile() throws Exception {
        Path there = Files.writeString(directory.resolve("there"), "old");

        assertThatThrownBy(() -> new CallersFile(there, 022).create("new"))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(there).hasContent("old");
    }
}
