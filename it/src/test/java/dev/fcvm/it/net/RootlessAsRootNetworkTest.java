package dev.fcvm.it.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Fcvm;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** The network of machines root starts as any user would. */
class RootlessAsRootNetworkTest extends NetworkContract {

    @Override
    String mode() {
        return "rootless";
    }

    @Override
    List<String> tools() {
        return List.of("/usr/bin/slirp4netns", "/usr/sbin/nft");
    }

    @Override
    Fcvm user() {
        return Fcvm.create();
    }

    @Override
    String callerFromLoopback(String answer) {
        return "10.0.2.2";
    }

    @BeforeEach
    void onlyWhereMachinesBootFast() {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: an ordinary user's machines are seen to here");
    }

    @Override
    protected void onlyOnFirecracker() {
        assumeTrue(false, "seen to with an ordinary user's machines: nothing in it depends on who the user is");
    }
}
