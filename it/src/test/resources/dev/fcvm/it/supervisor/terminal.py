#!/usr/bin/env python3
"""terminal.py SOCKET LAUNCHER CASE: plays a supervisor to a launcher on a pseudo-terminal, and looks at the terminal.

A session leader stands for the shell: it starts the launcher as a job in the foreground, and sees the terminal after it.
Prints "ok", or says what is wrong and exits with 1.
"""
import os, pty, select, signal, socket, struct, subprocess, sys, termios, time, fcntl

SOCKET, LAUNCHER, CASE = sys.argv[1:4]
HELLO, REQUEST, BEGIN, INPUT, SIGNAL, SIZE = 1, 2, 3, 4, 8, 9
WELCOME, OUTPUT, WANTED, RAW, EXIT = 32, 36, 38, 39, 40
DEADLINE = 20


def fail(what):
    print(what)
    sys.exit(1)


def until(what, condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            fail("not reached: " + what)
        time.sleep(0.005)


class Supervisor:
    """The supervisor's end of one connection."""

    def __init__(self):
        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(SOCKET)
        self.listener.listen(1)
        self.listener.settimeout(DEADLINE)

    def accept(self):
        self.connection = self.listener.accept()[0]
        self.connection.settimeout(DEADLINE)
        while self.receive()[0] != BEGIN:
            pass
        self.send(WELCOME)

    def whole(self, count):
        data = b""
        while len(data) < count:
            more = self.connection.recv(count - len(data))
            if not more:
                fail("the launcher has hung up")
            data += more
        return data

    def receive(self):
        kind, length = struct.unpack(">BI", self.whole(5))
        return kind, self.whole(length)

    def expect(self, kind):
        while True:
            got, payload = self.receive()
            if got == kind:
                return payload

    def send(self, kind, payload=b""):
        self.connection.sendall(struct.pack(">BI", kind, len(payload)) + payload)


def is_raw(terminal):
    return not termios.tcgetattr(terminal)[3] & termios.ICANON


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def start(slave):
    """As a shell does: a process group of its own, in the foreground."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(slave, os.getpid())
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.execv(LAUNCHER, [LAUNCHER, "ps"])
    return child


def main():
    supervisor = Supervisor()
    master, slave = pty.openpty()
    if os.getsid(0) != os.getpid():
        os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    before = termios.tcgetattr(slave)
    child = start(slave)
    supervisor.accept()
    supervisor.send(RAW, b"\1")
    until("a raw terminal", lambda: is_raw(slave))
    code = None

    if CASE == "exit":
        supervisor.send(EXIT, b"\7")
        code = 7
    elif CASE == "gone":
        supervisor.connection.close()
        code = 125
    elif CASE == "nonsense":
        supervisor.send(99)
        code = 125
    elif CASE == "cooked":
        supervisor.send(RAW, b"\0")
        until("a terminal as before", lambda: not is_raw(slave))
        supervisor.send(EXIT, b"\0")
        code = 0
    elif CASE == "killed":
        os.kill(child, signal.SIGKILL)
        code = -9
    elif CASE == "keys":
        supervisor.send(WANTED, struct.pack(">I", 100))
        os.write(master, b"\x03\x1a\r")  # Ctrl-C, Ctrl-Z and Enter are keys like others
        keys = b""
        while len(keys) < 3:
            keys += supervisor.expect(INPUT)
        if keys != b"\x03\x1a\r":
            fail("other keys arrived: %r" % keys)
        supervisor.send(EXIT, b"\0")
        code = 0
    elif CASE == "resize":
        resize(slave, 132, 50)
        if struct.unpack(">HH", supervisor.expect(SIZE)) != (132, 50):
            fail("another size arrived")
        supervisor.send(EXIT, b"\0")
        code = 0
    elif CASE == "stop":
        os.kill(child, signal.SIGTSTP)
        pid, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            fail("it has not stopped")
        if is_raw(slave):
            fail("the terminal is raw while the launcher is stopped")
        resize(slave, 90, 30)
        os.kill(child, signal.SIGCONT)
        until("a raw terminal again", lambda: is_raw(slave))
        if struct.unpack(">HH", supervisor.expect(SIZE)) != (90, 30):
            fail("another size arrived after the stop")
        supervisor.send(EXIT, b"\0")
        code = 0
    elif CASE == "signal":
        os.kill(child, signal.SIGTERM)
        if supervisor.expect(SIGNAL) != bytes([signal.SIGTERM]):
            fail("another signal arrived")
        supervisor.send(EXIT, bytes([143]))
        code = 143
    else:
        fail("no such case: " + CASE)

    status = os.waitpid(child, 0)[1]
    ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    if ended != code:
        fail("it ended with %d" % ended)
    until("the terminal as it was before", lambda: termios.tcgetattr(slave) == before)
    print("ok")


main()
