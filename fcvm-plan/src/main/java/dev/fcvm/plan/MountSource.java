package dev.fcvm.plan;

/** What the agent mounts for a mapping. */
public sealed interface MountSource {

    /**
     * A disk with an ext4 file system.
     *
     * @param index which of the machine's disks it is, counted from 0, which is the base's: 3 is /dev/vdd
     */
    record Disk(int index) implements MountSource {

        /** The base, the scratch disk and the store disk come before those of mappings. */
        public static final int FIRST = 3;

        private static final int LAST = 25;

        public Disk {
            if (index < FIRST || index > LAST) {
                throw new IllegalArgumentException("mounts.disk: must be from " + FIRST + " to " + LAST);
            }
        }
    }

    /** A directory the host serves as SFTP on a stream of the link, which it tells the agent of when it is there. */
    record Sshfs() implements MountSource {}

    /**
     * A directory the host serves as NFS version 4.1.
     *
     * @param address of the server, as the guest reaches it
     * @param port of the server
     * @param export the path to mount
     */
    record Nfs(String address, int port, String export) implements MountSource {

        public Nfs {
            boolean good = !address.isEmpty() && address.length() <= 45;
            for (int i = 0; good && i < address.length(); i++) {
                good = Character.digit(address.charAt(i), 16) >= 0 || ".:".indexOf(address.charAt(i)) >= 0;
            }
            if (!good) {
                throw new IllegalArgumentException("mounts.nfs.address: must be an IP address");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("mounts.nfs.port: must be from 1 to 65535");
            }
            Checks.argument("mounts.nfs.export", export);
            if (!export.startsWith("/")) {
                throw new IllegalArgumentException("mounts.nfs.export: must be an absolute path");
            }
        }
    }
}
