package dev.fcvm.vmm.select;

import dev.fcvm.vmm.Vmm;

/**
 * The monitor that boots machines.
 *
 * @param vmm the monitor
 * @param reason one line for the user: what was chosen, and why
 * @param fellBack whether it is the second best, taken where the user left the choice
 */
public record VmmChoice(Vmm vmm, String reason, boolean fellBack) {}
