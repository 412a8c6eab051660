"""Why was it not billed: Billable, or Held with every reason; the room's face, through which others call it."""

from qbo_milestones.pipeline.gate.after_billing import Difference, changed_after_billing
from qbo_milestones.pipeline.gate.cap import keep_cap
from qbo_milestones.pipeline.gate.examination import accepted, confirm, evidence_wanted, examine
from qbo_milestones.pipeline.gate.held import KINDS, HeldKind, Reason
from qbo_milestones.pipeline.gate.promise import Promise, hold_changed, promises
from qbo_milestones.pipeline.gate.verdict import Acceptance, Billable, Billed, EvidenceFile, Held, Rules, Verdict

__all__ = [
    "KINDS",
    "Acceptance",
    "Billable",
    "Billed",
    "Difference",
    "EvidenceFile",
    "Held",
    "HeldKind",
    "Promise",
    "Reason",
    "Rules",
    "Verdict",
    "accepted",
    "changed_after_billing",
    "confirm",
    "evidence_wanted",
    "examine",
    "hold_changed",
    "keep_cap",
    "promises",
]
