package dev.fcvm.cli.host;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** The version of this program. */
public final class Version {

    private Version() {}

    /** Returns it as the build has written it into the module. */
    static String number() {
        return Optional.ofNullable(Version.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .orElse("of no release");
    }

    /** Returns what {@code fcvm --version} says. */
    public static String line() {
        return "fcvm version " + number();
    }
}
