"""``/download/{id}``: the temporary address of an attachable's file, as plain text (quickbooks-online.md 6.5)."""

from qbo_milestones.simulator.books.attached import temporary
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.calls.operations import Call
from qbo_milestones.simulator.faults import INACTIVE, refuse
from qbo_milestones.simulator.messages import Answer


def download(company: Company, call: Call) -> Answer:
    """The address; 610 for a note, which has no file, as for an Id that is not there."""
    record = company.fetch("Attachable", call.parts[-1])
    if call.parts[-1] not in company.files:
        raise refuse("610", INACTIVE)
    return Answer(200, temporary(company, record.body), "text/plain;charset=UTF-8")
