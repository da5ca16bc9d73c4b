package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * fcvm's table of nftables on the host. Each change is one transaction, and one start of {@code nft}, however many
 * machines there are.
 */
final class HostTable {

    private static final String TABLE = "inet fcvm";
    private static final String PUBLISHED = "published";
    private static final String PUBLISHED_ON = "published_on";
    private static final String PUBLISHED6 = "published6";
    private static final String PUBLISHED6_ON = "published6_on";
    private static final Tool NFT = Tool.named("nft", "nftables");
    /** How nft says that an element is there with another value: the number is the line's. */
    private static final Pattern EXISTS = Pattern.compile("/dev/stdin:([0-9]+):[^\\n]*File exists");

    private static final String ABSENT = "No such file or directory";
    /** {@code tcp . 80 : 10.231.0.2 . 80}, with or without an address before. */
    private static final Pattern ELEMENT =
            Pattern.compile("([0-9a-z.:]+(?: \\. [0-9a-z.:]+){1,2}) : ([0-9a-f.:]+) \\. ([0-9]+)");

    private final Path template;

    HostTable(Path template) {
        this.template = template;
    }

    /**
     * An element of one of the table's sets and maps.
     *
     * @param set the set or map
     * @param text the key, and in a map the value
     */
    record Element(String set, String text) {

        /**
         * Returns the element that leads a port of the host to the machine.
         *
         * @param machine its address, of the same family as the port's
         */
        static Element of(PublishedPort port, InetAddress machine) {
            InetAddress host = port.address().orElseThrow();
            boolean v4 = host instanceof Inet4Address;
            String rest = "%s . %d : %s . %d"
                    .formatted(port.protocol().word(), port.hostPort(), Addresses.text(machine), port.guestPort());
            return host.isAnyLocalAddress()
                    ? new Element(v4 ? PUBLISHED : PUBLISHED6, rest)
                    : new Element(v4 ? PUBLISHED_ON : PUBLISHED6_ON, Addresses.text(host) + " . " + rest);
        }

        /** Returns the elements that let the machine's packets pass. */
        static List<Element> of(MachineNetwork network) {
            String machine = network.machine().getHostAddress();
            return List.of(
                    new Element("sources", "\"%s\" . %s".formatted(network.veth(), machine)),
                    new Element("machines", machine));
        }

        /** Returns the elements that let the machine's IPv6 packets pass, those between the two ends of its link too. */
        static List<Element> of(MachineNetwork network, MachineNetwork6 addresses) {
            String machine = Addresses.text(addresses.machine());
            String source = "\"%s\" . %s";
            return List.of(
                    new Element("sources6", source.formatted(network.veth(), machine)),
                    new Element("sources6", source.formatted(network.veth(), MachineNetwork6.LINK_MACHINE)),
                    new Element("machines6", machine));
        }

        /** Returns the element that lets the machine call what listens on the host's loopback. */
        static Element calling(MachineNetwork network) {
            return new Element("callers", network.machine().getHostAddress());
        }

        String command(String verb) {
            return "%s element %s %s { %s }\n".formatted(verb, TABLE, set, text);
        }
    }

    /**
     * Adds elements, all or none, and makes the table before where it is not there.
     *
     * @return nothing, or which of them was refused because its key leads elsewhere already
     */
    OptionalInt add(List<Element> elements) throws FcvmException, InterruptedException {
        StringBuilder commands = new StringBuilder();
        elements.forEach(element -> commands.append(element.command("add")));
        Tool.Result result = nft(commands.toString());
        if (!result.succeeded() && result.errors().contains(ABSENT)) {
            install();
            result = nft(commands.toString());
        }
        if (result.succeeded()) {
            return OptionalInt.empty();
        }
        Matcher exists = EXISTS.matcher(result.errors());
        if (exists.find()) {
            return OptionalInt.of(Integer.parseInt(exists.group(1)) - 1);
        }
        throw failure("open the machine's way through", result);
    }

    /** Removes those of the elements that are there; one whose key leads elsewhere by now is somebody else's, and stays. */
    void remove(List<Element> elements) throws FcvmException, InterruptedException {
        StringBuilder commands = new StringBuilder();
        elements.forEach(element -> commands.append(removal(element)));
        if (elements.isEmpty() || isDone(nft(commands.toString()))) {
            return;
        }
        for (Element element : elements) {
            Tool.Result result = nft(removal(element));
            if (!isDone(result) && !EXISTS.matcher(result.errors()).find()) {
                throw failure("take back " + element.text(), result);
            }
        }
    }

    /** To add first what may not be there makes that no error, and what is somebody else's one, in one transaction. */
    private static String removal(Element element) {
        return element.command("add") + element.command("delete");
    }

    /** Without the table there is nothing to remove. */
    private static boolean isDone(Tool.Result result) {
        return result.succeeded() || result.errors().contains(ABSENT);
    }

    /** Returns whom the host's port of an element, which is in a map, leads to. */
    Optional<InetAddress> destination(Element element) throws FcvmException, InterruptedException {
        String key = element.text().substring(0, element.text().indexOf(" : "));
        Tool.Result result = NFT.with("get", "element", "inet", "fcvm", element.set(), "{ " + key + " }")
                .run();
        return ELEMENT.matcher(result.output())
                .results()
                .map(match -> InetAddress.ofLiteral(match.group(2)))
                .findFirst();
    }

    /** Returns the ports that lead to the machine with this address. Looks at all there are. */
    List<PublishedPort> published(Inet4Address machine) throws FcvmException, InterruptedException {
        List<PublishedPort> ports = new ArrayList<>();
        for (Element element : leadingTo(machine)) {
            // " . " and " : " stand between words; within an address there are no blanks.
            String[] words = element.text().split(" [.:] ", -1);
            int on = element.set().endsWith("_on") ? 1 : 0;
            String all = element.set().equals(PUBLISHED) ? "0.0.0.0" : "::";
            ports.add(new PublishedPort(
                    Optional.of(InetAddress.ofLiteral(on == 1 ? words[0] : all)),
                    Integer.parseInt(words[on + 1]),
                    Integer.parseInt(words[on + 3]),
                    words[on].equals(Protocol.TCP.word()) ? Protocol.TCP : Protocol.UDP));
        }
        return ports;
    }

    /** Returns the elements of the maps that lead to the machine with this address. Looks at all there are. */
    List<Element> leadingTo(Inet4Address machine) throws FcvmException, InterruptedException {
        List<Element> found = new ArrayList<>();
        for (String map : List.of(PUBLISHED, PUBLISHED_ON, PUBLISHED6, PUBLISHED6_ON)) {
            Tool.Result result = NFT.with("list", "map", "inet", "fcvm", map)
                    .keeping(Integer.MAX_VALUE / 4)
                    .run();
            if (isDone(result)) {
                found.addAll(leadingTo(machine, map, result.output()));
            } else {
                throw failure("look for the ports of a machine", result);
            }
        }
        return found;
    }

    /** Reads the output of {@code nft list map}; visible to its test. */
    static List<Element> leadingTo(Inet4Address machine, String map, String listing) {
        return ELEMENT.matcher(listing)
                .results()
                .filter(match -> MachineAddresses.isOf(machine, InetAddress.ofLiteral(match.group(2))))
                .map(match -> new Element(map, match.group()))
                .toList();
    }

    private void install() throws FcvmException, InterruptedException {
        String rules;
        try {
            rules = Files.readString(template);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot read the rules for the host's firewall, %s: install fcvm's distribution whole"
                            .formatted(template),
                    e);
        }
        // Twice at once does no harm: what is there is kept.
        Tool.Result result = nft(rules);
        if (!result.succeeded()) {
            throw failure("make fcvm's table", result);
        }
    }

    private static Tool.Result nft(String commands) throws FcvmException, InterruptedException {
        return NFT.with("-f", "-")
                .reading(commands.getBytes(StandardCharsets.UTF_8))
                .run();
    }

    private static FcvmException failure(String what, Tool.Result result) {
        String why = result.errors()
                .lines()
                .filter(line -> line.contains("Error: "))
                .map(line -> line.substring(line.indexOf("Error: ") + "Error: ".length()))
                .findFirst()
                .orElse(result.lastWords());
        return new FcvmException(
                Kind.HOST,
                "cannot %s in the host's firewall: nft: %s; see scripts/setup-nftables.sh check, or use --mode rootless"
                        .formatted(what, why));
    }
}
