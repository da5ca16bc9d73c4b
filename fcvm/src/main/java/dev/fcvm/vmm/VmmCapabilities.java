package dev.fcvm.vmm;

/**
 * What a monitor can do here, so that nobody has to ask which one it is.
 *
 * @param hardware whether it runs guests on the processor itself, by KVM; else it emulates one, some ten times slower
 * @param pause whether a machine can be paused and go on
 * @param snapshots whether a machine can be saved and made anew of what was saved
 * @param otherDisks whether a machine that was saved can go on with disks of other sizes
 * @param announcesDisks whether its guest hears of them then; else the guest has to look
 * @param memoryHotPlug whether there are versions of it in which a running machine can be given memory
 */
public record VmmCapabilities(
        boolean hardware,
        boolean pause,
        boolean snapshots,
        boolean otherDisks,
        boolean announcesDisks,
        boolean memoryHotPlug) {}
