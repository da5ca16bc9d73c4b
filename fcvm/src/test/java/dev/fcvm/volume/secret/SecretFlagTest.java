package dev.fcvm.volume.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of secrets, in Podman's words. */
class SecretFlagTest {

    private static WantedSecret read(String value) throws FcvmException {
        return SecretFlag.read(List.of(value), Path.of("/here")::resolve).getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s                                   | /run/secrets/s  | 0  | 0  | 444",
                "s,target=t                          | /run/secrets/t  | 0  | 0  | 444",
                "s,target=/etc/t,uid=5,gid=6,mode=40 | /etc/t          | 5  | 6  | 40",
                "source=s,type=mount                 | /run/secrets/s  | 0  | 0  | 444",
                "type=mount,source=s,target=a/b      | /run/secrets/a/b| 0  | 0  | 444",
            })
    void shouldReadAFileAsPodmanDoes(String value, String target, int uid, int gid, String mode) throws FcvmException {
        assertThat(read(value))
                .isEqualTo(new WantedSecret("s", "", false, target, uid, gid, Integer.parseInt(mode, 8)));
    }

    @Test
    void shouldReadAVariableAsPodmanDoes() throws FcvmException {
        assertThat(read("s,type=env").target()).isEqualTo("s");
        assertThat(read("s,type=env,target=PASSWORD"))
                .isEqualTo(new WantedSecret("s", "", true, "PASSWORD", 0, 0, 0444));
    }

    @Test
    void shouldTakeOneFromAFileOfTheCallers() throws FcvmException {
        assertThat(read("id=s,src=below/f"))
                .isEqualTo(new WantedSecret("s", "/here/below/f", false, "/run/secrets/s", 0, 0, 0444));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "type=mount",
                "s,mount",
                "s,type=volume",
                "s,type=env,type=env",
                "s,uid=x",
                "s,uid=-1",
                "s,mode=9",
                "s,mode=17777",
                "s,colour=red",
                "s,type=env,mode=400",
                "s,target=../etc/passwd",
                "s,target=/",
                "s,type=env,target=A=B",
            })
    void shouldRefuseWhatSaysNothing(String value) {
        assertThatThrownBy(() -> read(value))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("--secret " + value)
                .hasMessageEndingWith("parsing secret");
    }

    @Test
    void shouldRefuseTwoForOnePlace() {
        assertThatThrownBy(() -> SecretFlag.read(List.of("a,target=x", "b,target=x"), Path::of))
                .hasMessageContaining("two secrets for /run/secrets/x");
    }
}
