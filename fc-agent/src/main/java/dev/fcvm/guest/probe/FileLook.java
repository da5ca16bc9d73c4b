package dev.fcvm.guest.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Looks for a file of the container, whose links lead to where they lead in the container. */
public final class FileLook {

    /** As the kernel. */
    private static final int MOST_LINKS = 40;

    private FileLook() {}

    /**
     * Looks for a file.
     *
     * @param root the container's root directory, as the guest sees it
     * @param path in the container, absolute
     */
    public static Sight find(Path root, String path) {
        try {
            return exists(root, path)
                    ? new Sight(true, 0, path + " is there")
                    : new Sight(false, 0, path + " is not there yet");
        } catch (IOException failed) {
            return new Sight(false, 0, path + " cannot be looked for: " + failed.getMessage());
        }
    }

    private static boolean exists(Path root, String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>();
        push(rest, path);
        Deque<Path> way = new ArrayDeque<>();
        Path at = root;
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.pop();
            if (part.equals("..")) {
                at = way.isEmpty() ? root : way.pop();
                continue;
            }
            Path next = at.resolve(part);
            if (Files.isSymbolicLink(next)) {
                if (++links > MOST_LINKS) {
                    throw new IOException("there are too many symbolic links on the way");
                }
                String target = Files.readSymbolicLink(next).toString();
                if (target.startsWith("/")) {
                    way.clear();
                    at = root;
                }
                push(rest, target);
            } else if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                way.push(at);
                at = next;
            } else {
                return false;
            }
        }
        return true;
    }

    private static void push(Deque<String> rest, String path) {
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                rest.push(parts[i]);
            }
        }
    }
}
