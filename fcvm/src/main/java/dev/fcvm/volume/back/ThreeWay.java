package dev.fcvm.volume.back;

/** Decides what becomes of one name, from what both sides have made of it since the start. */
enum ThreeWay {
    /** What is on the host stays. */
    KEEP,
    /** What is in the machine comes. */
    TAKE,
    /** What is on the host goes: it was deleted in the machine. */
    DELETE,
    /** Both stay, that of the machine under another name. */
    BOTH,
    /** It was deleted on the host and changed in the machine: what is in the machine comes, and that is told. */
    RESTORE,
    /** It was deleted in the machine and changed on the host: what is on the host stays, and that is told. */
    SPARE;

    /**
     * Decides.
     *
     * @param guestChanged whether the machine has it otherwise than at the start
     * @param guestHas whether the machine has it
     * @param hostChanged the same for the host
     * @param hostHas the same for the host
     */
    static ThreeWay decide(boolean guestChanged, boolean guestHas, boolean hostChanged, boolean hostHas) {
        if (!guestChanged) {
            return KEEP;
        }
        if (!hostChanged) {
            return guestHas ? TAKE : DELETE;
        }
        if (guestHas) {
            return hostHas ? BOTH : RESTORE;
        }
        return hostHas ? SPARE : KEEP;
    }
}
