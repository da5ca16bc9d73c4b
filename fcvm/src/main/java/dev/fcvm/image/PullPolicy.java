package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.Locale;

/** When an image is fetched although it may be in the store: {@code --pull} with Podman's words. */
public enum PullPolicy {
    /** Every time; it is an error when it cannot be had. */
    ALWAYS,
    /** When the store has none of that name. */
    MISSING,
    /** When the registry has another one than the store; the store's is used when the registry cannot be asked. */
    NEWER,
    /** At no time. */
    NEVER;

    /** Reads a policy's name. */
    public static PullPolicy parse(String word) throws FcvmException {
        for (PullPolicy policy : values()) {
            if (policy.name().toLowerCase(Locale.ROOT).equals(word)) {
                return policy;
            }
        }
        throw new FcvmException(
                Kind.USAGE, "--pull is \"%s\"; it must be one of: always, missing, newer, never".formatted(word));
    }
}
