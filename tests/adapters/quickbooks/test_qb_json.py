"""Our postings on the wire and QuickBooks' documents in our words."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_doubles import unhurried

from qbo_milestones.adapters.quickbooks import name_lists
from qbo_milestones.adapters.quickbooks.faults import Unreadable
from qbo_milestones.adapters.quickbooks.json import document, instant, invoice_body, journal_body, read_body
from qbo_milestones.model.books import DocumentKind, Link, Named
from qbo_milestones.model.money import Money, from_minor
from qbo_milestones.pipeline.outbox import differences
from qbo_milestones.pipeline.posting import InvoiceDraft, JournalDraft

INVOICE, JOURNAL = DocumentKind.INVOICE, DocumentKind.JOURNAL_ENTRY
ids = st.from_regex(r"[1-9][0-9]{0,18}", fullmatch=True)
maybe_ids = st.just("") | ids
texts = st.text(max_size=60)
money = st.builds(from_minor, st.integers(1, 10**13), st.sampled_from(["USD", "EUR", "JPY", "BHD"]))
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
invoices = st.builds(
    InvoiceDraft,
    customer_id=ids,
    date=days,
    service_date=days,
    amount=money,
    item_id=ids,
    description=texts,
    note=texts,
    memo=texts,
    number=texts,
    terms_id=maybe_ids,
    email=texts,
    send=st.booleans(),
    class_id=maybe_ids,
    class_on_line=st.booleans(),
    location_id=maybe_ids,
    tax_code_id=maybe_ids,
    multicurrency=st.booleans(),
    custom_fields=st.lists(st.tuples(ids, texts), max_size=3).map(tuple),
)
journals = st.builds(
    JournalDraft,
    customer_id=ids,
    date=days,
    amount=money,
    debit_account_id=ids,
    credit_account_id=ids,
    description=texts,
    note=texts,
    number=texts,
    class_id=maybe_ids,
    location_id=maybe_ids,
    multicurrency=st.booleans(),
)
DRAFT = InvoiceDraft("7", date(2026, 11, 23), date(2026, 10, 28), from_minor(1_000_000, "USD"), "1", "Brand book", "n")


def echo(body: bytes) -> dict[str, Any]:
    """What QuickBooks answers for a body: the same, with what it adds of its own."""
    tree: dict[str, Any] = json.loads(body, parse_float=Decimal)
    tree |= {"Id": "145", "SyncToken": "0", "domain": "QBO", "sparse": False, "TotalAmt": 0, "HomeTotalAmt": 0}
    for number, line in enumerate(tree["Line"]):
        line |= {"Id": str(number), "LineNum": number + 1}
    if "CustomerRef" in tree:
        tree["CustomerRef"]["name"] = "Acme"
        tree["Line"].append({"Amount": 1, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    return tree


@unhurried
@given(invoices)
def test_an_honest_echo_of_an_invoice_has_no_difference(draft: InvoiceDraft) -> None:
    body = invoice_body(draft)
    sent, held = read_body(INVOICE, body, draft.amount.currency), document(INVOICE, echo(body), draft.amount.currency)
    assert differences(sent, held) == ()
    assert (sent.customer_id, sent.note, sent.number) == (draft.customer_id, draft.note, draft.number)
    (line,) = sent.lines
    assert (line.amount, line.item_id, line.description) == (draft.amount, draft.item_id, draft.description)
    assert (line.class_id, sent.location_id) == (draft.class_id, draft.location_id)


@unhurried
@given(journals)
def test_an_honest_echo_of_a_journal_has_no_difference(draft: JournalDraft) -> None:
    body = journal_body(draft)
    sent, held = read_body(JOURNAL, body, draft.amount.currency), document(JOURNAL, echo(body), draft.amount.currency)
    assert differences(sent, held) == ()
    assert sent.total == draft.amount
    assert [(line.side, line.account_id) for line in sent.lines] == [
        ("Debit", draft.debit_account_id),
        ("Credit", draft.credit_account_id),
    ]
    assert {line.customer_id for line in sent.lines} == {draft.customer_id}


@unhurried
@given(invoices, st.integers(1, 99))
def test_a_changed_amount_is_a_difference(draft: InvoiceDraft, more: int) -> None:
    body = invoice_body(draft)
    tree = echo(body)
    tree["Line"][0]["Amount"] = Decimal(tree["Line"][0]["Amount"]) + more
    currency = draft.amount.currency
    assert differences(read_body(INVOICE, body, currency), document(INVOICE, tree, currency))


@unhurried
@given(invoices | journals)
def test_the_same_draft_is_the_same_bytes_in_ascii(draft: InvoiceDraft | JournalDraft) -> None:
    render: Any = invoice_body if isinstance(draft, InvoiceDraft) else journal_body
    body = render(draft)
    assert body == render(replace(draft))
    assert body.isascii()


def test_an_invoice_says_what_we_mean_and_nothing_else() -> None:
    assert invoice_body(DRAFT) == (
        b'{"TxnDate":"2026-11-23","CustomerRef":{"value":"7"},"EmailStatus":"NotSet","PrivateNote":"n",'
        b'"Line":[{"DetailType":"SalesItemLineDetail","Amount":10000.00,"Description":"Brand book",'
        b'"SalesItemLineDetail":{"ItemRef":{"value":"1"},"Qty":1,"UnitPrice":10000.00,"ServiceDate":"2026-10-28"}}]}'
    )


def test_an_invoice_with_everything() -> None:
    draft = replace(
        DRAFT,
        memo="PO 1",
        number="D-1-A",
        terms_id="3",
        email="a@b.example",
        send=True,
        class_id="5",
        class_on_line=False,
        location_id="6",
        tax_code_id="NON",
        multicurrency=True,
        custom_fields=(("1", "D-1"),),
    )
    tree = json.loads(invoice_body(draft))
    line = tree.pop("Line")[0]
    assert tree == {
        "TxnDate": "2026-11-23",
        "DocNumber": "D-1-A",
        "CustomerRef": {"value": "7"},
        "CurrencyRef": {"value": "USD"},
        "SalesTermRef": {"value": "3"},
        "BillEmail": {"Address": "a@b.example"},
        "EmailStatus": "NeedToSend",
        "ClassRef": {"value": "5"},
        "DepartmentRef": {"value": "6"},
        "PrivateNote": "n",
        "CustomerMemo": {"value": "PO 1"},
        "CustomField": [{"DefinitionId": "1", "Type": "StringType", "StringValue": "D-1"}],
    }
    assert line["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert "ClassRef" not in line["SalesItemLineDetail"]


def test_a_journal_on_the_wire() -> None:
    draft = JournalDraft("7", date(2026, 10, 28), from_minor(105, "USD"), "4", "8", "d", "n", "D-1-AJ", "5", "6")
    tree = json.loads(journal_body(draft), parse_float=Decimal)
    assert {key: tree[key] for key in tree if key != "Line"} == {
        "TxnDate": "2026-10-28",
        "DocNumber": "D-1-AJ",
        "PrivateNote": "n",
    }
    assert tree["Line"][1] == {
        "DetailType": "JournalEntryLineDetail",
        "Amount": Decimal("1.05"),
        "Description": "d",
        "JournalEntryLineDetail": {
            "PostingType": "Credit",
            "AccountRef": {"value": "8"},
            "Entity": {"Type": "Customer", "EntityRef": {"value": "7"}},
            "ClassRef": {"value": "5"},
            "DepartmentRef": {"value": "6"},
        },
    }


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_open_amounts_by_kind() -> None:
    raw: dict[str, Any] = {"Id": "1", "TotalAmt": 10, "Balance": 4, "RemainingCredit": 3, "UnappliedAmt": 2}
    kinds = (INVOICE, DocumentKind.CREDIT_MEMO, DocumentKind.PAYMENT, DocumentKind.DEPOSIT, JOURNAL)
    assert [document(kind, raw, "USD").balance for kind in kinds] == list(map(usd, "43200"))


def test_a_deposit_names_accounts_customers_and_what_it_holds() -> None:
    raw: dict[str, Any] = {
        "Id": "9",
        "TotalAmt": "100.10",
        "DepositToAccountRef": {"value": "1"},
        "Line": [
            {"Amount": 90.1, "LinkedTxn": [{"TxnId": "5", "TxnType": "Payment", "TxnLineId": "0"}]},
            {
                "Amount": Decimal(10),
                "DetailType": "DepositLineDetail",
                "DepositLineDetail": {"AccountRef": {"value": "10"}, "Entity": {"value": "7", "type": "CUSTOMER"}},
            },
        ],
    }
    raw["Line"][0]["Amount"] = Decimal("90.1")
    held = document(DocumentKind.DEPOSIT, raw, "USD")
    assert (held.total, held.deposit_account_id) == (usd("100.10"), "1")
    assert held.lines[0].links == (Link("Payment", "5"),)
    assert (held.lines[1].account_id, held.lines[1].customer_id) == ("10", "7")


def test_missing_and_unknown_keys_are_fine() -> None:
    held = document(INVOICE, {"Id": "1", "RetainageAmount": {}, "Line": None}, "USD")
    assert (held.total, held.lines, held.links, held.txn_date) == (usd("0"), (), (), None)


def test_a_foreign_document_keeps_its_currency() -> None:
    assert document(INVOICE, {"Id": "1", "TotalAmt": 5, "CurrencyRef": {"value": "EUR"}}, "USD").total.currency == "EUR"


def test_finer_amounts_are_rounded_half_up() -> None:
    assert document(INVOICE, {"Id": "1", "TotalAmt": Decimal("0.125")}, "USD").total == usd("0.13")


@pytest.mark.parametrize("amount", ["ten", [1], True, "NaN", Decimal("1e999999"), {"value": 1}])
def test_an_amount_that_is_none_is_unreadable(amount: object) -> None:
    with pytest.raises(Unreadable):
        document(INVOICE, {"Id": "1", "TotalAmt": amount}, "USD")


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["Id", "Line", "LinkedTxn", "MetaData", "CustomerRef", "TotalAmt", "CurrencyRef", "status", "TxnDate", "Balance"]


@unhurried
@given(st.sampled_from(list(DocumentKind)), st.dictionaries(st.sampled_from(KEYS), trees))
def test_whatever_comes_is_read_or_unreadable_but_never_crashes(kind: DocumentKind, raw: dict[str, Any]) -> None:
    try:
        document(kind, raw, "USD")
    except Unreadable:
        return


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-07-24T10:33:39.11-07:00", datetime(2015, 7, 24, 17, 33, 39, 110000, UTC)),
        ("2025-09-10T21:31:25.179851517Z", datetime(2025, 9, 10, 21, 31, 25, 179851, UTC)),
        ("2026-09-30T10:00:00-0700", datetime(2026, 9, 30, 17, 0, 0, 0, UTC)),
        ("2026-09-30T10:00:00", datetime(2026, 9, 30, 10, 0, 0, 0, UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_instants_in_every_writing(text: str, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_preferences_without_anything_are_all_off() -> None:
    found = name_lists.preferences({})
    assert (found.home_currency, found.multicurrency, found.closed_until, found.custom_fields) == ("", False, None, ())


def test_preferences_of_a_company_with_custom_fields_and_automated_tax() -> None:
    found = name_lists.preferences(
        {
            "AccountingInfoPrefs": {"ClassTrackingPerTxn": True, "BookCloseDate": "2026-09-30"},
            "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True},
            "SalesFormsPrefs": {
                "AutoApplyCredit": True,
                "CustomField": [
                    {
                        "CustomField": [
                            {"Name": "SalesFormsPrefs.UseSalesCustom1", "BooleanValue": True},
                            {"Name": "SalesFormsPrefs.UseSalesCustom2", "BooleanValue": False},
                        ]
                    },
                    {
                        "CustomField": [
                            {"Name": "SalesFormsPrefs.SalesCustomName1", "StringValue": "Deliverable"},
                            {"Name": "SalesFormsPrefs.SalesCustomName2", "StringValue": "Old"},
                        ]
                    },
                ],
            },
        }
    )
    assert found.tracks_classes
    assert found.tracks_classes_per_transaction
    assert found.closed_until == date(2026, 9, 30)
    assert found.automated_sales_tax
    assert found.applies_credits_automatically
    assert found.custom_fields == (Named("1", "Deliverable"), Named("2", "Old", False))


def test_terms_by_day_of_month_have_no_days() -> None:
    assert name_lists.term({"Id": "1", "Name": "Net 30", "DueDays": 30, "Type": "STANDARD"}).due_days == 30
    assert name_lists.term({"Id": "2", "Name": "15th", "DayOfMonthDue": 15, "Type": "DATE_DRIVEN"}).due_days is None


def test_projects_are_customers_with_a_parent() -> None:
    raw = {"Id": "8", "DisplayName": "Site", "ParentRef": {"value": "7"}, "IsProject": True, "Active": True}
    found = name_lists.customer(raw)
    assert (found.parent_id, found.is_project) == ("7", True)
