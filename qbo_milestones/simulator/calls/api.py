"""One API call on one company, from request to answer; refusals become Faults."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.calls.batch import batch
from qbo_milestones.simulator.calls.operations import Call, route
from qbo_milestones.simulator.calls.uploads import upload
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.messages import Answer

POSTED: dict[str, Callable[[Company, Call], str]] = {"batch": batch, "upload": upload}


def perform(company: Company, call: Call) -> Answer:
    """Do what is asked."""
    try:
        desk = POSTED.get(call.parts[0].lower(), route) if call.request.method == "POST" else route
        return Answer(200, desk(company, call))
    except Refusal as refusal:
        return fault_answer(company, refusal)


def fault_answer(company: Company, refusal: Refusal) -> Answer:
    """A Fault in the capital-letter envelope."""
    body = {"Fault": refusal.as_json(), "time": company.answer_time()}
    return Answer(refusal.status, write_json(body))
