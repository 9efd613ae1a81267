"""What the probes try from inside: in words, and as the code that a worker runs."""

DONE, DENIED, ABSENT, OTHER = 1, 0, 2, 3  # what became of an attempt; the code says the numbers

#: Attempts, in the order of the probe's answer: what is tried, in words.
ATTEMPTS = (
    "read a file of the grader's",
    "write into a folder of the grader's",
    "list the instructor's source",
    "list the root folder",
    "see the grader's process",
    "open a network socket",
    "connect to a port of this machine",
    "open a unix socket",
    "start another process",
    "run a program",
    "make a file in memory",
    "trace a process",
    "raise its own limits",
    "gain rights from a set-uid program",
    "change the root folder",
    "find a variable of the grader's environment",
    "find a descriptor that was not given to it",
)
#: The same of the probe without seccomp.
BARE_ATTEMPTS = (
    "change the root folder, without seccomp",
    "reach the network, without seccomp",
    "see memory that the grader shares, without seccomp",
    "signal the grader's process, without seccomp",
)

SOURCE = """
import ctypes, os, resource, socket
import numpy as np

def tried(action):
    try:
        return 0 if action() is False else 1
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return 2
    except (PermissionError, BlockingIOError, ValueError):
        return 0
    except Exception as error:
        print(repr(error))
        return 3

def connect(port):
    with socket.create_connection(("127.0.0.1", port), 0.5):
        return True

def fork():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def trace():
    # Seizing a process that doesn't exist is refused by seccomp, and else merely fails.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace(0x4206, 0x7ffffff0, 0, 0)
    return ctypes.get_errno() != 1

def can_gain():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(39, 0, 0, 0, 0) != 1

def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if hard == resource.RLIM_INFINITY:
        return True
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard + 1, hard + 1))

def memory_file():
    os.close(os.memfd_create("probe"))

def stray_descriptor():
    for number in range(4, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        return True
    return False

def forward(canary, folder, source, pid, port):
    canary, folder, source = (a.tobytes().decode() for a in (canary, folder, source))
    pid, port = int(pid), int(port)
    return np.array([
        tried(lambda: open(canary).close() or True),
        tried(lambda: open(folder + "/probe", "w").close() or True),
        tried(lambda: os.listdir(source) or True),
        tried(lambda: os.listdir("/") or True),
        tried(lambda: os.stat(f"/proc/{pid}/status") and True),
        tried(lambda: socket.socket().close() or True),
        tried(lambda: connect(port)),
        tried(lambda: socket.socket(socket.AF_UNIX).close() or True),
        tried(fork),
        tried(lambda: os.posix_spawn("/bin/true", ["true"], {}) and True),
        tried(memory_file),
        tried(trace),
        tried(raise_limit),
        tried(can_gain),
        tried(lambda: os.chroot("/") or True),
        tried(lambda: "AUTOGRADER_PROBE" in os.environ),
        tried(stray_descriptor),
        os.getuid(), os.getppid(), *(resource.getrlimit(kind)[1] for kind in (
            resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE,
            resource.RLIMIT_AS, resource.RLIMIT_CORE)),
    ])
"""
BARE_SOURCE = """
import ctypes, errno, os, socket
import numpy as np

def chroot():
    try:
        os.chroot("/")
    except OSError as error:
        return 0 if error.errno in (errno.EPERM, errno.EACCES) else 3
    return 1

def connect(port):
    # A world of its own has no way there. By UDP, of which Landlock knows nothing.
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.connect(("127.0.0.1", port))
    except OSError as error:
        return 2 if error.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL) else 0
    return 1

def shared(key):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.shmget(key, 0, 0) >= 0:
        return 1
    return 2 if ctypes.get_errno() == errno.ENOENT else 0

def signal(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return 2
    except PermissionError:
        return 0
    return 1

def forward(pid, port, key):
    return np.array([chroot(), connect(int(port)), shared(int(key)), signal(int(pid))])
"""
