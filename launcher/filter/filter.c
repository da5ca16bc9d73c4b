// fcvm-filter PROGRAM [ARGUMENT]...: becomes PROGRAM, which from then on can make these system calls and no others: what a
// server of a small protocol needs (files by name, sockets, memory, time, signals), so dnsmasq, vde_switch and
// vde_plug2tap. Any other one fails as if the kernel did not have it, which libraries are prepared for. The list is for
// good: whoever has taken the program over cannot take it off (seccomp(2)).

#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "which architecture's system calls are these?"
#endif

enum { FAILED = 125 };
enum { X32 = 0x40000000 }; // the same calls by other numbers, on x86_64

static const int allowed[] = {
    // files; its root holds next to none
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_lseek, SYS_close, SYS_close_range, SYS_dup, SYS_dup3,
    SYS_fcntl, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_openat, SYS_readlinkat,
    SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_umask, SYS_mkdirat, SYS_unlinkat, SYS_fchmod, SYS_fchmodat,
    SYS_fchown, SYS_fchownat, SYS_pipe2,
    // waiting
    SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2, SYS_inotify_init1,
    SYS_inotify_add_watch, SYS_inotify_rm_watch, SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime,
    SYS_clock_getres, SYS_gettimeofday, SYS_setitimer, SYS_getitimer, SYS_restart_syscall,
    // sockets; of which families, see below
    SYS_bind, SYS_connect, SYS_listen, SYS_accept, SYS_accept4, SYS_getsockname, SYS_getpeername, SYS_getsockopt,
    SYS_setsockopt, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg, SYS_shutdown,
    // memory
    SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_set_robust_list, SYS_rseq,
    SYS_membarrier,
    // signals, and itself
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_sigaltstack, SYS_kill, SYS_tgkill,
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
    SYS_getresgid, SYS_getgroups, SYS_getpgid, SYS_setpgid, SYS_setsid, SYS_capget, SYS_capset, SYS_prctl,
    SYS_prlimit64, SYS_getrusage, SYS_sysinfo, SYS_uname, SYS_times, SYS_getrandom, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_set_tid_address, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid,
    // of the programs in its root, which are itself
    SYS_execve,
#ifdef __x86_64__
    SYS_stat, SYS_lstat, SYS_access, SYS_open, SYS_readlink, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_chmod, SYS_chown,
    SYS_pipe, SYS_dup2, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_inotify_init, SYS_alarm,
    SYS_pause, SYS_time, SYS_getpgrp, SYS_getrlimit, SYS_setrlimit, SYS_arch_prctl, SYS_vfork,
#endif
};

// The frames of a guest come by a tap and by sockets of the switch; rules and addresses by netlink.
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET };

enum { COUNT = sizeof allowed / sizeof *allowed, FAMILIES = sizeof families / sizeof *families };

static struct sock_filter code[64 + 2 * (COUNT + FAMILIES)];
static unsigned short length;

static void add(struct sock_filter instruction) { code[length++] = instruction; }

static void load(size_t offset) { add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset)); }

static void answer(unsigned action) { add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action)); }

// What follows is skipped, so many instructions of it, unless the value is this one.
static void when(int value, unsigned char skipped) {
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)value, 0, skipped));
}

static void make(void) {
    enum { REFUSED = SECCOMP_RET_ERRNO };
    size_t number = offsetof(struct seccomp_data, nr);
    // The lower half of an argument, on machines that write it first; all that the kernel reads of these.
    size_t first = offsetof(struct seccomp_data, args[0]), second = offsetof(struct seccomp_data, args[1]);
    load(offsetof(struct seccomp_data, arch));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    answer(SECCOMP_RET_KILL_PROCESS);
    load(number);
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1));
    answer(SECCOMP_RET_KILL_PROCESS);
    when(SYS_clone, 4); // a process of its own kind for each TCP question, in no namespace of its own
    load(first);
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1));
    answer(REFUSED | EPERM);
    answer(SECCOMP_RET_ALLOW);
    when(SYS_ioctl, 5); // nothing is typed for whoever started it
    load(second);
    when(TIOCSTI, 1);
    answer(REFUSED | EPERM);
    when(TIOCLINUX, 1);
    answer(REFUSED | EPERM);
    load(number);
    when(SYS_ioctl, 1);
    answer(SECCOMP_RET_ALLOW);
    when(SYS_socket, 2 + 2 * FAMILIES);
    load(first);
    for (int i = 0; i < FAMILIES; i++) {
        when(families[i], 1);
        answer(SECCOMP_RET_ALLOW);
    }
    answer(REFUSED | EAFNOSUPPORT);
    for (int i = 0; i < COUNT; i++) {
        when(allowed[i], 1);
        answer(SECCOMP_RET_ALLOW);
    }
    answer(REFUSED | ENOSYS);
}

static int fail(const char *what) {
    fprintf(stderr, "fcvm-filter: %s: %s\n", what, strerror(errno));
    return FAILED;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fputs("fcvm-filter: which program? fcvm-filter PROGRAM [ARGUMENT]...\n", stderr);
        return FAILED;
    }
    make();
    struct sock_fprog program = {.len = length, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail("cannot give up all new privileges");
    }
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        return fail("cannot filter system calls (the kernel's CONFIG_SECCOMP_FILTER)");
    }
    execvp(arguments[1], arguments + 1);
    return fail(arguments[1]);
}
