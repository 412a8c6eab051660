"""What the agency sells and buys: services, a bundle, goods, and what it only pays for."""

from qbo_milestones.simulator.amounts import Doc


def _item(item_id: int, name: str, account_id: int, description: str) -> Doc:
    return {"Id": str(item_id), "Name": name, "Type": "Service", "IncomeAccountRef": {"value": str(account_id)},
            "Description": description}  # fmt: skip


def _bought(item_id: int, name: str, kind: str, income: int) -> Doc:
    cost = {"ExpenseAccountRef": {"value": "18"}}
    return {"Id": str(item_id), "Name": name, "Type": kind, "IncomeAccountRef": {"value": str(income)}, **cost}


def _part(item_id: str, count: int) -> Doc:
    return {"ItemRef": {"value": item_id}, "Qty": count}


ITEMS = [
    _item(1, "Milestone", 4, "Accepted deliverable"),
    _item(2, "Retention", 5, "Amount held back until final acceptance"),
    _item(3, "Deposit applied", 6, "Deposit received earlier"),
    _item(4, "Consulting", 9, "Work by the hour"),
    _item(5, "Hosting", 9, "Monthly hosting"),
    {"Id": "6", "Name": "Brand work", "Type": "Category"},
    {**_item(7, "Brand guide", 9, "Logo, colours and type in one document"), "ParentRef": {"value": "6"},
     "UnitPrice": 4800},
    {"Id": "8", "Name": "Website care", "Type": "Group", "Description": "Hosting and two hours of work",
     "PrintGroupedItems": True, "ItemGroupDetail": {"ItemGroupLine": [_part("4", 2), _part("5", 1)]}},
    {**_bought(9, "Stock photograph", "NonInventory", 31), "UnitPrice": 45, "PurchaseCost": 30,
     "PurchaseDesc": "One picture, one use"},
    {**_bought(10, "Printed brand guide", "Inventory", 31), "UnitPrice": 60, "PurchaseCost": 22,
     "ExpenseAccountRef": {"value": "37"}, "AssetAccountRef": {"value": "22"}, "TrackQtyOnHand": True,
     "QtyOnHand": 0, "InvStartDate": "2026-01-01", "Sku": "NL-GUIDE"},
    {**_bought(11, "Work of freelancers", "Service", 9), "PurchaseDesc": "By the day", "PurchaseCost": 520},
    {"Id": "12", "Name": "Software licence", "Type": "NonInventory", "ExpenseAccountRef": {"value": "17"},
     "PurchaseDesc": "One seat for a month", "PurchaseCost": 25, "PrefVendorRef": {"value": "2"}},
]  # fmt: skip
