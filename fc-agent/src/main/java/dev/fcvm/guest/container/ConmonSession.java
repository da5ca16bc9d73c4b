package dev.fcvm.guest.container;

import dev.fcvm.guest.system.GuestFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * conmon and what it has started: it leads a session of its own, which the command it runs at a container's end
 * ({@code podman container cleanup}) is in as well, whoever its parent is by then.
 *
 * @param files where conmon's process id and the kernel's list of processes are
 */
record ConmonSession(GuestFiles files) {

    /** Behind the name, which is in brackets and may hold anything: state, parent, group, session (proc_pid_stat(5)). */
    private static final int SESSION = 3;

    /** Kills all of it; nothing where there is none. */
    void kill() {
        String leader = content(files.conmonPid());
        if (!leader.matches("[1-9][0-9]{0,9}")) {
            return;
        }
        kill(leader);
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(files.processes(), "[0-9]*")) {
            for (Path process : processes) {
                if (leader.equals(session(content(process.resolve("stat"))))) {
                    kill(process.getFileName().toString());
                }
            }
        } catch (IOException e) {
            return; // the pipes are then given up as silent ones are
        }
    }

    private static String session(String stat) {
        String[] words = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        return words.length > SESSION ? words[SESSION] : "";
    }

    private static void kill(String process) {
        ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // has ended, or never was
        }
    }
}
