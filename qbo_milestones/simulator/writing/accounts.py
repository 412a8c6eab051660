"""Completes and checks accounts: type, subtype, classification, number (quickbooks-online.md 6.5)."""

from qbo_milestones.simulator.amounts import Doc
from qbo_milestones.simulator.books.company import Company
from qbo_milestones.simulator.books.usage import account_is_used
from qbo_milestones.simulator.faults import Refusal, broken_rule, refuse, too_long
from qbo_milestones.simulator.refs import ref_id
from qbo_milestones.simulator.schema.accounts import ACCOUNT_TYPES, ALONE, NUMBER_LENGTH, SUBTYPES, TYPE_OF_SUBTYPE
from qbo_milestones.simulator.writing.parts import ZERO, keep_currency


def complete_account(company: Company, doc: Doc, before: Doc | None) -> None:
    """Type from subtype and the other way round, in place; 6010 where there is neither."""
    old = before or {}
    kind = doc.get("AccountType") or TYPE_OF_SUBTYPE.get(str(doc.get("AccountSubType"))) or old.get("AccountType")
    if kind is None:
        raise refuse("6010", "Either an AccountType or an AccountSubType must be specified", "AccountType")
    doc["AccountType"], doc["Classification"] = kind, ACCOUNT_TYPES[kind]
    usual = SUBTYPES.get(kind, (kind.replace(" ", ""),))[0]
    kept = old.get("AccountSubType") if old.get("AccountType") == kind else None
    doc["AccountSubType"] = doc.get("AccountSubType") or kept or usual
    for opened in ("OpeningBalance", "OpeningBalanceDate"):
        doc.pop(opened, None)
    doc["CurrentBalance"] = doc["CurrentBalanceWithSubAccounts"] = ZERO
    keep_currency(company, doc, before)


def check_account(company: Company, doc: Doc, before: Doc | None) -> None:
    """Subtypes that fit, numbers that are short and alone, parents of the same kind."""
    subkind, kind = str(doc["AccountSubType"]), str(doc["AccountType"])
    if subkind not in TYPE_OF_SUBTYPE:
        raise _bad_pair()
    if subkind not in SUBTYPES.get(kind, ()):
        raise _bad_pair()
    if before is not None and before["AccountType"] != kind and account_is_used(company, str(before["Id"])):
        raise broken_rule("The account type cannot be changed, since the account has transactions.", "AccountType")
    _check_number(company, doc, before)
    _check_place(company, doc)


def _bad_pair() -> Refusal:
    """A type and a subtype that are none or do not belong together: 2170, in the words of 6010 (seen live)."""
    return refuse("2170", "Invalid Enumeration : Invalid Account.AccountType && Account.SubType", "AccountSubType")


def _check_number(company: Company, doc: Doc, before: Doc | None) -> None:
    number = doc.get("AcctNum")
    if not number:
        return
    profile = company.find("CompanyInfo", "1")
    most = NUMBER_LENGTH.get(str(profile.body.get("Country")) if profile else "", 7)
    if len(str(number)) > most:
        raise Refusal(too_long("AcctNum", most, len(str(number))))
    for other in company.shelves["Account"].ids_with("AcctNum", str(number)):
        record = company.fetch("Account", other)
        if other != str((before or {}).get("Id")) and record.body.get("Active") and doc["Active"]:
            raise refuse("630", f"The account number {number} is already used by account Id={other}", "AcctNum")


def _check_place(company: Company, doc: Doc) -> None:
    parent = company.find("Account", ref_id(doc, "ParentRef"))
    if parent is None:
        return
    for subkind in (doc["AccountSubType"], parent.body["AccountSubType"]):
        if subkind in ALONE:
            raise broken_rule(f"An account of type {subkind} has no sub-accounts and is none.", "ParentRef")
    if parent.body["AccountType"] != doc["AccountType"]:
        raise broken_rule("A sub-account must be of the same account type as its parent.", "ParentRef")
