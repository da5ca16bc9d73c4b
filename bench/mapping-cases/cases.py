#!/usr/bin/env python3
"""cases.py DIRECTORY [--large]: what POSIX promises of a directory, tried in one; a line for each case, and the score.

A case that fails says how. With --large also 100,000 small files and a sparse file of 4 GB."""
import errno
import fcntl
import mmap
import multiprocessing
import os
import socket
import sqlite3
import stat
import sys
import time

top = os.path.abspath(sys.argv[1])
cases = []


def case(function):
    cases.append(function)
    return function


def put(name, content=b"content"):
    with open(name, "wb") as out:
        out.write(content)


def get(name):
    with open(name, "rb") as file:
        return file.read()


def same(seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{seen!r} instead of {wanted!r}")


def fails(number, function, *arguments):
    try:
        function(*arguments)
    except OSError as failure:
        same(errno.errorcode.get(failure.errno), errno.errorcode[number])
        return
    raise AssertionError("it is not refused")


@case
def open_makes_a_file_with_the_mode_that_is_asked_for():
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o640))
    same(stat.S_IMODE(os.stat("f").st_mode), 0o640)


@case
def open_exclusive_refuses_a_file_that_is_there():
    put("f")
    fails(errno.EEXIST, os.open, "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)


@case
def open_exclusive_refuses_a_dangling_link():
    os.symlink("none", "l")
    fails(errno.EEXIST, os.open, "l", os.O_CREAT | os.O_EXCL | os.O_WRONLY)


@case
def open_truncates():
    put("f")
    os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))
    same(os.stat("f").st_size, 0)


@case
def open_of_what_is_not_there():
    fails(errno.ENOENT, os.open, "none", os.O_RDONLY)


@case
def open_of_a_directory_for_writing():
    os.mkdir("d")
    fails(errno.EISDIR, os.open, "d", os.O_WRONLY)


@case
def open_below_a_file():
    put("f")
    fails(errno.ENOTDIR, os.open, "f/x", os.O_RDONLY)


@case
def open_without_following_a_link():
    os.symlink("f", "l")
    fails(errno.ELOOP, os.open, "l", os.O_RDONLY | os.O_NOFOLLOW)


@case
def links_that_lead_to_each_other():
    os.symlink("b", "a")
    os.symlink("a", "b")
    fails(errno.ELOOP, os.open, "a", os.O_RDONLY)


@case
def a_name_of_255_bytes():
    put("x" * 255)
    same(os.listdir("."), ["x" * 255])


@case
def a_name_of_256_bytes():
    fails(errno.ENAMETOOLONG, os.open, "x" * 256, os.O_CREAT | os.O_WRONLY)


@case
def a_name_that_is_no_utf8():
    put(b"\xff\xfe")
    same(os.listdir(b"."), [b"\xff\xfe"])


@case
def a_name_with_a_line_end():
    put("a\nb")
    same(os.listdir("."), ["a\nb"])


@case
def write_and_read():
    put("f", b"x" * 1000003)
    same(get("f"), b"x" * 1000003)


@case
def write_in_the_middle():
    put("f", b"aaaa")
    file = os.open("f", os.O_RDWR)
    os.pwrite(file, b"bb", 1)
    same(os.pread(file, 10, 0), b"abba")
    os.close(file)


@case
def write_beyond_the_end_makes_a_hole():
    put("f", b"")
    file = os.open("f", os.O_RDWR)
    os.pwrite(file, b"x", 1 << 20)
    os.close(file)
    same(get("f")[:4], b"\0" * 4)
    same(os.stat("f").st_size, (1 << 20) + 1)


@case
def append_goes_to_the_end_whoever_has_written():
    put("f", b"a")
    first = os.open("f", os.O_WRONLY | os.O_APPEND)
    second = os.open("f", os.O_WRONLY | os.O_APPEND)
    os.write(first, b"b")
    os.write(second, b"c")
    os.write(first, b"d")
    os.close(first)
    os.close(second)
    same(get("f"), b"abcd")


@case
def truncate_and_extend():
    put("f", b"abcdef")
    os.truncate("f", 3)
    os.truncate("f", 5)
    same(get("f"), b"abc\0\0")


@case
def truncate_of_an_open_file():
    put("f", b"abcdef")
    file = os.open("f", os.O_RDWR)
    os.ftruncate(file, 2)
    same(os.fstat(file).st_size, 2)
    os.close(file)


@case
def a_file_that_is_removed_stays_as_long_as_it_is_open():
    put("f", b"still")
    file = os.open("f", os.O_RDWR)
    os.unlink("f")
    same(os.pread(file, 10, 0), b"still")
    os.pwrite(file, b"S", 0)
    same(os.pread(file, 10, 0), b"Still")
    os.close(file)
    same(os.listdir("."), [])


@case
def removed_and_made_anew_are_two_files():
    put("f", b"old")
    file = os.open("f", os.O_RDONLY)
    os.unlink("f")
    put("f", b"new")
    same(os.read(file, 10), b"old")
    os.close(file)


@case
def unlink_of_a_directory():
    os.mkdir("d")
    try:
        os.unlink("d")
    except OSError as failure:
        same(failure.errno in (errno.EISDIR, errno.EPERM), True)


@case
def rmdir_of_one_that_is_not_empty():
    os.mkdir("d")
    put("d/f")
    fails(errno.ENOTEMPTY, os.rmdir, "d")


@case
def rmdir_of_a_file():
    put("f")
    fails(errno.ENOTDIR, os.rmdir, "f")


@case
def mkdir_of_what_is_there():
    os.mkdir("d")
    fails(errno.EEXIST, os.mkdir, "d")


@case
def mkdir_with_the_mode_that_is_asked_for():
    os.mkdir("d", 0o711)
    same(stat.S_IMODE(os.stat("d").st_mode), 0o711)


@case
def a_directory_counts_those_below():
    os.mkdir("d")
    os.mkdir("d/a")
    os.mkdir("d/b")
    same(os.stat("d").st_nlink, 4)


@case
def a_new_directory_in_one_that_hands_its_group_on():
    os.mkdir("d")
    os.chown("d", -1, 4321)
    os.chmod("d", 0o2775)
    put("d/f")
    same(os.stat("d/f").st_gid, 4321)


@case
def rename_replaces():
    put("a", b"new")
    put("b", b"old")
    os.rename("a", "b")
    same((get("b"), os.listdir(".")), (b"new", ["b"]))


@case
def rename_of_a_directory_with_what_is_in_it():
    os.mkdir("a")
    put("a/f")
    os.rename("a", "b")
    same(get("b/f"), b"content")


@case
def rename_over_an_empty_directory():
    os.mkdir("a")
    os.mkdir("b")
    os.rename("a", "b")
    same(os.listdir("."), ["b"])


@case
def rename_over_a_full_directory():
    os.mkdir("a")
    os.mkdir("b")
    put("b/f")
    fails(errno.ENOTEMPTY, os.rename, "a", "b")


@case
def rename_of_a_file_over_a_directory():
    put("f")
    os.mkdir("d")
    fails(errno.EISDIR, os.rename, "f", "d")


@case
def rename_of_a_directory_over_a_file():
    put("f")
    os.mkdir("d")
    fails(errno.ENOTDIR, os.rename, "d", "f")


@case
def rename_into_itself():
    os.mkdir("d")
    fails(errno.EINVAL, os.rename, "d", "d/below")


@case
def rename_of_an_open_file():
    put("a", b"x")
    file = os.open("a", os.O_RDWR)
    os.rename("a", "b")
    os.write(file, b"y")
    os.close(file)
    same(get("b"), b"y")


@case
def hard_link_is_the_same_file():
    put("a")
    os.link("a", "b")
    same(os.stat("a").st_ino == os.stat("b").st_ino, True)


@case
def hard_link_counts():
    put("a")
    os.link("a", "b")
    same(os.stat("a").st_nlink, 2)


@case
def hard_link_shows_what_is_written_by_the_other_name():
    put("a")
    os.link("a", "b")
    put("b", b"changed")
    same(get("a"), b"changed")


@case
def hard_link_over_what_is_there():
    put("a")
    put("b")
    fails(errno.EEXIST, os.link, "a", "b")


@case
def hard_link_of_a_directory():
    os.mkdir("d")
    fails(errno.EPERM, os.link, "d", "e")


@case
def hard_link_of_a_link():
    os.symlink("none", "l")
    os.link("l", "m", follow_symlinks=False)
    same(os.readlink("m"), "none")


@case
def symbolic_link_says_where_it_leads():
    os.symlink("/some/where/\u00e4", "l")
    same(os.readlink("l"), "/some/where/\u00e4")


@case
def symbolic_link_of_4000_bytes():
    os.symlink("x" * 4000, "l")
    same(len(os.readlink("l")), 4000)


@case
def symbolic_link_is_followed():
    put("f")
    os.symlink("f", "l")
    same(get("l"), b"content")


@case
def chmod_keeps_all_bits():
    put("f")
    os.chmod("f", 0o1751)
    same(stat.S_IMODE(os.stat("f").st_mode), 0o1751)


@case
def chmod_sets_the_bits_for_user_and_group():
    put("f")
    os.chmod("f", 0o6755)
    same(stat.S_IMODE(os.stat("f").st_mode), 0o6755)


@case
def chown_takes_the_set_user_bit_away():
    put("f")
    os.chmod("f", 0o4755)
    os.chown("f", 12, 34)
    same(stat.S_IMODE(os.stat("f").st_mode), 0o755)


@case
def chown_to_any_number():
    put("f")
    os.chown("f", 123456, 654321)
    same((os.stat("f").st_uid, os.stat("f").st_gid), (123456, 654321))


@case
def chown_of_a_link():
    os.symlink("none", "l")
    os.lchown("l", 5, 6)
    same((os.lstat("l").st_uid, os.lstat("l").st_gid), (5, 6))


@case
def somebody_without_the_right_to_cannot_read():
    put("f")
    os.chmod("f", 0o600)
    os.chmod(".", 0o755)
    child = os.fork()
    if child == 0:
        try:
            os.setuid(4242)
            os.open("f", os.O_RDONLY)
        except PermissionError:
            os._exit(0)
        os._exit(1)
    same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


@case
def in_a_sticky_directory_nobody_removes_what_is_anothers():
    os.mkdir("d")
    os.chmod("d", 0o1777)
    os.chmod(".", 0o755)
    put("d/f")
    child = os.fork()
    if child == 0:
        try:
            os.setuid(4242)
            os.unlink("d/f")
        except PermissionError:
            os._exit(0)
        os._exit(1)
    same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


@case
def times_can_be_set_to_the_second():
    put("f")
    os.utime("f", (1000000000, 1234567890))
    same(int(os.stat("f").st_mtime), 1234567890)


@case
def times_can_be_set_to_the_nanosecond():
    put("f")
    os.utime("f", ns=(1, 1234567890123456789))
    same(os.stat("f").st_mtime_ns, 1234567890123456789)


@case
def times_before_1970():
    put("f")
    os.utime("f", (-1000, -1000))
    same(os.stat("f").st_mtime, -1000)


@case
def times_of_a_link():
    os.symlink("none", "l")
    os.utime("l", (5, 1234567), follow_symlinks=False)
    same(int(os.lstat("l").st_mtime), 1234567)


@case
def writing_changes_the_time():
    put("f")
    os.utime("f", (1, 1))
    file = os.open("f", os.O_WRONLY)
    os.write(file, b"x")
    os.close(file)
    same(os.stat("f").st_mtime > 1000, True)


@case
def a_pipe():
    os.mkfifo("p")
    child = os.fork()
    if child == 0:
        put("p", b"through")
        os._exit(0)
    same(get("p"), b"through")
    os.waitpid(child, 0)


@case
def a_socket():
    server = socket.socket(socket.AF_UNIX)
    server.bind("s")
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect("s")
    client.close()
    server.close()


@case
def extended_attributes():
    put("f")
    os.setxattr("f", "user.a", b"value")
    same(os.getxattr("f", "user.a"), b"value")


@case
def a_shared_map_is_written_back():
    put("f", b"\0" * 8192)
    with open("f", "r+b") as file, mmap.mmap(file.fileno(), 8192) as memory:
        memory[5000:5004] = b"mmap"
        memory.flush()
    same(get("f")[5000:5004], b"mmap")


@case
def two_maps_of_one_file_are_the_same_memory():
    put("f", b"\0" * 4096)
    with open("f", "r+b") as a, open("f", "r+b") as b:
        with mmap.mmap(a.fileno(), 4096) as one, mmap.mmap(b.fileno(), 4096) as two:
            one[0:1] = b"x"
            same(two[0:1], b"x")


@case
def fsync_and_fdatasync():
    file = os.open("f", os.O_CREAT | os.O_RDWR)
    os.write(file, b"x")
    os.fsync(file)
    os.fdatasync(file)
    os.close(file)


@case
def fsync_of_a_directory():
    directory = os.open(".", os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


@case
def fallocate():
    file = os.open("f", os.O_CREAT | os.O_RDWR)
    os.posix_fallocate(file, 0, 1 << 20)
    same(os.fstat(file).st_size, 1 << 20)
    os.close(file)


@case
def statvfs():
    same(os.statvfs(".").f_namemax, 255)


@case
def a_listing_is_whole_while_files_are_removed():
    for number in range(500):
        put(f"f{number}")
    seen = set()
    with os.scandir(".") as entries:
        for entry in entries:
            seen.add(entry.name)
            os.unlink(entry.name)
    same(len(seen), 500)


def other(function, *arguments):
    """Runs it in another process, and returns what it returns."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)


def locked(name, exclusive, flock):
    with open(name, "r+b") as file:
        how = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB
        try:
            (fcntl.flock if flock else fcntl.lockf)(file, how)
            return True
        except BlockingIOError:
            return False


@case
def flock_between_processes():
    put("f")
    with open("f", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        same(other(locked, "f", True, True), False)
        fcntl.flock(file, fcntl.LOCK_UN)
        same(other(locked, "f", True, True), True)


@case
def a_shared_flock():
    put("f")
    with open("f", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        same((other(locked, "f", False, True), other(locked, "f", True, True)), (True, False))


@case
def a_record_lock_between_processes():
    put("f")
    with open("f", "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        same(other(locked, "f", True, False), False)
        fcntl.lockf(file, fcntl.LOCK_UN)
        same(other(locked, "f", True, False), True)


@case
def a_record_lock_goes_with_its_process():
    put("f")
    same(other(locked, "f", True, False), True)
    same(locked("f", True, False), True)


def insert(name, count, journal):
    database = sqlite3.connect(name, timeout=120, isolation_level=None)
    database.execute(f"pragma journal_mode={journal}")
    for _ in range(count):
        database.execute("begin immediate")
        value = database.execute("select n from counter").fetchone()[0]
        database.execute("update counter set n = ?", (value + 1,))
        database.execute("commit")
    database.close()


def count_with_sqlite(journal):
    database = sqlite3.connect("db", isolation_level=None)
    database.execute(f"pragma journal_mode={journal}")
    database.execute("create table counter (n)")
    database.execute("insert into counter values (0)")
    database.close()
    processes = [multiprocessing.Process(target=insert, args=("db", 25, journal)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    database = sqlite3.connect("db")
    same(database.execute("select n from counter").fetchone()[0], 100)
    same(database.execute("pragma integrity_check").fetchone()[0], "ok")
    database.close()


@case
def four_processes_count_in_one_sqlite_database():
    count_with_sqlite("delete")


@case
def the_same_with_a_write_ahead_log():
    count_with_sqlite("wal")


def large_many_small_files():
    os.mkdir("many")
    for number in range(100000):
        os.close(os.open(f"many/file-{number}", os.O_CREAT | os.O_WRONLY))
    same(len(os.listdir("many")), 100000)


def large_a_sparse_file_of_4_gb():
    file = os.open("sparse", os.O_CREAT | os.O_RDWR)
    os.ftruncate(file, 4 << 30)
    os.pwrite(file, b"end", (4 << 30) - 3)
    same(os.pread(file, 3, (4 << 30) - 3), b"end")
    same(os.pread(file, 4, 1 << 30), b"\0" * 4)
    same(os.fstat(file).st_blocks < 2048, True)
    os.close(file)


if "--large" in sys.argv:
    cases += [large_many_small_files, large_a_sparse_file_of_4_gb]

passed = 0
os.umask(0o022)
for number, each in enumerate(cases):
    place = os.path.join(top, f"case-{number}")
    os.mkdir(place)
    os.chdir(place)
    begin = time.monotonic()
    try:
        each()
        passed += 1
        said = "ok"
    except (AssertionError, OSError, sqlite3.Error) as failure:
        said = f"FAILS: {type(failure).__name__}: {failure}"
    print(f"{time.monotonic() - begin:7.2f} s  {each.__name__.replace('_', ' ')}: {said}", flush=True)
os.chdir("/")
print(f"{passed} of {len(cases)}", flush=True)
