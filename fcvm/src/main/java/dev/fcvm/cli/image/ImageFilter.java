package dev.fcvm.cli.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which images a list shows.
 *
 * @param names patterns of which a name must match one; none for any
 * @param dangling whether it must have no name
 * @param labels labels it must have, {@code NAME} or {@code NAME=VALUE}
 */
record ImageFilter(List<Pattern> names, Optional<Boolean> dangling, List<String> labels) {

    /** Reads the values of {@code --filter} and the name given as an argument. */
    static ImageFilter parse(List<String> filters, @Nullable String repository) throws FcvmException {
        List<Pattern> names = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        Optional<Boolean> dangling = Optional.empty();
        if (repository != null) {
            names.add(glob(repository));
        }
        for (String filter : filters) {
            String value = filter.substring(filter.indexOf('=') + 1);
            switch (filter.substring(0, Math.max(0, filter.indexOf('=')))) {
                case "reference" -> names.add(glob(value));
                case "dangling" -> dangling = Optional.of(truth(value));
                case "label" -> labels.add(value);
                default ->
                    throw new FcvmException(
                            FcvmException.Kind.USAGE,
                            "--filter is \"%s\"; it must be reference=PATTERN, dangling=BOOL or label=NAME[=VALUE]"
                                    .formatted(filter));
            }
        }
        return new ImageFilter(names, dangling, labels);
    }

    private static boolean truth(String value) throws FcvmException {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "t" -> true;
            case "false", "0", "f" -> false;
            default ->
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--filter dangling is \"%s\"; it must be true or false".formatted(value));
        };
    }

    /** A pattern as Podman's: {@code *} for anything within a part of the path, {@code ?} for one character. */
    private static Pattern glob(String text) {
        StringBuilder pattern = new StringBuilder();
        for (int index = 0; index < text.length(); index++) {
            char c = text.charAt(index);
            pattern.append(
                    switch (c) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(c));
                    });
        }
        return Pattern.compile(pattern.toString());
    }

    boolean takes(ImageView image) {
        boolean named = names.isEmpty() || image.names().stream().anyMatch(this::takesName);
        boolean tagged = dangling.isEmpty() || dangling.get() == image.dangling();
        return named && tagged && labels.stream().allMatch(label -> has(image, label));
    }

    /** Returns whether a name matches: the whole, without its tag, and without the path before its last part. */
    boolean takesName(String name) {
        String untagged = name.replaceFirst("@.*|:[^:/]*$", "");
        List<String> forms = Stream.of(name, untagged)
                .flatMap(form -> Stream.concat(Stream.of(form), shorter(form)))
                .toList();
        return names.isEmpty()
                || names.stream()
                        .anyMatch(pattern -> forms.stream()
                                .anyMatch(form -> pattern.matcher(form).matches()));
    }

    private static Stream<String> shorter(String name) {
        return Stream.iterate(name, form -> form.indexOf('/') >= 0, form -> form.substring(form.indexOf('/') + 1))
                .map(form -> form.substring(form.indexOf('/') + 1));
    }

    private static boolean has(ImageView image, String label) {
        int equals = label.indexOf('=');
        String name = equals < 0 ? label : label.substring(0, equals);
        String value = image.labels().get(name);
        return value != null && (equals < 0 || value.equals(label.substring(equals + 1)));
    }
}
