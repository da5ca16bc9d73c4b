package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/setup-nftables.sh}, in a network namespace that it takes for the host's. */
@Tag("machine")
@Timeout(60)
class SetupNftablesTest {

    private static final String OTHERS = """
            table inet others {
            \tchain input {
            \t\ttype filter hook input priority filter; policy drop;
            \t}
            }
            """;

    @TempDir
    private Path place;

    private Namespace host;

    @BeforeAll
    static void requireRoot() {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may make a network namespace");
    }

    @BeforeEach
    void makeAHost() {
        host = new Namespace();
        host.run("nft", OTHERS);
        host.script("echo 0 >/proc/sys/net/ipv4/ip_forward");
    }

    @AfterEach
    void endIt() {
        host.close();
    }

    private Outcome script(String... words) {
        String script = Path.of(System.getProperty("fcvm.test.repository"), "scripts", "setup-nftables.sh")
                .normalize()
                .toString();
        return host.call(script)
                .with(words)
                .env("FCVM_NETWORK_CLAIMS", place.resolve("networks").toString())
                .run();
    }

    @Test
    void shouldInstallCheckAndRemoveTheTableAndNothingElse() {
        assertThat(script("check").expect(1).err()).contains("there is no table inet fcvm");
        assertThat(script("install").expect(0).out()).contains("net.ipv4.ip_forward was 0 and is 1 now");
        assertThat(script("check").expect(0).out()).contains("is whole");
        assertThat(script("show").expect(0).out()).contains("chain reaching", "net.ipv4.ip_forward = 1");

        assertThat(script("remove").expect(0).out()).contains("net.ipv4.ip_forward is 0 again");

        assertThat(host.run("nft", "list", "ruleset")).isEqualTo(OTHERS);
        assertThat(host.run("cat", "/proc/sys/net/ipv4/ip_forward")).isEqualTo("0\n");
        script("remove").expect(0);
    }

    @Test
    void shouldPutIpv6ForwardingBackAsTheProgramFoundIt() throws Exception {
        host.script("""
                ip link add one type veth peer name other
                cd /proc/sys/net/ipv6/conf; echo 1 >all/forwarding; echo 0 >one/forwarding
                """);
        Files.createDirectories(place.resolve("networks"));
        String namespace =
                host.run("stat", "-L", "-c", "%i", "/proc/self/ns/net").strip();
        Path others = Files.writeString(place.resolve("networks/ipv6_forwarding.1"), "0\n");
        Files.writeString(place.resolve("networks/ipv6_forwarding." + namespace), "0\n");

        assertThat(script("remove").expect(0).out()).contains("net.ipv6.conf.all.forwarding is 0 again");

        assertThat(host.run(
                        "sh", "-c", "cd /proc/sys/net/ipv6/conf; cat all/forwarding one/forwarding other/forwarding"))
                .isEqualTo("0\n0\n1\n");
        assertThat(script("remove").expect(0).out()).doesNotContain("ipv6");
        assertThat(others).as("of another network namespace").exists();
    }

    @Test
    void shouldMendTheRulesAndKeepThePortsOfMachinesThatRun() {
        script("install").expect(0);
        host.run("nft", "add element inet fcvm machines { 10.231.0.2 }");
        host.run("nft", "add element inet fcvm published { tcp . 8080 : 10.231.0.2 . 80 }");
        host.run("nft", "flush chain inet fcvm asking_host");
        assertThat(script("check").expect(1).err())
                .contains("-		ct state established,related accept", "is not as it should be");

        script("install").expect(0);

        script("check").expect(0);
        assertThat(host.run("nft", "list map inet fcvm published")).contains("tcp . 8080 : 10.231.0.2 . 80");
    }

    @Test
    void shouldRefuseToRemoveTheTableUnderMachinesThatRun() {
        script("install").expect(0);
        host.run("nft", "add element inet fcvm machines { 10.231.0.2 }");

        assertThat(script("remove").expect(1).err()).contains("machines are running", "remove --force");
        script("check").expect(0);
        script("remove", "--force").expect(0);
        assertThat(host.run("nft", "list ruleset")).isEqualTo(OTHERS);
    }
}
