package dev.fcvm.volume.secret;

import dev.fcvm.error.FcvmException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@code --secret SECRET[,OPTION=VALUE…]} as Podman reads it, and {@code --secret id=NAME,src=FILE[,…]} for one that is in
 * no store.
 */
public final class SecretFlag {

    /** A machine has so many at most: each is a message to its agent. */
    public static final int MOST = 32;

    private static final String PLACE = "/run/secrets/";
    private static final int READABLE = 0444;
    private static final int ALL_BITS = 07777;

    private final String flag;
    private String source = "";
    private String file = "";
    private Optional<Boolean> variable = Optional.empty();
    private String target = "";
    private Optional<Integer> uid = Optional.empty();
    private Optional<Integer> gid = Optional.empty();
    private Optional<Integer> mode = Optional.empty();

    private SecretFlag(String value) {
        this.flag = "--secret " + value;
    }

    /**
     * Reads all of them.
     *
     * @param paths makes a path of the caller's absolute
     * @throws FcvmException with what is wrong with which
     */
    public static List<WantedSecret> read(List<String> values, Function<String, Path> paths) throws FcvmException {
        if (values.size() > MOST) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    values.size() + " secrets are more than a machine has room for: " + MOST
                            + "; put several into one file");
        }
        List<WantedSecret> all = new ArrayList<>();
        for (String value : values) {
            WantedSecret wanted = new SecretFlag(value).parsed(value, paths);
            if (all.stream().anyMatch(other -> other.target().equals(wanted.target()))) {
                throw wrong("--secret " + value, "there are two secrets for " + wanted.target());
            }
            all.add(wanted);
        }
        return List.copyOf(all);
    }

    private WantedSecret parsed(String value, Function<String, Path> paths) throws FcvmException {
        String[] words = value.split(",", -1);
        for (int i = 0; i < words.length; i++) {
            if (i == 0 && words[0].indexOf('=') < 0) {
                source = words[0];
            } else {
                option(words[i]);
            }
        }
        if (source.isEmpty()) {
            throw wrong("no source found " + value);
        }
        boolean isVariable = variable.orElse(false);
        if (isVariable && (uid.isPresent() || gid.isPresent() || mode.isPresent())) {
            throw wrong("UID, GID, Mode options cannot be set with secret type env");
        }
        return new WantedSecret(
                source,
                file.isEmpty() ? "" : paths.apply(file).toAbsolutePath().toString(),
                isVariable,
                isVariable ? name() : place(),
                uid.orElse(0),
                gid.orElse(0),
                mode.orElse(READABLE));
    }

    private void option(String word) throws FcvmException {
        int equals = word.indexOf('=');
        if (equals < 0) {
            throw wrong("option " + word + " must be in form option=value");
        }
        String value = word.substring(equals + 1);
        switch (word.substring(0, equals)) {
            case "source", "id" -> source = value;
            case "src" -> file = value;
            case "type" -> type(value);
            case "target", "dst" -> target = value;
            case "uid" -> uid = Optional.of(number(value, 10, "UID"));
            case "gid" -> gid = Optional.of(number(value, 10, "GID"));
            case "mode" -> mode = Optional.of(number(value, 8, "mode"));
            default -> throw wrong("option " + word + " invalid");
        }
    }

    private void type(String value) throws FcvmException {
        if (variable.isPresent()) {
            throw wrong("cannot set more than one secret type");
        }
        variable = switch (value) {
            case "mount" -> Optional.of(false);
            case "env" -> Optional.of(true);
            default -> throw wrong("type " + value + " is invalid");
        };
    }

    private int number(String value, int base, String what) throws FcvmException {
        try {
            int number = Integer.parseInt(value, base);
            if (number >= 0 && value.charAt(0) != '+' && (base != 8 || number <= ALL_BITS)) {
                return number;
            }
        } catch (NumberFormatException none) {
            throw wrong(what + " " + value + " invalid", none);
        }
        throw wrong(what + " " + value + " invalid");
    }

    private String name() throws FcvmException {
        String name = target.isEmpty() ? source : target;
        if (name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw wrong("\"" + name + "\" is no name of a variable");
        }
        return name;
    }

    private String place() throws FcvmException {
        Path place = Path.of(PLACE).resolve(target.isEmpty() ? source : target);
        if (place.equals(Path.of("/")) || !place.equals(place.normalize())) {
            throw wrong("target \"" + target + "\" is no path of a file");
        }
        return place.toString();
    }

    private FcvmException wrong(String why) {
        return wrong(flag, why);
    }

    private FcvmException wrong(String why, Exception cause) {
        return new FcvmException(FcvmException.Kind.USAGE, flag + ": " + why + ": parsing secret", cause);
    }

    private static FcvmException wrong(String flag, String why) {
        return new FcvmException(FcvmException.Kind.USAGE, flag + ": " + why + ": parsing secret");
    }
}
