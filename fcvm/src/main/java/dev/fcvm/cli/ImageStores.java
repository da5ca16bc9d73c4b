package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.settings.Settings;

/** Opens the store of images as the user's settings say. */
final class ImageStores {

    private ImageStores() {}

    static ImageStore open(Settings settings, CommandContext context) {
        return ImageStore.open(
                settings.directories().store(),
                context.environment(),
                new ImageBounds(settings.diskFloor(), settings.imageMaxSize(), settings.imageMaxFiles()));
    }
}
