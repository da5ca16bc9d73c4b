package dev.fcvm.error;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says in people's words why a file could not be used; Java says only the file's name where the reason is common. */
public final class IoReason {

    private IoReason() {}

    /** Returns the reason, without the file's name where Java tells them apart. */
    public static String of(IOException failure) {
        String message = failure.getMessage();
        return switch (failure) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a directory";
            case FileAlreadyExistsException _ -> "there is something of that name already";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> message == null || message.isEmpty() ? failure.getClass().getSimpleName() : message;
        };
    }
}
