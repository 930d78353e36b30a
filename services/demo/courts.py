"""The story's courts as the feeds and the texts name them. Ids, names and addresses: HMCTS's list of organisation units."""

from dataclasses import dataclass

PILOT = ("B41ME00", "B41MJ00")


@dataclass(frozen=True, slots=True)
class Court:
    """A court: Common Platform's id and name, its local justice area, its address, and its name in a text."""

    id: str
    name: str
    lja: tuple[str, str]
    address: tuple[str, str, str]
    short: str


COURTS = {
    "B41ME00": Court(
        "f205f2f8-28b4-308c-b871-ec4b9d8e770c",
        "St. Albans Magistrates' Court",
        ("1910", "West Hertfordshire Magistrates' Court"),
        ("Civic Centre", "St. Albans", "AL1 3LB"),
        "St Albans Magistrates Court",
    ),
    "B41MJ00": Court(
        "b324e253-dd45-31f6-baf3-695d87fbde46",
        "Stevenage Magistrates' Court",
        ("1911", "North and East Hertfordshire Magistrates' Court"),
        ("Danesgate", "Stevenage", "SG1 1XH"),
        "Stevenage Magistrates Court",
    ),
    "B41US00": Court(
        "a27d6ef0-42ec-360d-b62a-7cb855641b3c",
        "Hatfield Magistrates' Court",
        ("1910", "West Hertfordshire Magistrates' Court"),
        ("Comet Way", "Hatfield", "AL10 9SJ"),
        "Hatfield Remand Court",
    ),
    # Over the county's border: a court that Heed is not configured for.
    "B40IM00": Court(
        "785339c1-af71-3322-a55b-ba255e0db1c2",
        "Luton Magistrates' Court",
        ("1080", "Bedfordshire Magistrates' Court"),
        ("Stuart Street", "Luton", "LU1 5BL"),
        "",
    ),
}
