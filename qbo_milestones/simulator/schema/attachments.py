"""Files and notes that hang on other objects, as data."""

from qbo_milestones.simulator.schema.fields import EntitySpec, integer, text
from qbo_milestones.simulator.schema.shapes import FRAME

ATTACHABLE = EntitySpec(
    "Attachable",
    {
        **FRAME, "FileName": text(1000, "fs"), "Note": text(2000, "fs"), "Category": text(100, "fs"),
        "ContentType": text(100, "f"), "Size": integer("fs"), "FileAccessUri": text(-1, "-"),
        "TempDownloadUri": text(-1, "-"), "ThumbnailFileAccessUri": text(-1, "-"),
        "ThumbnailTempDownloadUri": text(-1, "-"), "PlaceName": text(2000), "Lat": text(), "Long": text(),
        "Tag": text(2000),
    },
    frozenset({"create", "read", "query", "update", "delete"}),
)  # fmt: skip
