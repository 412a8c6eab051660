"""Keeps beside each sales line the account that it posts to."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.postings.sales import item_lines
from qbo_milestones.simulator.refs import display_name, ref_id

ACCOUNT = "ItemAccountRef"


def keep_accounts(company: Company, doc: Doc, before: Doc | None) -> None:
    """Write ``ItemAccountRef`` into the sales lines: the item's account as it was when the line was written.

    An item whose account changes leaves old lines where they are; one that takes another's place in a line brings its
    own account, though the line still shows the old one as it was read.
    """
    written = {line.get("Id"): line["SalesItemLineDetail"] for line in item_lines((before or {}).get("Line") or [])}
    for line in item_lines(doc["Line"]):
        detail = line["SalesItemLineDetail"]
        account = company.find("Account", _account(company, detail, written.get(line.get("Id")) or {}))
        if account is not None:
            detail[ACCOUNT] = {"value": account.body["Id"], "name": display_name(account.body)}


def _account(company: Company, detail: Doc, old: Doc) -> str:
    wanted, stood = ref_id(detail, ACCOUNT), ref_id(old, ACCOUNT)
    if wanted and wanted != stood:
        return wanted
    if stood and ref_id(old, "ItemRef") == ref_id(detail, "ItemRef"):
        return stood
    item = company.find("Item", ref_id(detail, "ItemRef"))
    return ref_id(item.body, "IncomeAccountRef") if item else ""
