// The terminal on standard input: raw, and back on every way out, kill -9 included.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "fcvm.h"

static struct termios before, raw;
static bool is_raw;
static int guard = -1; // the pipe to the process that sets the terminal back when this one is killed

bool terminal_is_raw(void) { return is_raw; }

// Waits for this process's end. A byte on the pipe says that there is nothing left to do.
static void guard_terminal(int pipe) {
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_IGN); // SIGTTOU as well: it is no more in the foreground
    }
    setpgid(0, 0);
    close_range(3, (unsigned)pipe - 1, 0);
    close_range((unsigned)pipe + 1, ~0U, 0);
    close(1);
    close(2);
    char done;
    ssize_t count;
    while ((count = read(pipe, &done, 1)) < 0 && errno == EINTR) {
    }
    struct termios now;
    // Who has set it otherwise since, a shell say, is right.
    if (count == 0 && tcgetattr(0, &now) == 0 && now.c_lflag == raw.c_lflag && now.c_iflag == raw.c_iflag) {
        tcsetattr(0, TCSANOW, &before);
    }
    _exit(0);
}

static void start_guard(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            guard_terminal(ends[0]);
        }
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    close(ends[0]);
    guard = ends[1];
}

// Again after the process was stopped, too, if the shell has set it otherwise: that is then what is set back.
void terminal_raw(void) {
    struct termios now;
    if (tcgetattr(0, &now) != 0 || (is_raw && now.c_lflag == raw.c_lflag && now.c_iflag == raw.c_iflag)) {
        return;
    }
    before = raw = now;
    cfmakeraw(&raw);
    if (guard < 0) {
        start_guard();
    }
    is_raw = true;
    while (tcsetattr(0, TCSANOW, &raw) != 0 && errno == EINTR) {
    }
}

void terminal_restore(void) {
    if (!is_raw) {
        return;
    }
    is_raw = false;
    sigset_t output, old;
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU); // which would stop a process in the background
    sigprocmask(SIG_BLOCK, &output, &old);
    while (tcsetattr(0, TCSANOW, &before) != 0 && errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (guard >= 0) {
        (void)!write(guard, "", 1);
        close(guard);
        guard = -1;
    }
}
