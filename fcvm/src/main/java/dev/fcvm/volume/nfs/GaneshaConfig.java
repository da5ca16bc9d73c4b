package dev.fcvm.volume.nfs;

/**
 * What nfs-ganesha is told, ganesha-config(8): one export, version 4.1 alone, for the machine's guest alone. Made of numbers
 * and fixed words, no text of the user's. Not version 4.2: a guest's kernel reads by READ_PLUS there, which in nfs-ganesha 4.3
 * gives zeros in the place of data.
 *
 * @param port where it listens
 * @param writable whether anything may be changed
 * @param squashed whether everybody in the machine is this user to the file system
 * @param user whose number that is
 * @param group whose number that is
 */
record GaneshaConfig(int port, boolean writable, boolean squashed, int user, int group) {

    /** The name of the export. */
    static final String EXPORT = "/share";

    String text() {
        return """
                NFS_CORE_PARAM { Protocols = 4; NFS_Port = %d; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
                    mount_path_pseudo = true; Plugins_Dir = "/plugins"; }
                NFS_KRB5 { Active_krb5 = false; }
                NFSv4 { RecoveryBackend = fs; Graceless = true; Minor_Versions = 1; UseGetpwnam = true;
                    Only_Numeric_Owners = true; }
                MDCACHE { Entries_HWMark = 10000; }
                LOG { Default_Log_Level = CRIT; }
                EXPORT { Export_Id = 1; Path = %s; Pseudo = %s; Access_Type = %s; Squash = %s; Anonymous_Uid = %d;
                    Anonymous_Gid = %d; SecType = sys; Protocols = 4; Transports = TCP; FSAL { Name = VFS; } }
                """.formatted(
                port, EXPORT, EXPORT, writable ? "RW" : "RO", squashed ? "All_Squash" : "No_Root_Squash", user, group);
    }
}
