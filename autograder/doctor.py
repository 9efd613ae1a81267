"""What stands between student code and this machine, and what would make it better."""

import os
import sys

from autograder.sandbox import Sandbox
from autograder.sandbox.probe import Findings

LAYERS = {
    "own process": "Student code runs in a process of its own.",
    "clean environment": "It gets none of the grader's environment.",
    "no stray descriptors": "It gets no descriptor but its own wire.",
    "resource limits": "Memory, CPU, file size and descriptors are limited.",
    "no new privileges": "No program it starts could gain rights.",
    "no capabilities": "It has no capability of root.",
    "unprivileged user": "It does not run as root.",
    "Landlock": "The kernel closes the file system to it.",
    "seccomp": "The kernel refuses system calls that computing doesn't need.",
    "namespaces": "It sees no files, processes or network of this machine.",
}


def examine() -> Findings:
    """Probe the sandbox."""
    with Sandbox() as sandbox:
        return sandbox.findings


def lines(findings: Findings) -> list[str]:
    """What to print: the level, every layer, what the probe tried, what to install."""
    user = "root" if os.name == "posix" and os.getuid() == 0 else "an ordinary user"
    said = [f"Sandbox level {findings.level}, as {user} on {sys.platform}.", "", "Layers"]
    for name, meaning in LAYERS.items():
        mark = "yes" if name in findings.layers else "NO "
        said.append(f"  {mark}  {name:<22}{meaning}")
    said += ["", "What a probe tried from inside"]
    width = max(len(name) for name in findings.attempts)
    said += [f"  {name:<{width}}  {result}" for name, result in findings.attempts.items()]
    return [*said, "", *advice(findings)]


def advice(findings: Findings) -> list[str]:
    """What to do for a better level."""
    if findings.level == "A":
        return ["All layers stand. Grades are authoritative."]
    missing = [name for name in LAYERS if name not in findings.layers]
    hints = {
        "namespaces": (
            "Namespaces: allow them for ordinary users (sysctl user.max_user_namespaces, on Ubuntu "
            "kernel.apparmor_restrict_unprivileged_userns=0), or use a container that has them."
        ),
        "Landlock": "Landlock: needs Linux 5.13 or newer with landlock among the active LSMs.",
        "seccomp": "seccomp: needs Linux on x86-64 or AArch64, and a container that allows them.",
        "unprivileged user": (
            "Unprivileged user: this Python lies where only root can read; "
            "use one elsewhere, such as the distribution's python3."
        ),
    }
    lines = [hints[name] for name in missing if name in hints]
    if findings.level == "C":
        lines.insert(0, "Level C keeps answers out of the student's process, and no more.")
        lines.append("Grade on Linux for a better level. Grades of level C are not authoritative.")
    else:
        lines.insert(0, "Level B is authoritative; it lacks what is marked NO above.")
    return lines
