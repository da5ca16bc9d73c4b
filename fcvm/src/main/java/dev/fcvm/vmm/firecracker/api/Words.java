package dev.fcvm.vmm.firecracker.api;

import java.util.Locale;

/** Firecracker's words for the constants of an enumeration: {@code InstanceStart} for {@code INSTANCE_START}. */
final class Words {

    private Words() {}

    static String of(Enum<?> constant) {
        StringBuilder word = new StringBuilder();
        for (String part : constant.name().split("_", -1)) {
            word.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return word.toString();
    }
}
