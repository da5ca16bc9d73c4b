package dev.fcvm.cli.image;

import dev.fcvm.command.CommandContext;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.settings.Settings;

/** Opens the store of images as the user's settings say. */
public final class ImageStores {

    private ImageStores() {}

    /** Opens the store of images that the settings name. */
    public static ImageStore open(Settings settings, CommandContext context) {
        return ImageStore.open(
                settings.directories().store(),
                context.environment(),
                new ImageBounds(settings.diskFloor(), settings.imageMaxSize(), settings.imageMaxFiles()));
    }
}
