package dev.fcvm.guest.system;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.util.List;
import java.util.TreeSet;

/**
 * Drivers that the kernel does not load by itself when a container opens a device: {@code /dev/kvm} is there before the
 * driver for the maker of the processor is, and {@code /dev/loop0} comes with its driver.
 */
public final class DeviceModules {

    private static final String DEVICE = "--device=/dev/";

    private DeviceModules() {}

    /**
     * Loads those of the devices that a container is to have. One that cannot be loaded is missed by whoever opens it.
     *
     * @param options arguments of {@code podman run}
     * @throws AgentException when there is no driver for {@code /dev/kvm}, for Podman could only say that the file is
     *     missing
     */
    public static void load(List<String> options, GuestFiles files, Console console) throws AgentException {
        var modules = new TreeSet<String>();
        for (String option : options) {
            String device = option.startsWith(DEVICE) ? option.substring(DEVICE.length()) : "";
            if (device.startsWith("loop") && !device.startsWith("loop-")) {
                modules.add("loop");
            } else if (option.equals("--privileged")) {
                modules.addAll(virtualization(files));
            } else if (device.equals("kvm") || device.startsWith("kvm:")) {
                List<String> driver = virtualization(files);
                if (driver.isEmpty()) {
                    throw new AgentException("cannot give the container /dev/kvm: this machine's processor shows no"
                            + " virtualization (neither svm nor vmx): use --vmm qemu --kvm no, whose processor in software"
                            + " has it");
                }
                modules.addAll(driver);
            }
        }
        for (String module : modules) {
            try {
                int code = new ProcessBuilder(files.modprobe(), "-q", module)
                        .redirectInput(Child.nothing())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start()
                        .waitFor();
                console.log("module " + module + (code == 0 ? " loaded" : " cannot be loaded"));
            } catch (IOException e) {
                console.log("module " + module + " cannot be loaded: " + Console.reason(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The driver for this machine's processor, where it runs machines in turn. */
    private static List<String> virtualization(GuestFiles files) {
        try {
            for (String line : Files.readAllLines(files.processes().resolve("cpuinfo"))) {
                if (line.startsWith("flags")) {
                    List<String> flags = List.of(line.split(" "));
                    return flags.contains("vmx")
                            ? List.of("kvm_intel")
                            : flags.contains("svm") ? List.of("kvm_amd") : List.of();
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return List.of();
    }
}
