package dev.fcvm.host.ext4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Access control lists: programs see another form of them than lies on a disk of ext4. */
final class AccessList {

    private static final int DISK_VERSION = 1;
    private static final int VERSION = 2;
    private static final int USER = 0x02;
    private static final int GROUP = 0x08;

    private AccessList() {}

    /** From the form that programs see. */
    static byte[] toDisk(byte[] list) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        if (list.length % 8 != 4 || from.getInt() != VERSION) {
            throw new IOException("its access control list is of a form that is not known");
        }
        ByteBuffer disk = ByteBuffer.allocate(list.length).order(ByteOrder.LITTLE_ENDIAN);
        disk.putInt(DISK_VERSION);
        while (from.hasRemaining()) {
            short tag = from.getShort();
            disk.putShort(tag).putShort(from.getShort());
            int id = from.getInt();
            if (tag == USER || tag == GROUP) {
                disk.putInt(id);
            }
        }
        byte[] bytes = new byte[disk.position()];
        disk.get(0, bytes);
        return bytes;
    }

    /** To the form that programs see. */
    static byte[] fromDisk(byte[] list) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        if (list.length < 4 || list.length % 4 != 0 || from.getInt() != DISK_VERSION) {
            throw new IOException("its access control list is damaged");
        }
        ByteBuffer program = ByteBuffer.allocate(list.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        program.putInt(VERSION);
        while (from.hasRemaining()) {
            short tag = from.getShort();
            program.putShort(tag).putShort(from.getShort());
            boolean named = tag == USER || tag == GROUP;
            if (named && !from.hasRemaining()) {
                throw new IOException("its access control list is damaged");
            }
            program.putInt(named ? from.getInt() : -1);
        }
        byte[] bytes = new byte[program.position()];
        program.get(0, bytes);
        return bytes;
    }
}
