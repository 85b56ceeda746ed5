"""Stand-ins for what the set-up asks of a machine: programs that run, and a package manager."""

from __future__ import annotations

from types import SimpleNamespace

from app import system_libraries


class Recorder:
    """Stands in for subprocess.run: notes each command, and answers with an exit code."""

    def __init__(self, codes=()):
        self.commands = []
        self.codes = dict(codes)

    def __call__(self, command, **_):
        self.commands.append([str(part) for part in command])
        line = " ".join(self.commands[-1])
        code = next((code for part, code in self.codes.items() if part in line), 0)
        return SimpleNamespace(returncode=code, stdout="", stderr="no luck")

    def lines(self, part):
        return [" ".join(c) for c in self.commands if part in " ".join(c)]


def apt_here(monkeypatch, uid):
    """As if apt-get were here, and the person had this number."""
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: uid, raising=False)
