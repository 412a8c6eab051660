"""Evidence files: found and hashed under the root, whatever a cell says and whatever the folder holds."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from qbo_milestones.adapters import evidence
from qbo_milestones.adapters.evidence import find, fingerprint
from qbo_milestones.pipeline.gate import EvidenceFile

TEXT = b"Accepted. Dana Reyes"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An evidence folder with a file in it and one in a folder, and a secret beside it."""
    folder = tmp_path / "evidence"
    (folder / "2026" / "october").mkdir(parents=True)
    (folder / "a.pdf").write_bytes(TEXT)
    (folder / "2026" / "october" / "b.pdf").write_bytes(TEXT * 2)
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "evidence-2").mkdir()
    (tmp_path / "evidence-2" / "c.pdf").write_bytes(b"not ours")
    return folder


def both(root: Path, path: str) -> str:
    """The problem that both ways of looking say; a file that one refuses, the other refuses too."""
    found, read = find(root, [path])[path], fingerprint(root, path)
    assert bool(found.problem) == bool(read.problem), (found, read)
    assert found.path == read.path == path
    assert not (read.problem and read.sha256)
    return found.problem


@pytest.mark.parametrize(
    "path", ["2026/october/b.pdf", "2026\\october\\b.pdf", " 2026/october/b.pdf ", "./2026//october/./b.pdf"]
)
def test_a_file_under_the_root_is_found_and_hashed(root: Path, path: str) -> None:
    """register.md, Evidence; ruling 42: backslashes are read as slashes."""
    assert find(root, [path]) == {path: EvidenceFile(path, size=40)}
    assert fingerprint(root, path) == EvidenceFile(path, "", hashlib.sha256(TEXT * 2).hexdigest(), 40)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("missing.pdf", "not found"),
        ("a.pdf/b.pdf", "not found"),
        ("no/such/folder/a.pdf", "not found"),
        ("", "empty"),
        ("   ", "empty"),
        ("2026", "folder"),
        ("2026/", "folder"),
        (".", "folder"),
        ("../secret.txt", "out of"),
        ("..\\secret.txt", "out of"),
        ("2026/../../secret.txt", "out of"),
        ("2026/../a.pdf", "out of"),
        ("..", "out of"),
        ("../evidence-2/c.pdf", "out of"),
        ("/etc/passwd", "absolute"),
        ("\\\\server\\share\\a.pdf", "absolute"),
        ("C:\\a.pdf", "absolute"),
        ("c:a.pdf", "absolute"),
        ("~/a.pdf", "absolute"),
        ("a.pdf\0.txt", "invisible"),
        ("a\n.pdf", "invisible"),
        ("x" * 5000, "cannot be read"),
        ("/".join("x" * 100 for _ in range(100)), "cannot be read"),
        ("\ud800.pdf", "not a path"),
        ("https://sign.example/a.pdf", "link"),
        ("file:///etc/passwd", "link"),
    ],
)
def test_a_path_that_must_not_be_followed_is_refused(root: Path, path: str, word: str) -> None:
    """reliability.md 4, Evidence: no path is built from a cell without the check against the root."""
    assert word in both(root, path)


def test_the_problem_names_no_folder_of_the_machine(root: Path) -> None:
    """ASVS 16.5: what a bookkeeper reads says nothing of where we run."""
    (root / "closed.pdf").write_bytes(TEXT)
    assert str(root) not in both(root, "missing.pdf") + both(root, "x" * 5000)


def test_a_symbolic_link_to_a_file_is_refused_wherever_it_leads(root: Path) -> None:
    """reliability.md 4: O_NOFOLLOW."""
    (root / "out.pdf").symlink_to(root.parent / "secret.txt")
    (root / "in.pdf").symlink_to(root / "a.pdf")
    (root / "loop.pdf").symlink_to(root / "loop.pdf")
    (root / "dangling.pdf").symlink_to(root / "nothing")
    for name in ("out.pdf", "in.pdf", "loop.pdf", "dangling.pdf"):
        assert "symbolic link" in both(root, name)


def test_a_linked_folder_counts_only_if_it_stays_under_the_root(root: Path) -> None:
    """reliability.md 4: realpath under the root; a sibling whose name starts alike is outside."""
    (root / "inside").symlink_to(root / "2026")
    (root / "outside").symlink_to(root.parent)
    (root / "beside").symlink_to(root.parent / "evidence-2")
    assert both(root, "inside/october/b.pdf") == ""
    assert "out of" in both(root, "outside/secret.txt")
    assert "out of" in both(root, "beside/c.pdf")


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    """The settings' folder is trusted."""
    link = root.parent / "linked"
    link.symlink_to(root)
    assert fingerprint(link, "a.pdf").sha256


def test_only_plain_files_with_something_in_them_count(root: Path) -> None:
    """reliability.md 4: a pipe, a socket, a device or an empty file proves nothing, and none makes us wait."""
    os.mkfifo(root / "pipe")
    (root / "empty.pdf").touch()
    assert "plain" in both(root, "pipe")
    assert "empty" in both(root, "empty.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        assert both(root, "socket")


def test_a_file_past_the_size_limit_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """reliability.md 4: a size cap; the limit itself is allowed."""
    monkeypatch.setattr(evidence, "SIZE_LIMIT", len(TEXT))
    assert both(root, "a.pdf") == ""
    assert "larger" in both(root, "2026/october/b.pdf")


def test_a_sparse_file_of_any_size_is_refused_without_reading(root: Path) -> None:
    """The real limit is 100 MB."""
    with (root / "huge.pdf").open("wb") as file:
        file.truncate(100 * 1024 * 1024 + 1)
    assert "larger than 100 MB" in both(root, "huge.pdf")


def test_a_file_that_grows_past_the_limit_while_it_is_read_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cap also counts what is read: the size that was looked at may be old."""
    monkeypatch.setattr(evidence, "SIZE_LIMIT", len(TEXT))
    monkeypatch.setattr(evidence, "_BLOCK", 8)
    plain_read = os.read

    def growing(descriptor: int, size: int) -> bytes:
        with (root / "a.pdf").open("ab") as file:
            file.write(b"more")
        return plain_read(descriptor, size)

    monkeypatch.setattr(os, "read", growing)
    assert "larger" in fingerprint(root, "a.pdf").problem


def test_a_file_that_changes_while_it_is_read_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash is of one content."""
    plain_read = os.read

    def touching(descriptor: int, size: int) -> bytes:
        os.utime(root / "a.pdf", ns=(1, 1))
        return plain_read(descriptor, size)

    monkeypatch.setattr(os, "read", touching)
    assert "changed" in fingerprint(root, "a.pdf").problem


@pytest.mark.parametrize("by_path", [False, True])
@pytest.mark.parametrize("swap", ["file", "folder"])
def test_what_is_swapped_for_a_link_after_the_check_is_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch, swap: str, by_path: bool
) -> None:
    """ASVS 15.4.2: between the look at the path and its opening, an attacker puts a link in its place."""
    secret = root.parent / "elsewhere"
    secret.mkdir()
    (secret / "b.pdf").write_bytes(b"secret")
    if by_path:
        monkeypatch.setattr(os, "supports_dir_fd", set())
    plain_check = evidence._real_folder

    def swapping(real_root: str, parts: tuple[str, ...]) -> str:
        checked = plain_check(real_root, parts)
        target = Path(checked) / "b.pdf" if swap == "file" else Path(checked)
        target.rename(root / "moved")
        target.symlink_to(secret / "b.pdf" if swap == "file" else secret)
        return checked

    monkeypatch.setattr(evidence, "_real_folder", swapping)
    answer = fingerprint(root, "2026/october/b.pdf")
    assert answer.problem
    assert not answer.sha256


def test_where_folders_cannot_be_opened_a_file_is_still_hashed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems than POSIX."""
    monkeypatch.setattr(os, "supports_dir_fd", set())
    assert fingerprint(root, "2026/october/b.pdf").sha256 == hashlib.sha256(TEXT * 2).hexdigest()
    assert "not found" in fingerprint(root, "2026/nothing.pdf").problem


def test_no_descriptor_stays_open(root: Path) -> None:
    """A run hashes thousands of files."""
    (root / "out.pdf").symlink_to(root / "a.pdf")
    os.mkfifo(root / "pipe")
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a directory of descriptors, not of files
    for path in ("a.pdf", "2026/october/b.pdf", "2026/x.pdf", "out.pdf", "pipe", "2026"):
        fingerprint(root, path)
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208 - as above


def test_a_root_that_is_not_there_has_no_evidence(tmp_path: Path) -> None:
    """Fails closed."""
    assert "not found" in both(tmp_path / "nowhere", "a.pdf")
    assert "not found" in both(tmp_path / "nowhere", "b/a.pdf")


def test_many_paths_are_each_answered_under_the_name_that_they_were_asked_by(root: Path) -> None:
    """The gate looks them up by the text of the cell."""
    for n in range(200):
        (root / f"{n}.pdf").write_bytes(TEXT)
    paths = [f"{n}.pdf" for n in range(400)] + [" 1.pdf", ".\\1.pdf"]
    found = find(root, paths)
    assert list(found) == paths or set(found) == set(paths)
    assert sum(not each.problem for each in found.values()) == 202
