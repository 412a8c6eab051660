"""What is bought, as data: bill, vendor credit, purchase, purchase order; and the time that people record."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
    Field,
    anything,
    choice,
    date,
    flag,
    integer,
    listing,
    number,
    ref,
    text,
)
from qbo_milestones.simulator.schema.money import BASE, MONEY
from qbo_milestones.simulator.schema.shapes import ADDRESS, CUSTOM_FIELD, EMAIL, FRAME, LINK

BOUGHT: dict[str, Field] = {
    **MONEY, "TotalAmt": number("-fs"), "VendorRef": ref("Vendor", "!"), "APAccountRef": ref("Account", "fs"),
    "VendorAddr": ADDRESS, "Balance": number("-s"), "HomeBalance": number("-"), "IncludeInAnnualTPAR": flag(),
}  # fmt: skip

PURCHASES = [
    EntitySpec(
        "Bill",
        {
            **BOUGHT, "VendorRef": ref("Vendor", "!fs"), "Balance": number("-f"), "DueDate": date("fs"),
            "SalesTermRef": ref("Term", "fs"), "PayerRef": ref(""), "Memo": text(4000),
        },
        BASE, posts=True,
    ),
    EntitySpec("VendorCredit", BOUGHT, BASE, posts=True),
    EntitySpec(
        "Purchase",
        {
            **MONEY, "TotalAmt": number("-fs"), "AccountRef": ref("Account", "!f"), "EntityRef": ref(""),
            "PaymentType": Field("choice", required=True, filterable=True, choices=("Cash", "Check", "CreditCard")),
            "PaymentMethodRef": ref("PaymentMethod"), "Credit": flag(), "RemitToAddr": ADDRESS,
            "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"), "PaymentRefNum": text(21),
            "CheckPayment": anything(), "CreditCardPayment": anything(), "IncludeInAnnualTPAR": flag(),
            "PurchaseEx": anything("-"),
        },
        BASE, posts=True,
    ),
    EntitySpec(
        "PurchaseOrder",
        {
            **{name: field for name, field in BOUGHT.items() if name not in ("Balance", "HomeBalance")},
            "TotalAmt": number("-"), "APAccountRef": ref("Account"), "POStatus": choice("Open", "Closed"),
            "DueDate": date("fs"),
            "POEmail": EMAIL, "ShipAddr": ADDRESS, "ShipTo": ref("Customer"), "ShipMethodRef": anything(),
            "SalesTermRef": ref("Term"), "ClassRef": ref("Class"), "Memo": text(4000), "EmailStatus": choice(
                "NotSet", "NeedToSend", "EmailSent"), "CustomField": listing(CUSTOM_FIELD),
            "DeliveryInfo": anything(),
        },
        BASE | {"send", "pdf"},
    ),
]  # fmt: skip

TIME = EntitySpec(
    "TimeActivity",
    {
        **FRAME, "TxnDate": date("fs"), "NameOf": text(20, "!"),
        "EmployeeRef": ref("Employee"), "VendorRef": ref("Vendor"), "CustomerRef": ref("Customer"),
        "ProjectRef": ref("Customer", "f"), "DepartmentRef": ref("Department"), "ClassRef": ref("Class"),
        "ItemRef": ref("Item"), "PayrollItemRef": ref(""),
        "BillableStatus": choice("Billable", "NotBillable", "HasBeenBilled"), "Taxable": flag(),
        "HourlyRate": number(), "CostRate": number(), "Hours": integer(), "Minutes": integer(), "Seconds": integer(),
        "BreakHours": integer(), "BreakMinutes": integer(), "BreakSeconds": integer(), "StartTime": text(40),
        "EndTime": text(40), "TimeZone": text(60), "Description": text(4000), "TransactionLocationType": text(),
        "LinkedTxn": listing(LINK),
    },
    BASE, cdc=False,
)  # fmt: skip
