package dev.fcvm.volume.archive;

import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Where what has a path in an archive comes to lie in the directory that it is unpacked in. */
@FunctionalInterface
interface ArchivePaths {

    /** Deeper than this no tree is that a person made: each level holds a descriptor. */
    int DEEPEST = 400;

    /** What is said of an archive with more than what its reader has asked for. */
    String MORE = "more came than was asked for";

    /** Returns the names on the way to it. */
    List<String> here(List<String> path) throws IOException;

    /** Returns the names of a path. */
    static List<String> names(byte[] path) throws IOException {
        String[] names = RawText.decode(ByteBuffer.wrap(path)).split("/", -1);
        if (names.length > DEEPEST) {
            throw new IOException("it has directories deeper than " + DEEPEST + " levels");
        }
        if (names[0].isEmpty()) {
            throw new IOException("it has a file without a name");
        }
        return Arrays.asList(names);
    }

    /** Returns the name of what is at the top of an archive. */
    static String top(byte[] path) throws IOException {
        List<String> names = names(path);
        if (names.size() != 1) {
            throw new IOException(MORE);
        }
        return names.getFirst();
    }

    /**
     * What is at the top has another name here.
     *
     * @param there its name in the archive
     * @param name its name here
     */
    record Renamed(String there, String name) implements ArchivePaths {

        @Override
        public List<String> here(List<String> path) throws IOException {
            if (!path.getFirst().equals(there)) {
                throw new IOException(MORE);
            }
            String[] names = path.toArray(String[]::new);
            names[0] = name;
            return Arrays.asList(names);
        }
    }

    /**
     * What is at the top is left out.
     *
     * @param top its name
     */
    record Below(String top) implements ArchivePaths {

        @Override
        public List<String> here(List<String> path) throws IOException {
            if (path.size() < 2 || !path.getFirst().equals(top)) {
                throw new IOException(MORE);
            }
            return path.subList(1, path.size());
        }
    }
}
