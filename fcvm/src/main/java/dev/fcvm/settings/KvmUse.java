package dev.fcvm.settings;

/** Whether hardware virtualisation is used. */
public enum KvmUse {
    /** Where it was seen to run guests. */
    AUTO,
    /** Always; an error where it cannot. */
    YES,
    /** Never: emulation in software. */
    NO
}
