"""Two small files apart from the database, by which a restored or altered one is known: run count, the log's end."""

import os
from dataclasses import dataclass
from pathlib import Path

from qbo_milestones.errors import BadSettings
from qbo_milestones.model.audit import AuditHead


@dataclass(frozen=True, slots=True)
class EpochFile:
    """The count of runs and, in a second file, the audit log's end; leave both out of backups of the database."""

    path: Path

    def read(self) -> int:
        """See ports.Epochs."""
        try:
            return int(self.path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except ValueError:
            raise BadSettings(f"{self.path} should hold the count of runs; restore it, or remove the file.") from None

    def write(self, count: int) -> None:
        """See ports.Epochs."""
        _replace(self.path, str(count))

    def anchor(self) -> AuditHead:
        """See ports.Epochs."""
        try:
            seq, _, rest = self._anchor_path.read_text(encoding="ascii").strip().partition(" ")
            digest, _, accepted = rest.partition(" ")
            return AuditHead(int(seq), digest, int(accepted or 0))
        except FileNotFoundError:
            return AuditHead()
        except ValueError:
            raise BadSettings(f"{self._anchor_path} should hold the audit log's end; restore it.") from None

    def keep_anchor(self, head: AuditHead) -> None:
        """See ports.Epochs."""
        accepted = head.accepted or self.anchor().accepted
        kept = f" {accepted}" if 0 < accepted <= head.seq else ""
        _replace(self._anchor_path, f"{head.seq} {head.hash}{kept}")

    @property
    def _anchor_path(self) -> Path:
        return self.path.with_suffix(".audit")


def _replace(path: Path, text: str) -> None:
    """The whole text or none of it, durably, for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
