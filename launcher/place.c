// Where the supervisor is found, and how it is started.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcvm.h"

enum { LONGEST_RUNTIME = 75 }; // as dev.fcvm.settings.DirectoriesReader has it
enum { ANSWER_SECONDS = 60 };  // Java starts within one, but not on a host that swaps

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

// ---- settings: the environment, then .env, of which the last line wins ---------------------------------------------------

static char *unquoted(char *value) {
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t\r\n", value[length - 1])) {
        value[--length] = 0;
    }
    if (length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0]) {
        value[length - 1] = 0;
        return value + 1;
    }
    return value;
}

bool setting(const char *home, const char *name, char *value, size_t size) {
    const char *set = getenv(name);
    if (set) { // one that is empty asks for the default, whatever the file says
        return snprintf(value, size, "%s", set) < (int)size && *value;
    }
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s", variable("FCVM_ENV_FILE"));
    if (!*path) {
        snprintf(path, sizeof path, "%s/.env", home);
        if (access(path, F_OK) != 0) {
            snprintf(path, sizeof path, "%s/../.env", home);
        }
    }
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    char line[PATH_MAX + 256];
    size_t length = strlen(name);
    *value = 0;
    while (fgets(line, sizeof line, file)) {
        char *text = line + strspn(line, " \t");
        if (strncmp(text, name, length) == 0 && text[length] == '=') {
            snprintf(value, size, "%s", unquoted(text + length + 1));
        }
    }
    fclose(file);
    return *value;
}

// ---- where ----------------------------------------------------------------------------------------------------------------

static bool data_directory(struct place *place, const char *home) {
    char value[PATH_MAX];
    if (setting(home, "FCVM_DATA_DIR", value, sizeof value)) {
        place_in(place, value, strlen(value));
        return value[0] == '/';
    }
    if (variable("XDG_DATA_HOME")[0] == '/') {
        snprintf(value, sizeof value, "%s/fcvm", variable("XDG_DATA_HOME"));
    } else {
        const char *own = variable("HOME");
        struct passwd *entry = *own ? NULL : getpwuid(geteuid());
        if (entry) {
            own = entry->pw_dir;
        }
        if (*own != '/') {
            return false;
        }
        snprintf(value, sizeof value, "%s/.local/share/fcvm", own);
    }
    place_in(place, value, strlen(value));
    return true;
}

// Makes the directory, which nobody else may enter; false when it cannot be had so.
static bool is_private(const char *directory) {
    struct stat status;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return false;
    }
    return lstat(directory, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           ((status.st_mode & 07777) == 0700 || chmod(directory, 0700) == 0);
}

static bool is_own_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

static bool runtime_directory(struct place *place) {
    const char *session = variable("XDG_RUNTIME_DIR");
    char usual[64];
    snprintf(usual, sizeof usual, "/run/user/%u", (unsigned)geteuid());
    // After `sudo -E` the variable still names the other user's directory, which is not for us.
    if (session[0] == '/' && strlen(session) <= LONGEST_RUNTIME && is_own_directory(session)) {
        snprintf(place->directory, sizeof place->directory, "%s/fcvm", session);
    } else if (geteuid() == 0) {
        snprintf(place->directory, sizeof place->directory, "/run/fcvm");
    } else if (!session[0] && is_own_directory(usual)) {
        // A login that has the variable and a job that has not are to find the same supervisor.
        snprintf(place->directory, sizeof place->directory, "%s/fcvm", usual);
    } else {
        snprintf(place->directory, sizeof place->directory, "/tmp/fcvm-%u", (unsigned)geteuid());
    }
    return is_private(place->directory);
}

// Makes the option by which Java, when it crashes, leaves its report with the user's sockets: it would else lie in whatever
// directory the caller stands in. One report: of several the last stays.
void place_report(char *option, size_t size) {
    struct place place = {0};
    if (runtime_directory(&place)) {
        snprintf(option, size, "-XX:ErrorFile=%s/crash.log", place.directory);
    } else {
        snprintf(option, size, "-XX:+ErrorFileToStderr");
    }
}

static bool namespaces(struct place *place) {
    const char *const kinds[] = {"net", "mnt", "pid", "user"};
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        char path[32], name[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        ssize_t length = readlink(path, name, sizeof name - 1);
        if (length <= 0) {
            return false;
        }
        name[length] = 0;
        at += (size_t)snprintf(place->namespaces + at, sizeof place->namespaces - at, "%s%s", at ? " " : "", name);
    }
    return true;
}

static uint64_t hash(uint64_t sum, const char *text) { // FNV-1a; who is met at the place is checked besides
    do {
        sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
    } while (*text++);
    return sum;
}

// Takes this data directory, by its real path where it exists.
void place_in(struct place *place, const char *data, size_t length) {
    char text[PATH_MAX], real[PATH_MAX];
    snprintf(text, sizeof text, "%.*s", (int)length, data);
    snprintf(place->data, sizeof place->data, "%s", realpath(text, real) ? real : text);
    unsigned long long key = hash(hash(0xcbf29ce484222325, place->data), place->namespaces);
    snprintf(place->socket, sizeof place->socket, "%s/%016llx.sock", place->directory, key);
    snprintf(place->lock, sizeof place->lock, "%s/%016llx.lock", place->directory, key);
    snprintf(place->log, sizeof place->log, "%s/%016llx.log", place->directory, key);
}

bool place_find(struct place *place, const char *home) {
    return runtime_directory(place) && namespaces(place) && data_directory(place, home);
}

static bool address_of(const struct place *place, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    return snprintf(address->sun_path, sizeof address->sun_path, "%s", place->socket) < (int)sizeof address->sun_path;
}

// Returns a connection, or -1; then errno says why.
int place_connect(const struct place *place) {
    struct sockaddr_un address;
    if (!address_of(place, &address)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) != 0) {
        int why = errno;
        close(socket_);
        errno = why;
        return -1;
    }
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
        die("%s belongs to another user's process; remove it", place->socket);
    }
    return socket_;
}

// ---- the start --------------------------------------------------------------------------------------------------------------

static int take_lock(const struct place *place) {
    int lock = open(place->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (lock >= 0 && fcntl(lock, F_OFD_SETLKW, &whole) != 0) {
        if (errno != EINTR) {
            close(lock);
            return -1;
        }
    }
    return lock;
}

// Listens where nobody does; under the lock.
static int listen_at(const struct place *place) {
    struct sockaddr_un address;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || !address_of(place, &address)) {
        return -1;
    }
    unlink(place->socket);
    mode_t mask = umask(0177);
    bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 512) == 0;
    umask(mask);
    if (!bound) {
        close(listener);
        return -1;
    }
    return listener;
}

// The supervisor serves many callers: it has nothing of the one that happens to start it but who he is.
static void keep_little_of_the_environment(const struct place *place) {
    const char *const kept[] = {"HOME",          "USER",          "LOGNAME",     "XDG_RUNTIME_DIR",     "XDG_CONFIG_HOME",
                                "XDG_DATA_HOME", "FCVM_ENV_FILE", "FCVM_CONFIG", "FCVM_SUPERVISOR_IDLE"};
    enum { COUNT = sizeof kept / sizeof *kept };
    char *values[COUNT];
    for (int i = 0; i < COUNT; i++) {
        const char *value = getenv(kept[i]);
        values[i] = value ? strdup(value) : NULL;
    }
    clearenv();
    for (int i = 0; i < COUNT; i++) {
        if (values[i]) {
            setenv(kept[i], values[i], 1);
        }
    }
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("FCVM_DATA_DIR", place->data, 1);
}

static void become_supervisor(const struct place *place, const char *digest, int listener) {
    char properties[4][PATH_MAX + 64];
    snprintf(properties[0], sizeof properties[0], "-Dfcvm.supervisor.socket=%s", place->socket);
    snprintf(properties[1], sizeof properties[1], "-Dfcvm.supervisor.data=%s", place->data);
    snprintf(properties[2], sizeof properties[2], "-Dfcvm.supervisor.namespaces=%s", place->namespaces);
    snprintf(properties[3], sizeof properties[3], "-Dfcvm.supervisor.digest=%s", digest);
    // Java would else take a quarter of a gigabyte before it looks for garbage. And what runs a hundred times here does run a
    // thousand times, so that compiling it pays sooner than in a process of one command (java.args).
    const char *const given[] = {properties[0], properties[1], properties[2], properties[3], "-Xms24m", "-Xmn8m",
                                 "-XX:CompileThresholdScaling=2"};
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL); // what the caller ignores is the caller's affair
    }
    if (chdir("/") != 0 || dup2(listener, 0) != 0) {
        die("cannot start the supervisor: %s", strerror(errno));
    }
    umask(022);
    close_range(3, ~0U, 0);
    keep_little_of_the_environment(place);
    start_java("dev.fcvm/dev.fcvm.cli.SupervisorMain", given, 7);
}

static void start_beside(const struct place *place, const char *digest, int listener) {
    pid_t child = fork();
    if (child != 0) {
        while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
        return;
    }
    // A session of its own, and nobody's child: no terminal's signals, no shell that waits for it.
    setsid();
    if (fork() != 0) {
        _exit(0);
    }
    int log = open(place->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log < 0) {
        log = open("/dev/null", O_WRONLY | O_CLOEXEC); // a full disk: it serves all the same
    }
    if (log < 0 || dup2(log, 1) != 1 || dup2(log, 2) != 2) {
        _exit(FAILED);
    }
    become_supervisor(place, digest, listener);
}

// Starts a supervisor, unless somebody else just has, and connects to it; -1 when none can be had.
int place_start(const struct place *place, const char *home, const char *digest) {
    (void)home;
    if (errno != ENOENT && errno != ECONNREFUSED) {
        return -1; // one is there and does not answer
    }
    int lock = take_lock(place);
    if (lock < 0) {
        return -1;
    }
    int connection = place_connect(place);
    if (connection < 0 && (errno == ENOENT || errno == ECONNREFUSED)) {
        int listener = listen_at(place);
        if (listener >= 0) {
            // What is sent before Java is up waits in the socket.
            connection = place_connect(place);
            start_beside(place, digest, listener);
            close(listener);
        }
    }
    close(lock);
    return connection;
}

// Has a supervisor give up its place, as in an upgrade: it is greeted with a digest that is no distribution's.
static void ask_for_the_place(int supervisor) {
    unsigned char hello[5 + DIGEST] = "fcvm\1";
    memset(hello + 5, '0', DIGEST);
    struct buffer request = {0};
    frame_add(&request, HELLO, hello, sizeof hello);
    frame_add(&request, BEGIN, NULL, 0);
    static struct frame answer; // when it comes the socket is gone
    if (send(supervisor, request.bytes, request.length, MSG_NOSIGNAL) == (ssize_t)request.length) {
        frame_read(supervisor, &answer);
    }
    free(request.bytes);
}

// fcvm supervisor run: in the foreground, for a service manager. A command may have started one a moment before, as when the
// manager starts its own anew; that one ends when its commands have.
void place_serve(const char *home, const char *digest) {
    struct place place = {0};
    if (!place_find(&place, home)) {
        die("cannot tell where the supervisor's socket belongs; are HOME and /proc there?");
    }
    for (int attempt = 0; attempt < 6; attempt++) {
        int lock = take_lock(&place);
        int connection = place_connect(&place);
        if (connection < 0) {
            int listener = lock < 0 ? -1 : listen_at(&place);
            if (listener < 0) {
                die("cannot listen on %s: %s", place.socket, strerror(errno));
            }
            become_supervisor(&place, digest, listener);
            exit(FAILED);
        }
        close(lock); // the other one takes it, to remove its socket
        ask_for_the_place(connection);
        close(connection);
    }
    die("a supervisor serves already, and does not give its place up; end it with: fcvm supervisor stop");
}
