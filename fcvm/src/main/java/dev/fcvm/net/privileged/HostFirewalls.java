package dev.fcvm.net.privileged;

import dev.fcvm.settings.NetworkPool;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Other firewalls of the host that would drop what machines send and get. A packet passes only where every table lets it
 * pass, so fcvm's own can permit nothing that another forbids; and it changes no other.
 */
public final class HostFirewalls {

    private static final Pattern TABLE = Pattern.compile("table (\\S+) (\\S+) \\{");
    private static final Pattern CHAIN = Pattern.compile("chain (\\S+) \\{");
    private static final Pattern HOOK =
            Pattern.compile("type filter hook forward priority [^;]+;(?: policy (\\w+);)?.*");
    private static final String OURS = "fcvm";
    private static final String FIREWALLD = "firewalld";

    private HostFirewalls() {}

    /**
     * What stands in the way.
     *
     * @param what which firewall does what
     * @param remedy commands that make a way for machines
     */
    public record Conflict(String what, String remedy) {}

    /** A chain packets go through on their way from one network to another. */
    private record Forwarding(String family, String table, String chain, boolean drops) {}

    /**
     * Finds them.
     *
     * @param chains what {@code nft list chains} prints; rules of the legacy iptables do not show there
     * @param pool the addresses of machines
     */
    public static List<Conflict> conflicts(String chains, NetworkPool pool) {
        List<Forwarding> forwarding = new ArrayList<>();
        boolean docker = false;
        boolean ufw = false;
        String family = "";
        String table = "";
        String chain = "";
        for (String line : chains.lines().map(String::strip).toList()) {
            Matcher isTable = TABLE.matcher(line);
            Matcher isChain = CHAIN.matcher(line);
            Matcher isHook = HOOK.matcher(line);
            if (isTable.matches()) {
                family = isTable.group(1);
                table = isTable.group(2);
            } else if (isChain.matches()) {
                chain = isChain.group(1);
                docker |= family.equals("ip") && chain.equals("DOCKER-USER");
                ufw |= family.equals("ip") && chain.equals("ufw-user-forward");
            } else if (isHook.matches() && List.of("ip", "inet").contains(family) && !table.equals(OURS)) {
                forwarding.add(new Forwarding(family, table, chain, "drop".equals(isHook.group(1))));
            }
        }
        List<Conflict> found = new ArrayList<>();
        for (Forwarding way : forwarding) {
            // Its policy is to accept, and a rule at the end rejects.
            if (way.table().equals(FIREWALLD)) {
                found.add(firewalld(pool));
            } else if (way.drops()) {
                boolean iptables = way.family().equals("ip") && way.table().equals("filter");
                found.add(iptables && ufw ? ufw(pool) : iptables && docker ? docker() : other(way));
            }
        }
        return found.stream().distinct().toList();
    }

    private static Conflict firewalld(NetworkPool pool) {
        return new Conflict(
                "firewalld rejects what machines send to other networks",
                "sudo firewall-cmd --permanent --zone=trusted --add-source=%s && sudo firewall-cmd --reload"
                        .formatted(pool));
    }

    /** Before Docker's own: where both are, ufw's policy is the one that came first and is told by its name. */
    private static Conflict ufw(NetworkPool pool) {
        return new Conflict(
                "ufw drops what machines send and get (its policy for routed packets)",
                "sudo ufw route allow from %1$s && sudo ufw route allow to %1$s".formatted(pool));
    }

    private static Conflict docker() {
        return new Conflict(
                "Docker has set the policy of the chain FORWARD to drop, for machines too",
                "sudo iptables -I DOCKER-USER -i fcvm+ -j ACCEPT && sudo iptables -I DOCKER-USER -o fcvm+ -j ACCEPT");
    }

    private static Conflict other(Forwarding way) {
        String chain = "%s %s %s".formatted(way.family(), way.table(), way.chain());
        return new Conflict(
                "the chain %s drops what it has no rule for, so what machines send and get".formatted(chain),
                "sudo nft 'insert rule %1$s iifname \"fcvm*\" accept; insert rule %1$s oifname \"fcvm*\" accept'"
                        .formatted(chain));
    }
}
