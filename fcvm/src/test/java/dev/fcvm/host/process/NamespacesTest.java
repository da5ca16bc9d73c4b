package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NamespacesTest {

    @TempDir
    Path sysctls;

    @Test
    void shouldNameTheSettingThatForbidsUserNamespaces() throws IOException {
        assertThat(Namespaces.remedy(sysctls)).contains("kernel.unprivileged_userns_clone", "user.max_user_namespaces");
        set("kernel/apparmor_restrict_unprivileged_userns", "1");
        assertThat(Namespaces.remedy(sysctls)).endsWith("kernel.apparmor_restrict_unprivileged_userns=0");
        set("user/max_user_namespaces", "0");
        assertThat(Namespaces.remedy(sysctls)).endsWith("user.max_user_namespaces=15000");
        set("kernel/unprivileged_userns_clone", "0");
        assertThat(Namespaces.remedy(sysctls)).endsWith("kernel.unprivileged_userns_clone=1");
    }

    @Test
    void shouldExplainWhatUnshareComplainsOfAndNothingElse() {
        assertThat(Namespaces.ROOTLESS.explain("unshare: unshare failed: No space left on device"))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("user namespace", "unshare failed: No space left on device"));
        assertThat(Namespaces.PRIVILEGED.explain("unshare: unshare failed: Operation not permitted"))
                .hasValueSatisfying(text -> assertThat(text).contains("--mode rootless"));
        assertThat(Namespaces.ROOTLESS.explain("qemu: cannot open disk")).isEmpty();
        assertThat(Namespaces.ROOTLESS.explain("")).isEmpty();
    }

    @Test
    void shouldMapTheUsersRangeOnlyWhereThatIsWanted() {
        assertThat(Namespaces.ROOTLESS.prefix()).contains("--map-root-user").doesNotContain("--map-auto");
        assertThat(Namespaces.ROOTLESS_WITH_RANGE.prefix()).contains("--user", "--map-root-user", "--map-auto");
        assertThat(Namespaces.PRIVILEGED.prefix()).doesNotContain("--user");
    }

    private void set(String name, String value) throws IOException {
        Path file = sysctls.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, value + "\n");
    }
}
