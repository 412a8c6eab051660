from enum import Enum

class Scopes(Enum):
    ACCOUNTING = "com.intuit.quickbooks.accounting"
