"""Shapes that several entities share: addresses, lines, links, the frame that every object has."""

from dataclasses import replace

from qbo_milestones.simulator.schema.fields import (
    Field,
    anything,
    choice,
    date,
    flag,
    group,
    integer,
    listing,
    number,
    ref,
    text,
)

META = group(
    CreateTime=text(40, "-fs"), LastUpdatedTime=text(40, "-fs"), LastModifiedByRef=ref("", "-"),
    CreatedByRef=ref("", "-"), LastChangedInQB=text(40, "-"), Synchronized=flag("-"),
)  # fmt: skip
CARRIED_BY: dict[str, Field] = {
    "EntityRef": ref("", "f"), "IncludeOnSend": flag("f"), "LineInfo": text(4000, "f"), "NoRefOnly": flag("f"),
    "Inactive": flag("f"), "CustomField": anything(),
}  # fmt: skip
_UNSEARCHED = {name: replace(field, filterable=False) for name, field in CARRIED_BY.items()}
FRAME: dict[str, Field] = {
    "domain": text(20), "sparse": flag(), "Id": text(20, "fs"), "SyncToken": text(20), "MetaData": META,
    "status": text(20), "CustomExtensions": anything(), "AttachableRef": listing(_UNSEARCHED),
}  # fmt: skip

_STREET = {f"Line{row}": text(500) for row in range(1, 6)}
ADDRESS = group(
    Id=text(20), **_STREET, City=text(255), Country=text(255, form="country"), CountryCode=text(255),
    CountrySubDivisionCode=text(255), PostalCode=text(31), PostalCodeSuffix=text(31), Lat=text(40, "-"),
    Long=text(40, "-"), Note=text(), Tag=text(),
)  # fmt: skip


def email(marks: str = "", limit: int = 100) -> Field:
    """An e-mail address (RFC 822), searched for only where it is marked so."""
    return group(Address=text(limit, marks, form="email"), Id=text(20), Default=flag(), Tag=text())


def phone(limit: int = 30) -> Field:
    """A telephone number as a person writes it."""
    return group(
        FreeFormNumber=text(limit), Id=text(20), DeviceType=text(), CountryCode=text(), AreaCode=text(),
        ExchangeCode=text(), Extension=text(), Default=flag(), Tag=text(),
    )  # fmt: skip


EMAIL = email()
PHONE = phone()
WEBSITE = group(URI=text(1000, form="uri"), Id=text(20), Default=flag(), Tag=text())
MEMO = group(value=text(1000), id=text(20))
LINK = {"TxnId": text(20), "TxnType": text(40), "TxnLineId": text(20)}
CUSTOM_FIELD = {"DefinitionId": text(20), "Name": text(100), "Type": text(30), "StringValue": text(),
                "NumberValue": number(), "DateValue": date(), "BooleanValue": flag()}  # fmt: skip
TAX_DETAIL = group(
    DefaultTaxCodeRef=ref("TaxCode", "b"), TxnTaxCodeRef=ref("TaxCode", "b"), TotalTax=number(), TaxReviewStatus=text(),
    UseAutomatedSalesTax=flag(), TaxLine=anything(),
)  # fmt: skip

_SALES_ITEM = group(
    ItemRef=ref("Item"), Qty=number(), UnitPrice=number(), RatePercent=number(), PriceLevelRef=ref(""),
    ServiceDate=date(), ClassRef=ref("Class"), TaxCodeRef=ref("TaxCode", "b"), TaxInclusiveAmt=number(),
    DiscountRate=number(), DiscountAmt=number(), MarkupInfo=anything(), ItemAccountRef=ref("Account"),
    DeferredRevenue=flag(), RetainageAmount=number(), TaxClassificationRef=ref(""), UQCId=text(),
)  # fmt: skip
_DISCOUNT = group(
    PercentBased=flag(), DiscountPercent=number(), DiscountAccountRef=ref("Account"), ClassRef=ref("Class"),
    TaxCodeRef=ref("TaxCode", "b"), DiscountRef=ref(""), ServiceDate=date(),
)  # fmt: skip
_ENTITY = group(Type=text(20), EntityRef=ref(""), value=text(20), name=text(), type=text(20))
_JOURNAL = group(
    PostingType=choice("Debit", "Credit"), AccountRef=ref("Account"), Entity=_ENTITY, ClassRef=ref("Class"),
    DepartmentRef=ref("Department"), TaxCodeRef=ref("TaxCode", "b"), TaxRateRef=ref("TaxRate"), TaxApplicableOn=text(),
    TaxAmount=number(), TaxInclusiveAmt=number(), BillableStatus=text(-1, "-"), JournalCodeRef=ref(""),
)  # fmt: skip
_DEPOSIT = group(
    AccountRef=ref("Account"), Entity=_ENTITY, PaymentMethodRef=ref("PaymentMethod"), CheckNum=text(21),
    ClassRef=ref("Class"), TxnType=text(), TaxCodeRef=ref("TaxCode", "b"), TaxApplicableOn=text(),
)  # fmt: skip
_COST: dict[str, Field] = {
    "CustomerRef": ref("Customer"), "ClassRef": ref("Class"), "TaxCodeRef": ref("TaxCode", "b"), "TaxAmount": number(),
    "TaxInclusiveAmt": number(), "BillableStatus": choice("Billable", "NotBillable", "HasBeenBilled"),
    "MarkupInfo": anything(),
}  # fmt: skip
_ACCOUNT_COST = group(AccountRef=ref("Account"), **_COST)
_ITEM_COST = group(
    ItemRef=ref("Item"), Qty=number(), UnitPrice=number(), RatePercent=number(), PriceLevelRef=ref(""),
    ItemAccountRef=ref("Account"), Received=number(), **_COST,
)  # fmt: skip
_IN_BUNDLE: dict[str, Field] = {
    "Id": text(20), "LineNum": integer(), "Description": text(4000), "Amount": number(), "DetailType": text(60),
    "LineEx": anything(), "CustomExtensions": anything(), "SalesItemLineDetail": _SALES_ITEM,
}  # fmt: skip
_BUNDLE = group(
    GroupItemRef=ref("Item"), Quantity=number(), Line=listing(_IN_BUNDLE), ServiceDate=date(), UOMRef=anything(),
    ItemAccountRef=ref("Account"), ClassRef=ref("Class"), TaxCodeRef=ref("TaxCode", "b"), PriceLevelRef=ref(""),
)  # fmt: skip
LINE: dict[str, Field] = {
    "Id": text(20), "LineNum": integer(), "Description": text(4000), "Amount": number(), "Received": number(),
    "DetailType": text(60), "LinkedTxn": listing(LINK), "CustomField": listing(CUSTOM_FIELD), "LineEx": anything(),
    "ProjectRef": ref("Customer"), "CustomExtensions": anything(), "SalesItemLineDetail": _SALES_ITEM,
    "DiscountLineDetail": _DISCOUNT, "JournalEntryLineDetail": _JOURNAL, "DepositLineDetail": _DEPOSIT,
    "AccountBasedExpenseLineDetail": _ACCOUNT_COST, "ItemBasedExpenseLineDetail": _ITEM_COST,
    "DescriptionLineDetail": anything(), "SubTotalLineDetail": anything(), "GroupLineDetail": _BUNDLE,
    "TaxLineDetail": anything(), "PaymentLineDetail": anything(),
}  # fmt: skip
