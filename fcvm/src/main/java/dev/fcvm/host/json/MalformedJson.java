package dev.fcvm.host.json;

import java.io.IOException;
import java.io.Serial;

/** It is not the document that it should be; the message says in a few words why. */
public final class MalformedJson extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Says why, in words that follow "because". */
    public MalformedJson(String why) {
        super(why);
    }

    /** The same with its cause. */
    public MalformedJson(String why, Throwable cause) {
        super(why, cause);
    }
}
