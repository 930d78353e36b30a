"""The replay's residents coded, reported, and told: `python -m tests.replay.coded FOLDER`.

Two coders who know what the sentences were made of, and slip now and then, code the consultation of 2019 at its own size; words are
cleared by two people; themes are answered; those who asked are texted. Everything is synthetic. What it prints: the report's shape beside
that of the summary that was published in 2019, and one resident's way from their text to what was done.
"""

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from services.cli.output import show_table, write_folder
from services.common import audit, clock
from services.common.context import Heed
from services.common.logs import configure
from services.common.process import opened
from services.consultation import (
    bundles,
    coding,
    consultations,
    duplicates,
    feedback,
    feedback_texts,
    files,
    imports,
    lookup,
    publication,
    publicity,
    questionnaire,
    reports,
    said_back,
    words,
)
from services.consultation.cli.feedback import show_chain
from services.consultation.models import Coding, Consultation, Redaction, Respondent, Submission
from services.consultation.reporting import forms
from services.consultation.themes.queue import blind
from tests.replay.year_2019 import PUBLICITY, Year, year

ANNA, BEN, CARA = "person:anna", "person:ben", "person:cara"
SEED = 2019
# What a view asks for, and the theme that it was made to speak of.
TRUTH = {
    "officers on foot": "local-policing",
    "cycle patrols": "local-policing",
    "a named PCSO": "local-policing",
    "police van": "local-policing",
    "horse patrols": "local-policing",
    "rural patrols": "protect-local-policing",
    "neighbourhood officers": "protect-local-policing",
    "answers from 101": "public-contact",
    "a desk at the station": "public-contact",
    "speed checks": "road-safety",
    "lorry bans": "road-safety",
    "quieter roads": "highways",
    "better signs": "highways",
    "lights on the footpath": "district-council",
    "fly tipping": "fly-tipping",
    "help for victims": "victims-first",
    "letters to victims": "victims-first",
    "fraud by phone": "cybercrime",
    "talks on scams": "cybercrime",
    "OWL messages": "growing-owl",
    "work with schools": "new-ideas",
    "volunteers in the control room": "new-ideas",
    "a youth club": "new-ideas",
    "visits to care homes": "new-ideas",
    "reports lead to nothing": "managing-performance",
    "each month how many": "managing-performance",
    "calls are answered in time": "managing-performance",
}
# Of the published summary: its headings, and its groups of what people were in favour of.
PUBLISHED = {
    "who answered, by channel": "over 450 residents and stakeholders, over 25 of them by the listening post and SMS",
    "what was done to be heard": "133,000 households through OWL, 200 victim organisations, 150 victims",
    "in favour of": "protecting local policing, victims first, cybercrime, growing OWL, road safety",
    "new ideas": "listed",
    "by heading": "Local Policing, Managing Performance, Public Contact, Road Safety, Fly Tipping",
}
SENTENCES = {
    "road-safety": ("planned", "Two more average-speed camera sites are bought from the road safety fund in April.",
                    "Road safety: two more camera sites from April."),
    "local-policing": ("done", "Each of the ten districts keeps its neighbourhood team, and their names are on its page.",
                       "Local policing: each district keeps its own team."),
    "public-contact": ("planned", "The waiting times of 101 are published each month from January.",
                       "101: waiting times are published monthly from January."),
    "victims-first": ("done", "Beacon, the victim care centre, answers until eight in the evening.",
                      "Victims: the Beacon centre now answers until 8pm."),
    "fly-tipping": ("passed-on", "Ten cameras are lent to the districts, which catch and fine.",
                    "Fly tipping: ten cameras are lent to the districts."),
    "growing-owl": ("not-done", "No more is spent on OWL this year: it grew by a tenth by itself.",
                    "OWL: no more is spent on it this year."),
}  # fmt: skip


def launch(heed: Heed, what: Year) -> str:
    """The questionnaire of 2019 with the sample's texts and questions."""
    from importlib.resources import files as resources

    sample = resources("services.consultation").joinpath("data/sample.yaml").read_text(encoding="utf-8")
    content = what.content(questionnaire.read(sample))
    content = json.loads(json.dumps(content, default=str))
    with heed.database.begin() as session:
        return consultations.freeze(session, content).id


def rows(what: Year) -> Iterator[dict[str, str]]:
    """The year's rows and texts, and what people might have said of themselves; no more numbers than Ofcom has for drama."""
    chance = random.Random(SEED)
    for row in what.rows:
        row |= {"victim": chance.choice(["yes"] + ["no"] * 5 + [""] * 3)}
        if row["channel"] == "web" and chance.random() < 0.5:
            row |= {"mobile": f"07700 900{int(row['reference'][-3:]):03}"}
            row |= {"answer:outcome": chance.choice(["yes", "yes", "no"])}
        if chance.random() < 0.02:
            row["language"] = "pl"
        if chance.random() < 0.05:
            row["text"] += " Ring me on 01632 960123, John Brown."
        yield row
    for number, talk in enumerate(what.talks):
        yield {
            "reference": f"sms-{number:05}",
            "channel": "sms",
            "received": f"{talk.day}T12:00",
            "text": talk.texts[0],
            "mobile": f"07700 900{900 + number:03}",
            "answer:outcome": "yes",
        }


def bring_in(heed: Heed, name: str, what: Year) -> None:
    """Every row, copies settled, and what was done to be heard."""
    with heed.database.begin() as session:
        row = session.get_one(Consultation, name)
        good, bad = files.responses(list(rows(what)), ["age", "outcome"], drama=True)
        taken = imports.take(heed, session, row, "2019.csv", good, ANNA)
        assert not bad and not taken.rejections, (bad[:3], taken.rejections[:3])
        duplicates.find(heed, session, name, ANNA)
        for number, one in enumerate(duplicates.suggestions(session, name)):
            try:
                duplicates.accept(session, one["id"], ANNA) if number % 3 == 0 else duplicates.reject(
                    session, one["id"], ANNA
                )
            except duplicates.Refused:
                duplicates.reject(session, one["id"], ANNA)
        for means, reached in PUBLICITY.items():
            publicity.note(session, name, means, reached, ANNA)


def truth(said: str) -> dict[str, str]:
    """Each theme that the words were made to speak of, with a stance drawn by lot: the made-up words carry none."""
    found = [theme for phrase, theme in TRUTH.items() if phrase in said]
    chance = random.Random(said)
    drawn = {theme: chance.choice(["support"] * 7 + ["oppose"] * 2 + ["unclear"]) for theme in found}
    return drawn or {"no-reason-given": "unclear"}


def code(heed: Heed, name: str) -> None:
    """Anna codes nine texts in ten, and Ben the blind tenth a second time; each misreads one theme in twelve."""
    with heed.database.begin() as session:
        texts = coding.units(session, name).texts
        now = clock.now(session)
        for one in [each for each in words.said(heed, session, name) if each.id in texts]:
            drawn = blind(one.id, name)
            for coder in (ANNA, BEN) if drawn else (ANNA,):
                chance = random.Random(f"{coder}:{one.id}")
                if not drawn and chance.random() < 0.06:
                    continue
                read = {
                    "local-policing" if chance.random() < 0.08 else theme: stance
                    for theme, stance in truth(one.words).items()
                }
                session.add(
                    Coding(submission_id=one.id, themes=read, version=1, by=coder, blind=drawn, at=now)
                )
        frame = coding.codeframe(session, name)
        machine = [
            each
            for each in texts
            if not session.scalar(select(Coding.id).where(Coding.submission_id == each))
        ]
        for number in machine[: len(machine) // 2]:
            session.add(
                Coding(
                    submission_id=number,
                    themes={frame.ids[0]: "support"},
                    version=1,
                    model="synthetic",
                    at=now,
                )
            )


def clear(heed: Heed, name: str) -> None:
    """Ben hides names, Cara approves."""
    with heed.database.begin() as session:
        now = clock.now(session)
        for one in words.said(heed, session, name):
            place = one.words.find("John Brown")
            masks = [[place, place + len("John Brown"), "a name"]] if place >= 0 else []
            session.add(
                Redaction(
                    submission_id=one.id,
                    masks=masks,
                    text_key=heed.index.of(one.words, publication.PURPOSE),
                    by=BEN,
                    at=now,
                    approved_by=CARA,
                    approved_at=now,
                )
            )


def answer(heed: Heed, name: str) -> dict[str, Any]:
    """Anna writes, Cara approves, those who asked are texted, and highways gets its bundle."""
    with heed.database.begin() as session:
        row = session.get_one(Consultation, name)
        for theme, (outcome, done, brief) in SENTENCES.items():
            considered = (
                "Every response on this was read by a person; the Panel discussed them on 3 October 2019."
            )
            written = said_back.read(
                {"theme": theme, "outcome": outcome, "considered": considered, "done": done, "brief": brief}
            )
            made = feedback.write(session, row, written, ANNA)
            feedback.approve(session, row, made.id, CARA)
        sent = feedback_texts.send(heed, session, row, ANNA).shown()
        again = feedback_texts.plan(heed, session, row).shown()
        bundle = bundles.make(heed, session, row, "highways", ANNA)
        return {"sent": sent, "again": again, "bundle": bundle}


def chain(heed: Heed, name: str) -> None:
    """One resident's way from their text to what was done."""
    with heed.database.begin() as session:
        row = session.get_one(Consultation, name)
        standing = coding.standing(session, name)
        answers = feedback.approved(session, name)
        people = select(Submission.id, Respondent.reference).join(
            Respondent, Respondent.id == Submission.respondent_id
        )
        told = people.where(Submission.channel == "sms", Submission.standing == "counted").order_by(
            Submission.id
        )
        number, reference = next(
            (number, reference)
            for number, reference in session.execute(told)
            if number in standing and len(set(standing[number].themes) & set(answers)) > 1
        )
        said = next(one.words for one in words.said(heed, session, name) if one.id == number)
        found = lookup.find(session, row, reference)
    assert found is not None
    print(f"\nA resident's chain (synthetic), receipt {reference}:\n  said: {said}")
    show_chain(found)


def beside(found: dict[str, Any]) -> None:
    """The published summary's shape, and this report's."""
    groups = {row["group"] for row in found["themes"]["rows"] if row["people"]}
    print("\nWhat the summary of 2019 had, and whether this report has it:")
    has = {
        "who answered, by channel": bool(found["reconciliation"]),
        "what was done to be heard": bool(found["publicity"]),
        "in favour of": "in-favour" in groups,
        "new ideas": "new-idea" in groups,
        "by heading": {row["title"] for row in found["themes"]["rows"]}
        >= set(PUBLISHED["by heading"].split(", ")),
    }
    show_table(
        ["summary of 2019", "what it said", "here"],
        [[one, PUBLISHED[one], "yes" if has[one] else "NO"] for one in has],
    )
    print(
        "\nand more: what was left out and why; numbers beside each theme, its stance, and what a person has read; victims beside all;"
        " districts,\nages, languages; coders' agreement; campaigns; quotes with consent; what is for other bodies; what was done, and what"
        " is owed; what the\nfigures cannot say; the questionnaire's, codeframe's and code's versions and the audit log's head."
    )


def tampered(heed: Heed, found: dict[str, Any]) -> None:
    """A changed row of the audit log, looked for with the head that the report carries."""
    head = audit.parse_head(found["audit_head"])
    with heed.database.begin() as session:
        before = list(audit.verify(session, head))
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        session.execute(
            text(
                "UPDATE audit SET actor = 'person:eve' WHERE act = 'feedback-approved' AND detail->>'theme' = 'road-safety'"
            )
        )
        print(
            f"\naudit log under the report's head: {len(before)} breaks; after somebody changed who approved an answer:"
        )
        print("  " + "\n  ".join(audit.verify(session, head)))


def main(folder: Path) -> None:
    """Play it, and write every form of the report into the folder."""
    configure("critical", process="replay")
    with tempfile.TemporaryDirectory(prefix="heed-coded-", ignore_cleanup_errors=True) as data:
        os.environ["HEED_DATA_DIR"] = f"{data}/data"
        with opened("consultation") as (heed,):
            what = year()
            name = launch(heed, what)
            bring_in(heed, name, what)
            code(heed, name)
            clear(heed, name)
            told = answer(heed, name)
            with heed.database.begin() as session:
                row = session.get_one(Consultation, name)
                found = reports.published(heed, session, row)
                whole = reports.whole(heed, session, row, ANNA)
                more = reports.themefinder(heed, session, row)
            write_folder(folder, forms.files(found))
            write_folder(folder / "office", forms.files(whole) | more)
            hidden = json.dumps(found).count("null")
            print(f"SYNTHETIC: the report is in {folder}; {hidden} values of its JSON are null\n")
            print(forms.text(found))
            beside(found)
            print(f"\ntexts: {told['sent']['people']} people, {told['sent']['segments']} segments, passed over {told['sent']['skipped']};"
                  f" asked again: {told['again']['people']} people, {told['again']['skipped']}")  # fmt: skip
            print("  " + "\n  ".join(told["sent"]["texts"]))
            print(f"bundle: {told['bundle'].logged}\n  " + "\n  ".join(told["bundle"].letter))
            chain(heed, name)
            tampered(heed, found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
