package dev.fcvm.net.privileged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.settings.NetworkPool;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostFirewallsTest {

    private static final String OURS = """
            table inet fcvm {
            	chain passing {
            		type filter hook forward priority filter; policy drop;
            	}
            }
            """;

    @Test
    void shouldFindNothingWhereNothingStandsInTheWay() {
        assertThat(conflicts(OURS + """
                table ip filter {
                	chain INPUT {
                		type filter hook input priority filter; policy drop;
                	}
                	chain FORWARD {
                		type filter hook forward priority filter; policy accept;
                	}
                	chain DOCKER-USER {
                	}
                }
                table ip6 filter {
                	chain FORWARD {
                		type filter hook forward priority filter; policy drop;
                	}
                }
                table ip nat {
                	chain POSTROUTING {
                		type nat hook postrouting priority srcnat; policy accept;
                	}
                }
                """)).isEmpty();
    }

    @Test
    void shouldNameDockersPolicyAndAWayAroundIt() {
        assertThat(conflicts(OURS + """
                table ip filter {
                	chain DOCKER {
                	}
                	chain FORWARD {
                		type filter hook forward priority filter; policy drop;
                	}
                	chain DOCKER-USER {
                	}
                }
                """)).singleElement().satisfies(conflict -> {
            assertThat(conflict.what()).startsWith("Docker has set the policy");
            assertThat(conflict.remedy()).contains("iptables -I DOCKER-USER -i fcvm+ -j ACCEPT");
        });
    }

    @Test
    void shouldNameUfw() {
        assertThat(conflicts("""
                table ip filter {
                	chain ufw-user-forward {
                	}
                	chain FORWARD {
                		type filter hook forward priority filter; policy drop;
                	}
                }
                """)).singleElement().satisfies(conflict -> {
            assertThat(conflict.what()).startsWith("ufw drops");
            assertThat(conflict.remedy()).contains("ufw route allow from 10.231.0.0/16");
        });
    }

    @Test
    void shouldNameFirewalldOnceThoughItsPolicyIsToAccept() {
        assertThat(conflicts("""
                table inet firewalld {
                	chain mangle_PREROUTING {
                		type filter hook prerouting priority mangle + 10; policy accept;
                	}
                	chain filter_FORWARD {
                		type filter hook forward priority filter + 10; policy accept;
                	}
                	chain filter_FORWARD_late {
                		type filter hook forward priority filter + 20; policy accept;
                	}
                }
                """)).singleElement().satisfies(conflict -> {
            assertThat(conflict.what()).startsWith("firewalld rejects");
            assertThat(conflict.remedy()).contains("--zone=trusted --add-source=10.231.0.0/16");
        });
    }

    @Test
    void shouldNameAChainOfTheAdministrators() {
        assertThat(conflicts("""
                table inet filter {
                	chain forward {
                		type filter hook forward priority 0; policy drop;
                	}
                }
                """))
                .containsExactly(new HostFirewalls.Conflict(
                        "the chain inet filter forward drops what it has no rule for, so what machines send and get",
                        "sudo nft 'insert rule inet filter forward iifname \"fcvm*\" accept;"
                                + " insert rule inet filter forward oifname \"fcvm*\" accept'"));
    }

    private static List<HostFirewalls.Conflict> conflicts(String chains) {
        return HostFirewalls.conflicts(chains, NetworkPool.STANDARD);
    }
}
