"""What commands print with --json: plain mappings. Money is a text of the amount beside its currency; dates are ISO."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import typer

from qbo_milestones.model.money import Money
from qbo_milestones.pipeline.calendar import Timetable
from qbo_milestones.pipeline.gate import Held
from qbo_milestones.pipeline.plan import Pair, t_accounts
from qbo_milestones.pipeline.posting import Posting
from qbo_milestones.pipeline.preflight import Check
from qbo_milestones.pipeline.register import Problem, Register
from qbo_milestones.pipeline.register import check as check_register
from qbo_milestones.pipeline.settlement import Settlement
from qbo_milestones.pipeline.trail import TracedPosting, Trail
from qbo_milestones.ports import Books, OpenFlag, RunRecord
from qbo_milestones.run.decision import Decision
from qbo_milestones.run.outcome import Outcome
from qbo_milestones.run.standing import Link, Standing

Record = dict[str, Any]


def show(record: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(record, ensure_ascii=False, indent=1))


def _iso(day: date | None) -> str | None:
    """A date or an instant."""
    return day.isoformat() if day else None


def money(amount: Money | None) -> Record:
    """`{"amount": "10000.00", "currency": "USD"}`, both None where there is no amount."""
    if amount is None:
        return {"amount": None, "currency": None}
    return {"amount": str(amount.amount), "currency": amount.currency}


def problem(one: Problem) -> Record:
    """One problem of the register."""
    place = one.place
    return {
        "kind": one.kind,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "sentence": one.sentence,
        "warning": one.warning,
    }


def problems(register: Register) -> list[Record]:
    """All problems, those of the rows among them, in the order of the sheets."""
    return [problem(one) for one in check_register(register)]


def decision(found: Decision, books: Books) -> Record:
    """A preview: what would be billed with its payloads and T-accounts, and why each other row is held."""
    return {
        "register": found.register.source,
        "rows": len(found.register.deliverables),
        "billable": [pair(one, found, books) for one in found.pairs],
        "beyond_limits": [one.deliverable_id for one in found.beyond],
        "held": [held(one) for one in found.held],
        "refused_rows": [problem(one) for one in found.register.problems],
        "checks": [check(one) for one in found.checks],
    }


def pair(one: Pair, found: Decision, books: Books) -> Record:
    """One deliverable's two documents."""
    return {
        "deliverable": one.deliverable_id,
        "contract": one.contract,
        "customer": one.customer,
        **money(one.amount),
        "accepted_on": one.invoice.accepted_on.isoformat(),
        "due_on": _iso(one.due_date),
        "documents": [document(posting, books) for posting in (one.journal, one.invoice)],
        "t_accounts": [
            {"date": entry.date.isoformat(), "account": entry.account, "side": entry.side, **money(entry.amount)}
            for entry in t_accounts(one, found.setup)
        ],
    }


def document(posting: Posting, books: Books) -> Record:
    """One posting with the exact payload that would be sent."""
    return {
        "kind": posting.identity.kind.value,
        "number": posting.number or None,
        "date": posting.draft.date.isoformat(),
        "key": posting.key,
        "requestid": posting.identity.requestid(1),
        "payload": json.loads(books.render(posting)),
    }


def held(one: Held) -> Record:
    """One row that is not billed, with every reason."""
    return {
        "deliverable": one.deliverable.id,
        "row": one.deliverable.row,
        **money(one.amount),
        "reasons": [
            {
                "kind": reason.kind,
                "sentence": reason.sentence,
                "where": str(reason.place) if reason.place else None,
                "severity": reason.rule.severity.value,
                "owner": reason.rule.owner.value,
                "action": reason.rule.action,
            }
            for reason in one.reasons
        ],
    }


def check(one: Check) -> Record:
    """One answer of the preflight."""
    return {"name": one.name, "ok": one.ok, "stops": one.stops, "sentence": one.sentence, "remedy": one.remedy}


def flag(one: OpenFlag, owners: Mapping[str, str]) -> Record:
    """One flag: the eight columns of R62 first, then what helps to clear it. `owners` names the person of a role."""
    found = one.flag
    return {
        "deliverable": found.subject or None,
        "invoice_number": found.invoice_number or None,
        "journal_reference": found.journal_number or None,
        "payment_reference": found.payment_reference or None,
        "kind": found.kind,
        "opened_on": one.opened_on.isoformat(),
        "owner": owners.get(found.rule.owner, found.rule.owner.value),
        "review_on": one.review_on.isoformat(),
        "owner_role": found.rule.owner.value,
        "severity": found.rule.severity.value,
        "sentence": found.sentence,
        **money(found.amount),
        "action": found.rule.action,
        "blocks": sorted(block.value for block in found.rule.blocks),
        "documents": list(found.documents),
        "also": list(found.also),
        "where": found.where or None,
        "cleared_on": _iso(one.cleared_on),
    }


def flags(found: Iterable[OpenFlag], owners: Mapping[str, str]) -> list[Record]:
    """Flags in the order given."""
    return [flag(one, owners) for one in found]


def outcome(done: Outcome, owners: Mapping[str, str]) -> Record:
    """What a run did."""
    return {
        "run": done.number,
        "business_date": done.business_date.isoformat(),
        "exit_code": done.exit_code,
        "counts": dict(done.counts),
        "held": [held(one) for one in done.decision.held],
        "checks": [check(one) for one in done.decision.checks],
        "flags": flags(done.flags, owners),
        "stopped": done.tally.stopped.text if done.tally.stopped else None,
    }


def run_record(one: RunRecord) -> Record:
    """One line of the run history."""
    return {
        "run": one.id,
        "business_date": one.business_date.isoformat(),
        "started_at": one.started_at.isoformat(),
        "finished_at": _iso(one.finished_at),
        "exit_code": one.exit_code,
        "counts": dict(one.counts),
    }


def connection(link: Link) -> Record:
    """Who connected, when it ends, and what is wrong with it."""
    return {
        "problem": link.problem or None,
        "title": link.title or None,
        "connected_by": link.connected_by or None,
        "connected_at": _iso(link.connected_at),
        "renewed_at": _iso(link.renewed_at),
        "idle_end": _iso(link.idle_end),
        "hard_end": _iso(link.hard_end),
        "ended_at": _iso(link.ended_at),
        "warnings": [
            {"ending": one.ending.value, "at": one.at.isoformat(), "within_days": one.within, "text": one.sentence}
            for one in link.warnings
        ],
    }


def standing(found: Standing) -> Record:
    """One company at a glance."""
    return {
        "company": found.company,
        "environment": found.environment,
        "realm": found.realm,
        "connection": connection(found.link),
        "read_until": _iso(found.read_until),
        "outbox": {stage.value: count for stage, count in found.outbox.items()},
        "flags": {severity.value: count for severity, count in found.flags.items()},
        "schedule": _timetable(found.timetable),
        "metered_calls": {
            "this_month": found.metered,
            "this_month_all_companies": found.metered_by_app,
            "allowed": found.allowed,
        },
        "runs": [run_record(one) for one in found.runs],
    }


def _timetable(found: Timetable) -> Record:
    return {
        "kept": found.kept,
        "next": {
            "business_date": found.next_date.isoformat(),
            "at": found.next_at.isoformat(),
            "last_exit_code": found.last_try,
        },
        "last_done": _iso(found.last_done),
        "missed": [day.isoformat() for day in found.missed],
    }


def trail(found: Trail) -> Record:
    """One deliverable from contract to bank."""
    row, contract = found.deliverable, found.contract
    return {
        "deliverable": found.id,
        "row": row.row if row else None,
        "name": row.name if row else None,
        "approver": row.approver if row else None,
        "acceptance_test": row.acceptance_test if row else None,
        "contract": contract.reference if contract else None,
        "contract_version": contract.version if contract else None,
        "customer": contract.customer if contract else None,
        "sign_offs": [
            {
                "row": one.row,
                "decision": one.decision,
                "signed_by": one.signed_by,
                "signed_on": _iso(one.signed_on),
                "evidence": one.evidence or None,
            }
            for one in found.sign_offs
        ],
        "postings": [traced_posting(one) for one in found.trace.postings],
        "attempts": [
            {
                "posting": one.posting_key,
                "requestid": one.requestid,
                "sent_at": one.sent_at.isoformat(),
                "outcome": one.outcome.value if one.outcome else None,
                "code": one.code or None,
                "intuit_tid": one.tid or None,
            }
            for one in found.trace.attempts
        ],
        "settlements": [settlement(one) for one in found.settlements],
    }


def traced_posting(one: TracedPosting) -> Record:
    """One posting as the database has it."""
    outgoing = one.outgoing
    return {
        "key": outgoing.key,
        "kind": outgoing.identity.kind.value,
        "stage": outgoing.stage.value,
        "number": outgoing.number or None,
        "quickbooks_id": outgoing.books_id or None,
        **money(outgoing.amount),
        "accepted_on": one.accepted_on.isoformat(),
        "date": one.txn_date.isoformat(),
        "evidence": one.evidence or None,
        "evidence_sha256": one.evidence_sha256 or None,
        "stamp": outgoing.identity.stamp_code,
        "adopted": outgoing.adopted,
    }


def settlement(one: Settlement) -> Record:
    """What came in on one invoice."""
    return {
        "invoice_number": one.invoice_number or None,
        "state": one.state.value,
        "funds": one.funds.name,
        "total": str(one.total.amount),
        "paid": str(one.paid.amount),
        "credited": str(one.credited.amount),
        "open": str(one.open.amount),
        "currency": one.total.currency,
        "due_on": _iso(one.due_date),
        "payments": [
            {
                "reference": receipt.reference or None,
                "payment_id": receipt.payment_id,
                "date": _iso(receipt.date),
                "applied": str(receipt.applied.amount),
                "funds": receipt.funds.name,
            }
            for receipt in one.receipts
        ],
    }
