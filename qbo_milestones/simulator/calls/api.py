"""One API call on one company, from request to answer; refusals become Faults."""

from collections.abc import Callable

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.calls.batch import batch
from qbo_milestones.simulator.calls.downloads import download
from qbo_milestones.simulator.calls.lists import exchange_rate, tax_service
from qbo_milestones.simulator.calls.operations import Call, route
from qbo_milestones.simulator.calls.uploads import upload
from qbo_milestones.simulator.faults import Refusal
from qbo_milestones.simulator.messages import Answer

Desk = Callable[[Company, Call], str | Answer]
POSTED: dict[str, Desk] = {"batch": batch, "upload": upload, "taxservice": tax_service}
FETCHED: dict[str, Desk] = {"download": download, "attachable-thumbnail": download, "exchangerate": exchange_rate}


def perform(company: Company, call: Call) -> Answer:
    """Do what is asked."""
    company.base_url = call.request.base_url
    try:
        found = _desk(call)(company, call)
        return found if isinstance(found, Answer) else Answer(200, found)
    except Refusal as refusal:
        return fault_answer(company, refusal)


def _desk(call: Call) -> Desk:
    special = {"POST": POSTED, "GET": FETCHED}.get(call.request.method, {})
    return special.get(call.parts[0].lower(), route)


def fault_answer(company: Company, refusal: Refusal) -> Answer:
    """A Fault in the capital-letter envelope."""
    body = {"Fault": refusal.as_json(), "time": company.answer_time()}
    ended = refusal.problems[0].code == "6190"
    return Answer(int(company.settings.ended_subscription_status) if ended else refusal.status, write_json(body))
