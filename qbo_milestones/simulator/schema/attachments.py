"""Files and notes that hang on other objects, as data."""

from qbo_milestones.simulator.schema.fields import EntitySpec, choice, integer, listing, text
from qbo_milestones.simulator.schema.shapes import CARRIED_BY, FRAME

ATTACHABLE = EntitySpec(
    "Attachable",
    {
        **FRAME, "FileName": text(1000, "fs"), "Note": text(2000, "fs"),
        "Category": choice(
            "Contact Photo", "Document", "Image", "Receipt", "Signature", "Sound", "Other", marks="fs"
        ),
        "ContentType": text(100, "fs"), "Size": integer("-fs"), "FileAccessUri": text(-1, "-"),
        "TempDownloadUri": text(-1, "-"), "ThumbnailFileAccessUri": text(-1, "-"),
        "ThumbnailTempDownloadUri": text(-1, "-"), "PlaceName": text(2000, "fs"), "Lat": text(100, "fs"),
        "Long": text(100, "fs"), "Tag": text(2000, "fs"), "AttachableRef": listing(CARRIED_BY),
    },
    frozenset({"create", "read", "query", "update", "delete"}),
)  # fmt: skip
