package dev.fcvm.net.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.settings.Directories;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedNetworksTest {

    private static final NetworkName ONE = new NetworkName("one");

    @TempDir
    Path directory;

    private Directories directories;
    private NamedNetworks networks;

    @BeforeEach
    void makeThem() throws Exception {
        directories = new Directories(directory.resolve("data"), directory.resolve("run"));
        networks = new NamedNetworks(directories, Files.writeString(directory.resolve("route"), ""));
        create("one", "192.0.2.0/29");
    }

    private void create(String name, String subnet) throws Exception {
        networks.create(name, Optional.of(subnet), NetworkPool.STANDARD, Clock.systemUTC());
    }

    @Test
    void shouldKeepWhatWasMadeUntilItIsRemoved() throws Exception {
        networks.create("Two.2", Optional.empty(), NetworkPool.STANDARD, Clock.systemUTC());

        assertThat(new NamedNetworks(directories).list())
                .extracting(NetworkView::name)
                .containsExactly("Two.2", "one");
        NetworkView one = networks.inspect("one");
        assertThat(one.subnet()).isEqualTo("192.0.2.0/29");
        assertThat(one.machines()).isEmpty();
        assertThat(networks.inspect(one.id())).isEqualTo(one);
        assertThat(networks.inspect(one.id().substring(0, 8))).isEqualTo(one);

        assertThat(networks.remove("one")).isEmpty();
        assertThat(networks.list()).extracting(NetworkView::name).containsExactly("Two.2");
        assertThatThrownBy(() -> networks.inspect("one"))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("there is no network \"one\"");
        create("one", "192.0.2.0/29");
    }

    @Test
    void shouldSayThatAnIdIsAmbiguousRatherThanUnknown() throws Exception {
        // 17 ids: two of them begin with the same digit.
        for (int number = 0; number < 16; number++) {
            create("n" + number, "198.51.100." + number * 16 + "/28");
        }
        String digit = networks.list().stream()
                .collect(Collectors.groupingBy(view -> view.id().substring(0, 1), Collectors.counting()))
                .entrySet()
                .stream()
                .filter(group -> group.getValue() > 1)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();

        assertThatThrownBy(() -> networks.inspect(digit))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("\"" + digit + "\" is the beginning of the ids of")
                .hasMessageContaining("give more of it");
    }

    @Test
    void shouldRefuseANameOrAddressesThatAreTaken() {
        assertThatThrownBy(() -> create("one", "198.51.100.0/24")).hasMessageContaining("one is there already");
        assertThatThrownBy(() -> create("two", "192.0.2.0/24"))
                .hasMessageContaining("the network one has 192.0.2.0/29");
        assertThatThrownBy(() -> create("two", "x")).hasMessageStartingWith("--subnet is \"x\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "-a", "a b", "a/b", "a\nb", "none", "default", "host", "container"})
    void shouldRefuseNamesThatAreNone(String name) {
        assertThatThrownBy(() -> create(name, "198.51.100.0/24"))
                .isInstanceOf(FcvmException.class)
                .hasMessageNotContaining("\n");
        assertThat(files(directories.networks())).containsExactly("one");
    }

    @Test
    void shouldGiveEachMachineAnAddressOfItsOwnUntilThereIsNoneLeftAndEndTheSwitchWithTheLast() throws Exception {
        assumeSwitch();
        List<Membership> members = new ArrayList<>();
        for (int number = 1; number <= 6; number++) {
            members.add(join("m" + number));
        }
        NetworkView view = networks.inspect("one");
        assertThat(view.machines())
                .extracting(NetworkView.Machine::address)
                .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6");
        assertThat(view.machines())
                .flatExtracting(NetworkView.Machine::names)
                .containsExactlyInAnyOrder("m1", "m2", "m3", "m4", "m5", "m6");
        assertThat(switches(view)).hasSize(1);
        assertThatThrownBy(() -> join("seventh")).hasMessageStartingWith("the network one is full: 6 machines");
        assertThat(networks.remove("one")).hasSize(6);

        for (Membership member : members.reversed()) {
            assertThat(switches(view)).hasSize(1);
            member.close();
            member.close();
        }
        assertThat(switches(view)).isEmpty();
        assertThat(files(directories.runtime())).isEmpty();
        assertThat(networks.remove("one")).isEmpty();
    }

    @Test
    void shouldTellTheNamesOfAMachineThatANameServerCanTell() throws Exception {
        assumeSwitch();
        try (Membership member = networks.join(
                ONE,
                machine(),
                List.of("brave_otter", "a.b", "192.0.2.9", "a.", "x".repeat(64)),
                Optional.empty(),
                UserRange.STANDARD,
                journal())) {
            String address = networks.inspect("one").machines().getFirst().address();
            assertThat(Files.readString(member.names().resolve(address)).lines().skip(1))
                    .containsExactly(address + " brave_otter", address + " a.b");
        }
    }

    @Test
    void shouldNotCountAMachineThatIsGoneAndTakeItsPlaceBack() throws Exception {
        assumeSwitch();
        Membership living = join("living");
        NetworkView view = networks.inspect("one");
        Path members = directories.networks().resolve("one/members");
        Path gone = members.resolve("192.0.2.1");
        if (view.machines().getFirst().address().equals("192.0.2.1")) {
            gone = members.resolve("192.0.2.2");
        }
        Files.writeString(gone, "# machine %s\n192.0.2.1 gone\n".formatted(MachineId.random()));

        assertThat(networks.inspect("one").machines())
                .flatExtracting(NetworkView.Machine::names)
                .containsExactly("living");
        networks.sweep();
        assertThat(gone).doesNotExist();
        assertThat(switches(view)).as("one is left").hasSize(1);
        living.close();
    }

    /** Whoever supervised it was killed: the machine runs, and its place is its own. */
    @Test
    void shouldHandAPlaceOverToWhoeverTakesTheMachineOver() throws Exception {
        assumeSwitch();
        MachineId machine = machine();
        Path journal = directory.resolve("journal");
        Membership first =
                networks.join(ONE, machine, List.of("a"), Optional.empty(), UserRange.STANDARD, journal(journal));
        first.letGo();
        first.close();
        assertThat(networks.inspect("one").machines()).hasSize(1);

        NamedNetworks others = new NamedNetworks(directories);
        Membership second = others.adopt(ONE, machine, Journal.open(journal, List.of(others.placeKind())));
        assertThat(second.address()).isEqualTo(first.address());
        second.close();

        assertThat(networks.inspect("one").machines()).isEmpty();
        assertThat(switches(networks.inspect("one"))).isEmpty();
        assertThat(journal).doesNotExist();
        assertThatThrownBy(() -> others.adopt(ONE, machine, journal(journal)))
                .hasMessageContaining("its journal names none");
    }

    @Test
    void shouldGiveAMachineTheAddressItHadBefore() throws Exception {
        assumeSwitch();
        Inet4Address before = Inet4Address.ofLiteral("192.0.2.5");
        for (int number = 0; number < 3; number++) {
            try (Membership again =
                    networks.join(ONE, machine(), List.of(), Optional.of(before), UserRange.STANDARD, journal())) {
                assertThat(again.address()).isEqualTo(before);
                try (Membership other =
                        networks.join(ONE, machine(), List.of(), Optional.of(before), UserRange.STANDARD, journal())) {
                    assertThat(other.address()).isNotEqualTo(before);
                }
            }
        }
    }

    @Test
    void shouldSayWhatKeepsAMachineFromLeavingAndLeaveLater() throws Exception {
        assumeSwitch();
        Membership member = join("a");
        Path place = member.names().resolve(member.address().getHostAddress());
        String text = Files.readString(place);
        Files.writeString(place, "something else\n");

        assertThatThrownBy(member::close).isInstanceOf(FcvmException.class).hasMessageContaining(place.toString());
        Files.writeString(place, text);
        member.close();
        assertThat(networks.inspect("one").machines()).isEmpty();
    }

    /** Nothing is changed for a place that has become another machine's. */
    @Test
    void shouldNotTakeAPlaceThatIsAnothersByNow() throws Exception {
        assumeSwitch();
        Path file = directory.resolve("journal");
        Membership first =
                networks.join(ONE, machine(), List.of("a"), Optional.empty(), UserRange.STANDARD, journal(file));
        Path place = first.names().resolve(first.address().getHostAddress());
        Files.delete(place);
        try (Membership second = networks.join(
                ONE, machine(), List.of("b"), Optional.of(first.address()), UserRange.STANDARD, journal())) {
            Journal.open(file, List.of(networks.placeKind())).releaseAll();
            assertThat(place).exists();
            assertThat(second.address()).isEqualTo(first.address());
        }
    }

    @Test
    void shouldEndASwitchThatIsLeftAlone() throws Exception {
        assumeSwitch();
        NetworkView view = networks.inspect("one");
        var left = new EthernetSwitch(
                new MachineId(view.id()),
                directories.runtime().resolve("net-" + view.id().substring(0, 12)));
        left.ensure(UserRange.STANDARD);
        List<ProcessHandle> first = switches(view);
        assertThat(first).hasSize(1);
        left.ensure(UserRange.STANDARD);
        assertThat(switches(view)).isEqualTo(first);

        // What its starter did not come to write down, or is of another process: another switch takes its place.
        Path record = left.directory().resolve("switch.json");
        for (String text :
                List.of("", "{}", Files.readString(record).replaceFirst("\"started\":\\d+", "\"started\":1"))) {
            Files.writeString(record, text);
            left.ensure(UserRange.STANDARD);
            assertThat(switches(view)).hasSize(1).doesNotContainAnyElementsOf(first);
        }
        Files.createDirectory(directories.networks().resolve("." + view.id()));

        networks.sweep();
        assertThat(switches(view)).isEmpty();
        assertThat(left.directory()).doesNotExist();
        assertThat(files(directories.networks())).containsExactly("one");
    }

    @Test
    void shouldNameADamagedFileInOneLine() throws Exception {
        Path document = directories.networks().resolve("one/network.json");
        for (String text : List.of("", "{}", "{\"version\":1,\"name\":\"two\"}", "[]", "x\ny")) {
            Files.writeString(document, text);
            assertThatThrownBy(networks::list)
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining(document.toString())
                    .hasMessageNotContaining("\n");
        }
    }

    private Membership join(String name) throws Exception {
        return networks.join(ONE, machine(), List.of(name), Optional.empty(), UserRange.STANDARD, journal());
    }

    /** Returns one that is there. */
    private MachineId machine() throws IOException {
        MachineId machine = MachineId.random();
        Files.createDirectories(directories.machines().resolve(machine.value()));
        return machine;
    }

    private Journal journal() throws Exception {
        return journal(directory.resolve("journal-" + MachineId.random()));
    }

    private Journal journal(Path file) throws Exception {
        return Journal.open(file, List.of(networks.placeKind()));
    }

    private static List<ProcessHandle> switches(NetworkView network) {
        return new ProcessTag("FCVM_NETWORK_ID", network.id())
                .holders().stream()
                        .filter(process -> process.info()
                                .command()
                                .filter(file -> file.endsWith("/vde_switch"))
                                .isPresent())
                        .toList();
    }

    private static void assumeSwitch() {
        assumeTrue(Tool.named("vde_switch", "vde2").find().isPresent(), "vde_switch is not installed");
    }

    private static List<String> files(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
