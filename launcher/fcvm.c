// fcvm: hands a command to the supervisor, which runs it, and carries its streams, signals and terminal.
//
// docs/launcher-protocol.md has the frames. Where there is to be no supervisor (FCVM_SUPERVISOR=off), or the supervisor
// will not have the command, Java is started in this very process, as scripts/launcher.sh does it: the arguments go
// through a pipe, since a command line can be read by every user of the host, and the signals are blocked, so that
// Java reads them from a signalfd.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "fcvm.h"

extern char **environ;

static char home[PATH_MAX];    // where the distribution is
static char digest[DIGEST + 1]; // which one it is
static char **words;           // copies of the arguments, the program's name not among them
static int word_count;

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    terminal_restore();
    fputs("Error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(FAILED);
}

// ---- what this process was given --------------------------------------------------------------------------------------

// What is opened next would else become what is written to.
static void open_closed_descriptors(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor ? O_WRONLY : O_RDONLY) != descriptor) {
            _exit(FAILED);
        }
    }
}

static void find_home(void) {
    ssize_t length = readlink("/proc/self/exe", home, sizeof home - 1);
    if (length <= 0) {
        die("cannot read /proc/self/exe: %s; is /proc mounted?", strerror(errno));
    }
    home[length] = 0;
    for (int up = 0; up < 2; up++) { // bin/fcvm
        char *slash = strrchr(home, '/');
        if (slash) {
            *slash = 0;
        }
    }
}

// Reads a small file below the distribution; returns its length, or -1.
static ssize_t read_home_file(const char *name, char *into, size_t size) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", home, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    ssize_t length = read(file, into, size - 1);
    close(file);
    into[length < 0 ? 0 : length] = 0;
    return length;
}

static bool is_environment_flag(const char *word) {
    return strncmp(word, "--", 2) == 0 ? strcmp(word, "--env") == 0
                                       : word[0] == '-' && word[1] && word[strlen(word) - 1] == 'e';
}

static void blank_after(char *text, char mark) {
    char *value = strchr(text, mark);
    if (value) {
        memset(value + 1, 0, strlen(value + 1));
    }
}

// Keeps copies, and clears the values of -e NAME=VALUE from the command line, which every user of the host can read.
static void take_words(int count, char **given) {
    word_count = count > 0 ? count - 1 : 0;
    words = calloc((size_t)word_count + 1, sizeof *words);
    for (int i = 0; words && i < word_count; i++) {
        words[i] = strdup(given[i + 1]);
        if (!words[i]) {
            words = NULL;
        }
    }
    if (!words) {
        die("there is not enough memory for the command line");
    }
    for (int i = 0; i < word_count; i++) {
        char *word = given[i + 1];
        char *joined = strncmp(word, "--", 2) == 0 ? strstr(word, "--env=") : word[0] == '-' ? strchr(word, 'e') : NULL;
        if (i > 0 && is_environment_flag(words[i - 1])) {
            blank_after(word, '=');
        } else if (joined && strchr(joined, '=')) {
            blank_after(joined + (joined[0] == '-' ? strlen("--env=") : 1), '=');
        }
    }
}

// ---- the command in this process --------------------------------------------------------------------------------------

// Java and a machine have some 100 files open; Java reserves addresses that it does not use; a machine's disk has some GiB.
static void refuse_tight_limits(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < (1UL << 30)) {
        die("fcvm needs 1048576 KiB of data, and your limit is %ju: lift it with: ulimit -d unlimited",
            (uintmax_t)limit.rlim_cur / 1024);
    }
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < (1UL << 30)) {
        die("fcvm writes files of 1048576 KiB and more, and your limit is %ju: lift it with: ulimit -f unlimited",
            (uintmax_t)limit.rlim_cur / 1024);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < 256) {
        die("fcvm needs 256 open files, and your limit is %ju: raise it with: ulimit -n 1024", (uintmax_t)limit.rlim_cur);
    }
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < (8UL << 30)) {
        die("fcvm needs 8388608 KiB of address space, and your limit is %ju: lift it with: ulimit -v unlimited",
            (uintmax_t)limit.rlim_cur / 1024);
    }
}

// The signals that Java reads from a signalfd: one that comes before it does waits.
static void block_signals_for_java(void) {
    const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaddset(&blocked, numbers[i]);
    }
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    signal(SIGPIPE, SIG_DFL);
}

void start_java(const char *class_name, const char *const *properties, int count) {
    char java[PATH_MAX + 64], options[PATH_MAX + 64], cache[PATH_MAX + 64], report[320];
    snprintf(java, sizeof java, "%s/lib/runtime/bin/java", home);
    snprintf(options, sizeof options, "@%s/lib/java.args", home);
    snprintf(cache, sizeof cache, "-XX:AOTCache=%s/lib/fcvm.aot", home);
    place_report(report, sizeof report);
    char *line[16] = {java, options, cache, report};
    int at = 4;
    for (int i = 0; i < count && at < 13; i++) {
        line[at++] = (char *)properties[i];
    }
    line[at++] = "-m";
    line[at++] = (char *)class_name;
    line[at] = NULL;
    // HotSpot suspends threads with SIGUSR2, which is the container's.
    setenv("_JAVA_SR_SIGNUM", "16", 1);
    setenv("FCVM_HOME", home, 1);
    block_signals_for_java();
    execv(java, line);
    die("cannot start %s: %s; is the distribution whole?", java, strerror(errno));
}

// Each argument as a netstring, in a file without a name: dev.fcvm.cli.HandedArguments reads it.
static int hand_over_words(void) {
    int file = memfd_create("arguments", 0);
    FILE *out = file < 0 ? NULL : fdopen(dup(file), "w");
    if (!out) {
        die("cannot hand the command line over: %s", strerror(errno));
    }
    for (int i = 0; i < word_count; i++) {
        fprintf(out, "%zu:%s,", strlen(words[i]), words[i]);
    }
    if (fclose(out) != 0) {
        die("cannot hand the command line over: %s", strerror(errno));
    }
    lseek(file, 0, SEEK_SET);
    return file;
}

static void run_here(void) {
    refuse_tight_limits();
    char path[PATH_MAX + 64];
    if (!getcwd(path, sizeof path)) {
        // Names in a directory that has been deleted mean nothing: those in an empty one mean the same.
        snprintf(path, sizeof path, "%s/lib/nowhere", home);
        if (chdir(path) != 0 && chdir("/") != 0) {
            die("cannot leave a directory that is gone: %s", strerror(errno));
        }
    }
    // For Java names of files are what the locale says; here they are UTF-8, as in the supervisor.
    const char *locale = getenv("LC_ALL");
    setenv("FCVM_CALLER_LC_ALL", locale ? locale : "", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    // Meant for the user's own Java; this one would say on standard error that it has picked them up, or not start.
    const char *const of_java[] = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"};
    for (size_t i = 0; i < sizeof of_java / sizeof *of_java; i++) {
        const char *value = getenv(of_java[i]);
        if (value) {
            char name[64];
            snprintf(name, sizeof name, "FCVM_CALLER_%s", of_java[i]);
            setenv(name, value, 1);
            unsetenv(of_java[i]);
        }
    }
    char arguments[64];
    snprintf(arguments, sizeof arguments, "-Dfcvm.arguments=/proc/self/fd/%d", hand_over_words());
    const char *properties[] = {arguments};
    start_java("dev.fcvm/dev.fcvm.cli.Main", properties, 1);
}

// ---- the request --------------------------------------------------------------------------------------------------------

static void put(struct buffer *to, char tag, const void *bytes, size_t length) {
    unsigned char head[5] = {(unsigned char)tag};
    put_number(head + 1, (uint32_t)length);
    buffer_add(to, head, sizeof head);
    buffer_add(to, bytes, length);
}

// Returns false when it is larger than the supervisor takes.
static bool write_request(struct buffer *to, const struct place *place) {
    struct buffer body = {0};
    unsigned char number[4], terminal[5] = {0};
    char directory[PATH_MAX];
    struct winsize size = {0};
    for (int i = 0; i < word_count; i++) {
        put(&body, 'a', words[i], strlen(words[i]));
    }
    for (char **variable = environ; *variable; variable++) {
        put(&body, 'e', *variable, strlen(*variable));
    }
    if (!getcwd(directory, sizeof directory) || directory[0] != '/') {
        snprintf(directory, sizeof directory, "%.4000s/lib/nowhere", home);
    }
    put(&body, 'd', directory, strlen(directory));
    put(&body, 'h', home, strlen(home));
    put(&body, 'n', place->namespaces, strlen(place->namespaces));
    mode_t mask = umask(0);
    umask(mask);
    put_number(number, mask);
    put(&body, 'u', number, sizeof number);
    put_number(number, (uint32_t)getpid());
    put(&body, 'p', number, sizeof number);
    terminal[0] = (unsigned char)((isatty(0) ? 1 : 0) | (isatty(1) ? 2 : 0) | (isatty(2) ? 4 : 0));
    if (terminal[0] & 1 && ioctl(0, TIOCGWINSZ, &size) == 0) {
        put_short(terminal + 1, size.ws_col);
        put_short(terminal + 3, size.ws_row);
    }
    put(&body, 't', terminal, sizeof terminal);
    unsigned char hello[5 + DIGEST] = "fcvm\1";
    memcpy(hello + 5, digest, DIGEST);
    frame_add(to, HELLO, hello, sizeof hello);
    for (size_t at = 0; at < body.length; at += LARGEST) {
        size_t part = body.length - at < LARGEST ? body.length - at : LARGEST;
        frame_add(to, REQUEST, body.bytes + at, part);
    }
    frame_add(to, BEGIN, NULL, 0);
    bool fits = body.length <= MOST_REQUEST;
    free(body.bytes);
    return fits;
}

static bool send_all(int to, const struct buffer *from) {
    for (size_t sent = 0; sent < from->length;) {
        ssize_t count = send(to, from->bytes + sent, from->length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        sent += count < 0 ? 0 : (size_t)count;
    }
    return true;
}

// Java beside this process, for this one command: the terminal is looked after here.
static void run_beside(void) {
    refuse_tight_limits();
    int ends[2];
    struct place place = {0};
    struct buffer request = {0};
    if (!write_request(&request, &place) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return;
    }
    pid_t child = fork();
    if (child < 0) {
        die("cannot start a process: %s", strerror(errno));
    }
    if (child == 0) {
        if (dup2(ends[1], 0) != 0) {
            _exit(FAILED);
        }
        start_java("dev.fcvm/dev.fcvm.cli.SupervisorMain", NULL, 0);
    }
    close(ends[1]);
    struct frame answer = {0};
    if (!send_all(ends[0], &request) || !frame_read(ends[0], &answer) || answer.type != WELCOME) {
        die("Java ended before it had begun");
    }
    exit(carry(ends[0]));
}

static bool is_off(void) {
    char value[64];
    return setting(home, "FCVM_SUPERVISOR", value, sizeof value) && strcmp(value, "off") == 0;
}

// Finds a supervisor that takes the command, starting it where there is none; returns when there will be none.
static void run_there(void) {
    struct place place = {0};
    if (!place_find(&place, home)) {
        return;
    }
    // None is started only to be looked at or ended.
    bool start = word_count == 0 || strcmp(words[0], "supervisor") != 0;
    for (int attempt = 0; attempt < 6; attempt++) {
        int supervisor = place_connect(&place);
        if (supervisor < 0 && start) {
            int why = errno;
            refuse_tight_limits();
            errno = why;
            supervisor = place_start(&place, home, digest);
        }
        if (supervisor < 0) {
            return;
        }
        struct buffer request = {0};
        if (!write_request(&request, &place)) {
            return; // as long as the kernel takes it, it is run, and here nothing else limits it
        }
        struct frame answer = {0};
        bool answered = send_all(supervisor, &request) && frame_read(supervisor, &answer);
        bool hangs = !answered && errno == EAGAIN;
        free(request.bytes);
        if (answered && answer.type == WELCOME) {
            exit(carry(supervisor));
        }
        close(supervisor);
        if (answered && answer.type == YOURSELF) {
            return;
        }
        if (answered && answer.type == ELSEWHERE) {
            place_in(&place, (const char *)answer.payload, answer.length);
        }
        if (hangs) {
            break;
        }
        // AGAIN, or one that ended at this very moment: another is found or started.
    }
    fputs("fcvm: no supervisor takes the command; it is run without one\n", stderr);
}

int main(int count, char **given) {
    open_closed_descriptors();
    find_home();
    take_words(count, given);
    if (word_count == 1 && strcmp(words[0], "--version") == 0) {
        char line[256]; // what never changes in a distribution needs nobody to be asked
        ssize_t length = read_home_file("lib/version", line, sizeof line);
        if (length > 0) {
            if (write(1, line, (size_t)length) != length) {
                die("cannot write the output");
            }
            return 0;
        }
    }
    bool known = read_home_file(".digest", digest, sizeof digest) == DIGEST;
    if (known && geteuid() == getuid() && getegid() == getgid() && !is_off()) {
        if (word_count == 2 && strcmp(words[0], "supervisor") == 0 && strcmp(words[1], "run") == 0) {
            place_serve(home, digest);
        }
        run_there();
    }
    bool asks = word_count > 0 && strcmp(words[0], "init") == 0; // its scripts may, on the terminal
    if (isatty(0) && !asks) {
        run_beside();
    }
    run_here();
}
