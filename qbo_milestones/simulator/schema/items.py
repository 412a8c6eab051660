"""What a company sells and buys, as data: services, goods, bundles, and the categories over them."""

from qbo_milestones.simulator.schema.fields import (
    EntitySpec,
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
from qbo_milestones.simulator.schema.people import LISTED, NO_NAME
from qbo_milestones.simulator.schema.shapes import FRAME

_BUNDLED = listing({"ItemRef": ref("Item"), "Qty": number(), "Id": text(20), "UOMRef": anything()})

ITEM = EntitySpec(
    "Item",
    {
        "Name": text(100, "!fs", NO_NAME), "Sku": text(100, "fs"), "Description": text(4000), "Active": flag("fs"),
        "SubItem": flag("f"), "ParentRef": ref("Item", "f"), "Level": integer("-"),
        "FullyQualifiedName": text(-1, "-fs"), "Taxable": flag("f"), "SalesTaxIncluded": flag(),
        "UnitPrice": number("s"), "RatePercent": number(),
        "Type": choice("Service", "NonInventory", "Inventory", "Group", "Category", marks="fs"),
        "IncomeAccountRef": ref("Account"), "PurchaseDesc": text(1000), "PurchaseTaxIncluded": flag(),
        "PurchaseCost": number("s"), "ExpenseAccountRef": ref("Account"), "AssetAccountRef": ref("Account"),
        "PrefVendorRef": ref("Vendor"), "TrackQtyOnHand": flag(), "QtyOnHand": number(), "ReorderPoint": number(),
        "SalesTaxCodeRef": ref("TaxCode"), "PurchaseTaxCodeRef": ref("TaxCode"), "InvStartDate": date(),
        "PrintGroupedItems": flag(), "ItemGroupDetail": group(ItemGroupLine=_BUNDLED), "ClassRef": ref("Class"),
        "AbatementRate": number(), "ReverseChargeRate": number(), "ServiceType": text(), "ItemCategoryType": text(),
        "TaxClassificationRef": ref(""), "UQCDisplayText": text(25), "UQCId": text(20), "DeferredRevenue": flag(),
        "Source": text(-1, "-"), **FRAME,
    },
    LISTED, unique="Name",
)  # fmt: skip
