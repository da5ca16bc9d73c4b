package dev.fcvm.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A user without privileges, made for a test as {@code useradd} makes one today: with subordinate ids, and with access
 * to the devices a machine needs. Root only.
 */
public record OrdinaryUser(String name, long uid) implements AutoCloseable {

    private static final List<String> DEVICES = List.of("/dev/kvm", "/dev/net/tun");

    /** Says whether the tests may make one. */
    public static boolean possible() {
        return Child.of("id", "-u").run().out().strip().equals("0");
    }

    /** Makes one. */
    public static OrdinaryUser make() {
        String name = "fcvm" + ThreadLocalRandom.current().nextInt(100_000, 1_000_000);
        Child.of("useradd", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/sh", name)
                .run()
                .expect(0);
        long uid =
                Long.parseLong(Child.of("id", "-u", name).run().expect(0).out().strip());
        OrdinaryUser user = new OrdinaryUser(name, uid);
        long first = 300_000_000L + uid * 65_536L;
        String range = first + "-" + (first + 65_535);
        // useradd gives a range by itself where login.defs says so; a second one would be refused by some tools.
        if (Child.of("grep", "-q", "^" + name + ":", "/etc/subuid").run().exitCode() != 0) {
            Child.of("usermod", "--add-subuids", range, "--add-subgids", range, name)
                    .run()
                    .expect(0);
        }
        user.devices()
                .forEach(device -> Child.of("setfacl", "-m", "u:" + name + ":rw", device)
                        .run()
                        .expect(0));
        return user;
    }

    /** Returns the words to put before a command so that this user runs it, in the same process. */
    public List<String> prefix() {
        return List.of("setpriv", "--reuid=" + name, "--regid=" + name, "--init-groups", "--inh-caps=-all");
    }

    /** Adds it to a group that is there, and returns the group's number. */
    public long join(String group) {
        Child.of("usermod", "--append", "--groups", group, name).run().expect(0);
        String line = Child.of("getent", "group", group).run().expect(0).out();
        return Long.parseLong(line.split(":", -1)[2]);
    }

    /** Takes the access to a device away that it was given. */
    public void lose(String device) {
        Child.of("setfacl", "-x", "u:" + name, device).run().expect(0);
    }

    /** Returns the first of its subordinate ids. */
    public long firstSubordinate() {
        return Long.parseLong(subordinates("/etc/subuid").split("-", -1)[0]);
    }

    /** Takes its subordinate ids away. */
    public void takeSubordinates() {
        Child.of(
                        "usermod",
                        "--del-subuids",
                        subordinates("/etc/subuid"),
                        "--del-subgids",
                        subordinates("/etc/subgid"),
                        name)
                .run()
                .expect(0);
    }

    /** Returns the range the file gives it, as usermod(8) writes it. */
    private String subordinates(String file) {
        String line = Child.of("grep", "^" + name + ":", file).run().expect(0).out();
        String[] fields = line.strip().split(":", -1);
        long first = Long.parseLong(fields[1]);
        return first + "-" + (first + Long.parseLong(fields[2]) - 1);
    }

    private Stream<String> devices() {
        return DEVICES.stream().filter(device -> Files.exists(Path.of(device)));
    }

    /** Ends all its processes and takes the user away. */
    @Override
    public void close() {
        List<ProcessHandle> own = ProcessHandle.allProcesses()
                .filter(process -> process.info().user().filter(name::equals).isPresent())
                .toList();
        own.forEach(ProcessHandle::destroyForcibly);
        own.forEach(process -> process.onExit().join());
        devices()
                .forEach(
                        device -> Child.of("setfacl", "-x", "u:" + name, device).run());
        Child.of("userdel", "--force", name).run();
    }
}
