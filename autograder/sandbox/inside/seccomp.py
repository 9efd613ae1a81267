"""seccomp: the worker may make the system calls that Python and NumPy need to compute, no others.

A call that is not on the list fails with EPERM, so that honest code that merely asks gets an
exception and goes on; a call of another architecture ends the process. New processes and threads
are not on the list: NumPy runs with one thread here.

References
----------
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import platform
import struct

from autograder.sandbox.inside import kernel

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
X32_BIT = 0x40000000
FILTER_MODE = 2
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Numbers on x86-64 and on AArch64; None where a machine has no such call.
CALLS: dict[str, tuple[int | None, int]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "madvise": (28, 233), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65),
    "writev": (20, 66), "open": (2, 0), "openat": (257, 56), "stat": (4, 0), "fstat": (5, 80),
    "lstat": (6, 0), "newfstatat": (262, 79), "statx": (332, 291), "access": (21, 0),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, 0), "readlinkat": (267, 78),
    "getcwd": (79, 17), "chdir": (80, 49), "getdents64": (217, 61), "dup": (32, 23),
    "dup2": (33, 0),
    "dup3": (292, 24), "ftruncate": (77, 46), "fsync": (74, 82),
    "unlink": (87, 0), "unlinkat": (263, 35), "mkdir": (83, 0), "mkdirat": (258, 34),
    "rmdir": (84, 0), "rename": (82, 0), "renameat": (264, 38), "renameat2": (316, 276),
    "statfs": (137, 43), "fstatfs": (138, 44), "umask": (95, 166),
    "poll": (7, 0), "ppoll": (271, 73), "select": (23, 0), "pselect6": (270, 72), "pipe": (22, 0),
    "pipe2": (293, 59),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "futex": (202, 98), "set_robust_list": (273, 99),
    "rseq": (334, 293), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "set_tid_address": (218, 96), "membarrier": (324, 283),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, 0), "times": (100, 153),
    "getrusage": (98, 165), "getrandom": (318, 278), "getpid": (39, 172), "gettid": (186, 178),
    "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getpgrp": (111, 0), "getrlimit": (97, 163), "sysinfo": (99, 179),
    "uname": (63, 160), "arch_prctl": (158, 0), "getcpu": (309, 168),
    "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
ONLY_ON_X86 = frozenset(name for name, (_, arm) in CALLS.items() if arm == 0)
PRLIMIT = (302, 261)
PRCTL = (157, 167)
SENDTO, RECVFROM = (44, 206), (45, 207)
FCNTL, HARMLESS_FCNTL = (72, 25), (0, 1, 2, 3, 4, 1030)  # duplicate, get and set flags


def program() -> bytes:
    """The filter for this machine, as the kernel's BPF instructions.

    Raises
    ------
    OSError
        If the machine is neither x86-64 nor AArch64.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    column = 0 if machine == "x86_64" else 1
    numbers = [n[column] for name, n in CALLS.items() if not (column and name in ONLY_ON_X86)]
    code = [
        _instruction(LOAD, ARCHITECTURE),
        _instruction(JUMP_EQUAL, ARCHITECTURES[machine], 1, 0),
        _instruction(RETURN, KILL_PROCESS),
        _instruction(LOAD, NUMBER),
        _instruction(JUMP_GREATER_EQUAL, X32_BIT, 0, 1),
        _instruction(RETURN, KILL_PROCESS),
        # Limits may be read, not set: prlimit's third argument is a null pointer.
        _instruction(JUMP_EQUAL, PRLIMIT[column], 0, 6),
        _instruction(LOAD, FIRST_ARGUMENT + 16),
        _instruction(JUMP_EQUAL, 0, 0, 3),
        _instruction(LOAD, FIRST_ARGUMENT + 20),
        _instruction(JUMP_EQUAL, 0, 0, 1),
        _instruction(RETURN, ALLOW),
        _instruction(RETURN, ERRNO | errno.EPERM),
    ]
    # fcntl's other commands would have the kernel send signals to other processes.
    code += [
        _instruction(JUMP_EQUAL, FCNTL[column], 0, 2 + 2 * len(HARMLESS_FCNTL)),
        _instruction(LOAD, FIRST_ARGUMENT + 8),
    ]
    for command in HARMLESS_FCNTL:
        code += [_instruction(JUMP_EQUAL, command, 0, 1), _instruction(RETURN, ALLOW)]
    code.append(_instruction(RETURN, ERRNO | errno.EPERM))
    # The wire carries plain bytes: no flags, and so no out-of-band data.
    for call in (SENDTO, RECVFROM):
        code += [
            _instruction(JUMP_EQUAL, call[column], 0, 4),
            _instruction(LOAD, FIRST_ARGUMENT + 24),
            _instruction(JUMP_EQUAL, 0, 0, 1),
            _instruction(RETURN, ALLOW),
            _instruction(RETURN, ERRNO | errno.EPERM),
        ]
    # A process may ask whether it can gain privileges, and nothing else of prctl.
    code += [
        _instruction(JUMP_EQUAL, PRCTL[column], 0, 4),
        _instruction(LOAD, FIRST_ARGUMENT),
        _instruction(JUMP_EQUAL, kernel.PR_GET_NO_NEW_PRIVS, 0, 1),
        _instruction(RETURN, ALLOW),
        _instruction(RETURN, ERRNO | errno.EPERM),
    ]
    for number in numbers:
        code += [_instruction(JUMP_EQUAL, number or 0, 0, 1), _instruction(RETURN, ALLOW)]
    code.append(_instruction(RETURN, ERRNO | errno.EPERM))
    return b"".join(code)


def restrict() -> None:
    """Install the filter for good; `no_new_privs` must be set.

    Raises
    ------
    OSError
        If the kernel or the machine has no seccomp filters.
    """
    code = program()
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(header, len(header))
    kernel.prctl(kernel.PR_SET_SECCOMP, FILTER_MODE, ctypes.addressof(holder))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
