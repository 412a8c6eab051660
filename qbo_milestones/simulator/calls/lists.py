"""Calls with a form of their own: the exchange rate of a currency on a day, and a tax code with its rates."""

from datetime import date

from qbo_milestones.simulator.amounts import write_json
from qbo_milestones.simulator.books.attempts import attempt
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.currencies import rate_on
from qbo_milestones.simulator.books.shelf import Record
from qbo_milestones.simulator.calls.operations import Call, body_of, no_method, one_object
from qbo_milestones.simulator.calls.permissions import check_permitted
from qbo_milestones.simulator.faults import Refusal, broken_rule, missing, refuse
from qbo_milestones.simulator.schema.entities import ENTITIES
from qbo_milestones.simulator.writing.lists import MANY_CURRENCIES, check_currency, rate_id
from qbo_milestones.simulator.writing.tax_codes import create_tax_code


def exchange_rate(company: Company, call: Call) -> str:
    """The newest rate that is not later than the day, shown for that day; today without one."""
    check_permitted(call.condition, "ExchangeRate", False)
    query = {name.lower(): value for name, value in call.request.query.items()}
    code = query.get("sourcecurrencycode", "").upper()
    if not code:
        raise Refusal(missing("sourcecurrencycode"))
    if not company.has_currencies():
        raise broken_rule(MANY_CURRENCIES, "SourceCurrencyCode")
    check_currency(company, code)
    day = _day(company, query.get("asofdate", ""))
    known = company.find("ExchangeRate", rate_id(code, day))
    return one_object(company, ENTITIES["ExchangeRate"], known or _reckoned(company, code, day))


def _day(company: Company, text: str) -> str:
    try:
        return date.fromisoformat(text or company.today()).isoformat()
    except ValueError:
        raise refuse("2070", f"Invalid date {text}, yyyy-MM-dd expected", "asofdate") from None


def _reckoned(company: Company, code: str, day: str) -> Record:
    """A day without a rate of its own: what holds then, ready to be set."""
    now = company.now()
    body = {
        "SourceCurrencyCode": code, "TargetCurrencyCode": company.home_currency(),
        "Rate": rate_on(company, code, day), "AsOfDate": day, "domain": "QBO", "sparse": False, "Id": "",
        "SyncToken": "0", "MetaData": {"LastUpdatedTime": company.shown(now)},
    }  # fmt: skip
    return Record(body, now, now)


def tax_service(company: Company, call: Call) -> str:
    """A new tax code; the answer has no envelope."""
    if [part.lower() for part in call.parts] != ["taxservice", "taxcode"]:
        raise no_method(call)
    check_permitted(call.condition, "TaxCode", True)
    with attempt(company):
        made = create_tax_code(company, body_of(call.request))
    return write_json({**made, "time": company.answer_time()})
