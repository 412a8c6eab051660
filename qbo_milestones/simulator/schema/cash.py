"""Money that moves, as data: payment, bill payment, deposit, transfer, and the journal entry."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    anything,
    choice,
    flag,
    group,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.money import BASE, CASH, MONEY
from qbo_milestones.simulator.schema.shapes import CUSTOM_FIELD, LINE

CASH_MOVES = [
    EntitySpec(
        "Payment",
        {
            **{name: field for name, field in MONEY.items() if name != "DocNumber"}, **CASH,
            "DocNumber": text(21), "Line": listing(LINE), "TotalAmt": number("!fs"),
            "CustomerRef": ref("Customer", "!f"), "ProjectRef": ref("Customer", "f"),
            "DepositToAccountRef": ref("Account", "b"), "PaymentMethodRef": ref("PaymentMethod", "b"),
            "PaymentRefNum": text(100, "fs"), "UnappliedAmt": number("-"), "ProcessPayment": flag(),
            "ARAccountRef": ref("Account"),
        },
        BASE | {"void", "send", "pdf"}, posts=True,
    ),
    EntitySpec(
        "JournalEntry", {**MONEY, "Adjustment": flag(), "CustomField": listing(CUSTOM_FIELD)},
        BASE, posts=True,
    ),
    EntitySpec(
        "Deposit",
        {
            **MONEY, "DepositToAccountRef": ref("Account", "!"), "ClassRef": ref("Class"),
            "CashBack": group(AccountRef=ref("Account"), Amount=number(), Memo=text(4000)),
        },
        BASE, posts=True,
    ),
    EntitySpec(
        "BillPayment",
        {
            **MONEY, "TotalAmt": number("!fs"), "VendorRef": ref("Vendor", "!fs"),
            "PayType": Field("choice", required=True, choices=("Check", "CreditCard")),
            "CheckPayment": group(
                BankAccountRef=ref("Account"), PrintStatus=choice("NotSet", "NeedToPrint", "PrintComplete"),
                CheckNum=text(21), Status=text(), NameOnAcct=text(), AcctNum=text(), BankName=text()),
            "CreditCardPayment": group(CCAccountRef=ref("Account"), CCDetail=anything()),
            "APAccountRef": ref("Account", "fs"), "ProcessBillPayment": flag(), "Line": listing(LINE),
        },
        BASE | {"void"}, posts=True,
    ),
    EntitySpec(
        "Transfer",
        {
            **{name: field for name, field in MONEY.items() if name not in ("TotalAmt", "HomeTotalAmt", "Line")},
            "DocNumber": text(21), "FromAccountRef": ref("Account", "!"), "ToAccountRef": ref("Account", "!"),
            "Amount": number("!"),
        },
        BASE, posts=True,
    ),
    EntitySpec(
        "CreditCardPayment",
        {
            **{name: field for name, field in MONEY.items()
               if name not in ("DocNumber", "TotalAmt", "HomeTotalAmt", "Line")},
            "BankAccountRef": ref("Account", "!"), "CreditCardAccountRef": ref("Account", "!"),
            "Amount": number("!"), "VendorRef": ref("Vendor"), "CheckNum": text(21), "Memo": text(4000),
            "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
        },
        BASE, posts=True, wrapped_as="CreditCardPaymentTxn",
    ),
]  # fmt: skip
