"""The evidence folder: which files of sign-offs are there, and their SHA-256 (reliability.md 4, Evidence).

A path comes from a cell, so it is not trusted: it stays under the root whatever it says and whatever the folder holds,
and only plain files count. Folders may be symbolic links as long as they lead to a place under the root; files may not.
Web addresses are never fetched.
"""

import errno
import hashlib
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from qbo_milestones.pipeline.gate import EvidenceFile

SIZE_LIMIT = 100 * 1024 * 1024  # bytes; a signed PDF is far smaller, and reading is on the way of every posting
_BLOCK = 1024 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_FOUND = "was not found in the evidence folder"
_OUTSIDE = "leads out of the evidence folder"
_LINKED = "is a symbolic link; put the file itself there"
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe must not make us wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_SYMLINK_ERRORS = (errno.ELOOP, getattr(errno, "EMLINK", errno.ELOOP))


class _Unusable(Exception):
    """Why a path proves nothing."""


def find(root: Path, paths: Iterable[str]) -> Mapping[str, EvidenceFile]:
    """What stands under `root` for each path, by the path as given: existence, kind and size, nothing read.

    One look-up a folder and one a file, so that a whole register takes about a second.
    """
    found: dict[str, EvidenceFile] = {}
    folders: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for path in paths:
        try:
            *folder, name = _parts(path)
            folders[tuple(folder)].append((name, path))
        except _Unusable as problem:
            found[path] = EvidenceFile(path, str(problem))
    real_root = os.path.realpath(root)
    for parts, files in folders.items():
        found.update(_in_folder(real_root, parts, files))
    return found


def _in_folder(real_root: str, parts: tuple[str, ...], files: list[tuple[str, str]]) -> dict[str, EvidenceFile]:
    try:
        real = _real_folder(real_root, parts)
    except _Unusable as problem:
        return {path: EvidenceFile(path, str(problem)) for _, path in files}
    return {path: _look_at(real + os.sep + name, path) for name, path in files}


def _look_at(full: str, path: str) -> EvidenceFile:
    try:
        status = os.lstat(full)
        _insist_on_plain_file(status)
    except (OSError, ValueError, _Unusable) as problem:
        return EvidenceFile(path, _said(problem))
    return EvidenceFile(path, size=status.st_size)


def fingerprint(root: Path, path: str) -> EvidenceFile:
    """The SHA-256 of one file under `root`, read once and in blocks.

    What was looked at cannot be swapped for something else: each folder below the root is opened from the one above
    it without following a symbolic link, and the file is judged after it is open.
    """
    try:
        *folder, name = _parts(path)
        real_root = os.path.realpath(root)
        opened = _open_below(real_root, _real_folder(real_root, tuple(folder)), name)
        try:
            _insist_on_plain_file(os.fstat(opened))
            return _hashed(opened, path)
        finally:
            os.close(opened)
    except (OSError, ValueError, _Unusable) as problem:
        return EvidenceFile(path, _said(problem))


def _parts(path: str) -> list[str]:
    """The names that a cell's path consists of; at least one. Raises _Unusable for what must not be looked for."""
    if _LINK.match(path):
        raise _Unusable("is a link, not a file")
    tidy = path.strip().replace("\\", "/")
    if not tidy:
        raise _Unusable("is empty")
    if _CONTROL.search(path):
        raise _Unusable("holds an invisible character")
    if tidy.startswith(("/", "~")) or _DRIVE.match(tidy):
        raise _Unusable("must be a path below the evidence folder, not an absolute one")
    parts = [part for part in tidy.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _Unusable(_OUTSIDE)
    if not parts or tidy.endswith(("/", "/.")):
        raise _Unusable("is a folder, not a file")
    return parts


def _real_folder(real_root: str, parts: tuple[str, ...]) -> str:
    """The folder with its symbolic links followed, which must still be the root or below it."""
    try:
        real = os.path.realpath(Path(real_root, *parts))
    except (OSError, ValueError) as problem:
        raise _Unusable(_said(problem)) from problem
    if real != real_root and not real.startswith(real_root.rstrip(os.sep) + os.sep):
        raise _Unusable(_OUTSIDE)
    return real


def _open_below(real_root: str, real_folder: str, name: str) -> int:
    """A descriptor of the file, opened folder by folder from the root, none of them through a symbolic link."""
    below = Path(real_folder).relative_to(real_root).parts
    if os.open not in os.supports_dir_fd:
        return _open_by_path(real_root, real_folder, name)
    directory = os.open(real_root, os.O_RDONLY | os.O_DIRECTORY | getattr(os, "O_CLOEXEC", 0))
    try:
        for part in below:
            following = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=directory)
            os.close(directory)
            directory = following
        return os.open(name, _FLAGS, dir_fd=directory)
    finally:
        os.close(directory)


def _open_by_path(real_root: str, real_folder: str, name: str) -> int:
    """Where folders cannot be opened: open by path, then make sure that it is what stands there without any link."""
    full = real_folder + os.sep + name
    opened = os.open(full, _FLAGS)
    real = os.path.realpath(full)
    inside = real == full and real.startswith(real_root.rstrip(os.sep) + os.sep)
    if inside and os.path.samestat(os.fstat(opened), os.lstat(full)):
        return opened
    os.close(opened)
    raise _Unusable(_LINKED)


def _insist_on_plain_file(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _Unusable(_LINKED)
    if stat.S_ISDIR(status.st_mode):
        raise _Unusable("is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise _Unusable("is not a plain file")
    if status.st_size == 0:
        raise _Unusable("is empty")
    if status.st_size > SIZE_LIMIT:
        raise _Unusable(f"is larger than {SIZE_LIMIT // 1024 // 1024} MB")


def _hashed(opened: int, path: str) -> EvidenceFile:
    before = os.fstat(opened)
    digest, size = hashlib.sha256(), 0
    while block := os.read(opened, _BLOCK):
        digest.update(block)
        size += len(block)
        if size > SIZE_LIMIT:
            raise _Unusable(f"is larger than {SIZE_LIMIT // 1024 // 1024} MB")
    after = os.fstat(opened)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or size != after.st_size:
        raise _Unusable("was changed while it was read; try again")
    return EvidenceFile(path, sha256=digest.hexdigest(), size=size)


def _said(problem: Exception) -> str:
    """A refusal in words that do not name a folder of this machine."""
    if isinstance(problem, _Unusable):
        return str(problem)
    if isinstance(problem, OSError):
        if problem.errno in (errno.ENOENT, errno.ENOTDIR):
            return _NOT_FOUND
        if problem.errno in _SYMLINK_ERRORS:
            return _LINKED
        return f"cannot be read ({os.strerror(problem.errno) if problem.errno else 'unknown reason'})"
    return "is not a path that a file can have"
