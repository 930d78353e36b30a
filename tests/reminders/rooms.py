"""Libra lists of whole rooms, as a court prints them again and again."""

from typing import Any

DAY = "23/09/2026"


def listed(number: int, *, at: str = "10:00", listno: str = "1st") -> dict[str, Any]:
    """The number-th person of a list, in a case of their own."""
    return {"number": number, "at": at, "listno": listno}


def libra(
    rooms: dict[str, list[dict[str, Any]]],
    *,
    printed: str = "14/09/2026",
    sequence: int = 1,
    court: str = "B41ME00",
    day: str = DAY,
) -> bytes:
    """One file: a document a room, each with its cases."""
    return f"<ExternalDocumentRequest><documents>{''.join(_document(room, cases, printed, sequence, court, day) for room, cases in rooms.items())}</documents></ExternalDocumentRequest>".encode()


def _document(
    room: str, cases: list[dict[str, Any]], printed: str, sequence: int, court: str, day: str
) -> str:
    name = f"{sequence}_{day.replace('/', '')}_1910_{court}_ADULT_COURT_LIST_DAILY"
    blocks = "".join(
        f"<block><bstart>{one['at']}</bstart><desc>First Hearings Slot</desc><cases><case><caseno>41C{one['number']:03}</caseno>"
        f"<def_name>Mr P{one['number']:03} EXAMPLE</def_name><def_type>P</def_type><def_dob>04/05/1990</def_dob>"
        f"<listno>{one['listno']}</listno><offences><offence><code>CA03013</code></offence></offences></case></cases></block>"
        for one in cases
    )
    return (
        f"<document><info><source_file_name>{name}</source_file_name></info><data><job><printdate>{printed}</printdate>"
        f"<sessions><session><ou_code>{court}</ou_code><doh>{day}</doh><room>{room}</room><sstart>10:00</sstart>"
        f"<blocks>{blocks}</blocks></session></sessions></job></data></document>"
    )
