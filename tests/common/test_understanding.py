"""What people really write: opt-outs are caught and feedback is never eaten; danger is answered and waiting times are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.segments import count
from services.common.understanding import DANGER_ANSWER, command, danger, simplified
from tests.support.written import comments

STOP_WORDS = {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}  # Twilio's

OPT_OUTS = """
STOP|stop|Stop.|STOP!|STOP!!!|"Stop"|“STOP”|s t o p|S.T.O.P|ＳＴＯＰ|stop 🛑|_STOP_|Stop\u00a0|STOPALL|stop all|Stop stop stop
unsubscribe|UNSUBSCRIBE|Unsubscribe please|unsubscribe me|END|End.|QUIT|quit|Cancel|CANCEL|cancel please|REVOKE|OPTOUT|opt out|opt-out|Opt out.
stop please|Stop please!|pls stop|plz stop|please stop|PLEASE STOP|Stop. Thank you|Stop, thanks|stop thx|stop ta|Stop x|stop xx|ok stop|Hi, please stop. Thanks|STOP now|stop now please|no stop|No thanks, stop
stop texting me|Stop texting|STOP TEXTING ME|please stop texting me|stop messaging me|stop contacting me|stop sending me texts|stop sending me these|please stop sending these messages|Stop sending me text messages|stop sending texts to this number|stop texting this number|stop texting me now!!|stop bothering me|Please can you stop texting me|Can you stop texting me please|could you please stop sending me messages
stop these texts|stop the texts|stop texts|Stop messages|stop reminders|stop all texts|Cancel texts|end texts|stop these reminders please|stop your messages
no more texts|No more texts please|no more messages thanks|no texts please|I don't want any more texts|i dont want these texts|I do not want to receive these messages|I don’t want to receive any more texts from you|i dont want texts|I no longer want texts|I no longer wish to receive these texts
don't text me|dont text me|Dont text me again|do not text me anymore|Do not contact me|don't contact me again|never text me again|Do not text this number|dont message me|don't send me any more|do not send me any more messages|please don't text me any more
remove me|remove me from your list|Take me off your list|take me off this list please|remove my number|Please remove my number from your list|delete my number|Take my number off your system|could you please remove me from your list|remove me from these texts
I want to opt out|please opt me out|Opt me out|I would like to opt out|I'd like to unsubscribe|I wish to unsubscribe|unsubscribe me from this list|unsubscribe from these texts|opt out of texts|opt out of these messages
stop this|Stop it|please stop this|leave me alone|Unsub
"""

NOT_OPT_OUTS = """
Stop speeding on London Road|we must STOP this bill|End of the road needs a camera|cancel the bypass|999 took an hour|Stop the speeding|Stop fly tipping|stop crime|Stop and search|Stop and search is unfair|stop knife crime|Stop them
stop the cuts|Stop people texting and driving|stop texting and driving|stop texting at the wheel|Stop the texts drivers send at the wheel|stop drivers texting|End knife crime|End street parking|end the cuts|Quit cutting police numbers|Cancel HS2|cancel my appointment|Cancel the PCC election
Revoke his licence|revoke the licences of drink drivers|No more cuts|No more speed bumps|No more|no more police stations closing|don't text while driving|Never text and drive|do not contact the offender|remove the graffiti|Remove the parked cars|take the bikes off the pavement|Take me|I don't want more cameras|I don't want any more houses
I want to stop drinking|please stop the noise|Please stop the motorbikes|stop it happening again|stop it getting worse|stop this madness|Stop this bill|stop selling drugs|Stop messing about and get more officers|stop contacting victims by letter|stop sending officers to other counties|stop sending text scams|stop sending people to prison|Stop the boats
stop parking on pavements|STOP SIGN missing on Mill Lane|bus stop vandalised again|The bus stop needs a light|Stop drug dealing in the park|Start with more patrols|start arresting people|Stop all speeding|Stop all the noise|stop all these cars|stop closing stations|cancel culture is bad|End to end encryption|opt out of the trial|Opt out parking scheme|quit smoking clinics
I quit my job because of nights|text me again|message me about it|the end|The end of Mill Lane|endless roadworks|Stopped by police for no reason|non-stop noise|stop gap|stop her|can you stop the traffic|could you stop cars parking here|please stop texting scams|leave me alone said the officer|leave me alone on the bus is all I ask|delete my record|remove my neighbours|unsubscribed from OWL but still get it
Stop. The speeding on London Road is awful|STOP the scam texts|stop scam messages|Reminders would help|I got a text, stop the speeding|no reminders were sent|Texts stop at night|I do not want to receive a fine|no messages came|I stopped reporting|stop me if you have heard this|stop wasting money on texts|stop sending money abroad|stop police texting on duty|remove me and my family from this hostel|take me off the waiting list and house me
"""

DANGER = """
help me|Help me!|HELP ME PLEASE|please help me|Pls help me hes here|someone help me|Help me he's got a knife|help me. he is outside|Please help me now|somebody please help me|help me im bleeding
he's hitting me|hes hitting me|He is hitting me|he’s hitting my mum|she is hurting me|my boyfriend is beating me|My ex is threatening me|someone is attacking me|they are beating my son|he is strangling me|hes going to kill me|he is trying to kill me|he says he is going to kill me|he said he will kill me tonight|He said he'll kill me|he's threatening to stab my brother|he just hit me|He has just stabbed my brother|he is raping me|my dad is hitting my mum|They're attacking us|he keeps hitting me
someone is in my house|Someone's in my house|somebody is inside my flat|there is someone in my house|theres a man in my house|a man is breaking in|someone is breaking into my house|they are trying to get into my flat|he is trying to get in|someone is trying to break in|burglars are in my house right now|he is banging on my door|He's outside my house|my ex is outside my house|someone is outside my door
he has a knife|He's got a knife|hes got a gun|they have knives|there's a man with a knife|someone with a gun outside|he has a machete
want to die|I want to die|i just want to die|I wanna die|i want to kill myself|I'm going to kill myself|im gonna kill myself|thinking of killing myself|I want to end my life|i want to end it all|I'm suicidal|i feel suicidal|Feeling suicidal|i am feeling really suicidal|I don't want to live|I dont want to live anymore|i dont want to be here anymore|I do not want to be alive|i want to hurt myself|ive taken an overdose|I have taken all my tablets|i cant go on
I am not safe|im not safe at home|I'm in danger|im in danger please|i am being followed|I'm being attacked|we are being attacked|im bleeding|I am trapped he has locked the door|i am hiding in the bathroom|scared for my life he is outside
send police now|I need the police now|i need an ambulance quick|someone call the police|please call an ambulance|send help now please
"""

NOT_DANGER = """
999 took an hour|999|101|I rang 999 and waited 40 minutes|101 is useless|Call 999 and nobody comes|call 101 and you wait an hour|When you call the police nobody comes|help|Help!|help the homeless|please help|Please help me understand the plan|Can you help me report fly tipping?|could someone help me with the form|please help me get a bin|Help me find the plan online|help me to understand the precept
The staff help me every week|They could not help me|Officers came to help me very quickly|Nobody would help me when my car was stolen|The PCSO was able to help me|they always help me|So glad you can help me when I need help|Who can help me with a parking dispute?
Someone broke into my house last year|My son was attacked in 2019|Burglars were in my house and nobody came for two days|he hit me in 2015 and was let off|I was attacked in the park last summer|My neighbour was threatening me last year|Someone was in my house when we were away|If someone is burgled they should get a visit|someone in my house had covid
People are dying on the A10|Someone will be killed on that junction|someone is going to get killed there|Someone is going to die on that road|Too many young people carrying knives|Kids have knives these days|knife crime is out of control|We need knife bins|he has a gun licence|they have a knife bin at the station|We need more police with guns|films show a man with a knife every night
The traffic is killing me|This noise is killing us|I'm dying for a coffee|my dog wants to die on the sofa|I don't want to live here any more because of the noise|I dont want to live near a bail hostel|I do not want to be here in ten years|I don't want to live in fear|suicidal people need better care|I was suicidal and nobody answered 101|had suicidal thoughts for months|suicide prevention on the bridge please|I nearly killed myself on the ice|I hurt myself on that pavement|I will hurt myself on those steps one day
I do not feel safe in the park at night|I'm not safe crossing that road|I'm not safe on my bike|im trapped in my house by parked cars|I am trapped between two councils|Women are not safe at night|children are in danger at the school gate|The residents were not safe.|men are at my door selling dusters|Cyclists are in danger on the A414|I'm in danger of losing my home|I am bleeding money on council tax|I am being followed up by the victim team|hiding from the problem does not help|My landlord is threatening me with eviction|the council are threatening me with a fine|a charity is helping me
We need police now more than ever|we need police on our streets now|need more police|Send more officers please|get help for addicts now|Call the police. Nobody comes|Ring the police and hang on for an hour|Someone is going to kill my child at that crossing|He said he would kill for a bus|Someone outside my house is always parking badly|kids outside my house playing football|They are outside my house every night racing cars|someone is breaking into cars on our road|Somebody is breaking in to sheds every week|he is in my home town|They are in my area now and then|Thieves in my street|men with knives should go to prison
More police on the beat|You saved my life|Hit and run drivers get away with it|he beat the charge|I could kill for a decent bus|Killing the high street|stop drivers killing children|Would you want to die waiting for 101
"""


def entries(table: str) -> list[str]:
    return [entry for line in table.strip().splitlines() for entry in line.split("|")]


@pytest.mark.parametrize("text", entries(OPT_OUTS))
def test_opt_outs_are_caught(text: str) -> None:
    taken = command(text)
    assert taken is not None
    assert taken.kind == "opt-out"
    assert danger(text) is None


@pytest.mark.parametrize("text", entries(NOT_OPT_OUTS))
def test_feedback_is_never_taken_for_a_command(text: str) -> None:
    assert command(text) is None


@pytest.mark.parametrize("text", entries(DANGER))
def test_danger_is_heard(text: str) -> None:
    taken = danger(text)
    assert taken is not None
    assert taken.kind == "danger"
    assert command(text) is None


@pytest.mark.parametrize("text", entries(NOT_DANGER))
def test_feedback_about_danger_is_not_danger(text: str) -> None:
    assert danger(text) is None


def test_the_tables_are_long_enough() -> None:
    tables = {"opt-outs": OPT_OUTS, "not": NOT_OPT_OUTS, "danger": DANGER, "not danger": NOT_DANGER}
    for name, table in tables.items():
        assert len(set(entries(table))) == len(entries(table)) >= 60, name


@pytest.mark.parametrize("word", sorted(STOP_WORDS | {"opt out", "stop all"}))
@pytest.mark.parametrize(
    "shape", ["{}", " {}\n", "{}.", "{}!!", "'{}'", "Please {}", "{}, thank you", "({})"]
)
def test_every_stop_word_in_every_dress(word: str, shape: str) -> None:
    for dressed in (word, word.upper(), word.title()):
        taken = command(shape.format(dressed))
        assert taken is not None
        assert taken.kind == "opt-out"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("START", "opt-in"),
        ("unstop", "opt-in"),
        ("Start please", "opt-in"),
        ("HELP", "help"),
        ("help!", "help"),
        ("Info", "help"),
        ("Please help", "help"),
    ],
)
def test_the_way_back_in_and_the_call_for_help(text: str, kind: str) -> None:
    taken = command(text)
    assert taken is not None
    assert taken.kind == kind


@pytest.mark.parametrize("text", ["yes", "YES", "Yes please", "hello", "", "   ", "?", "🙂", "ok", "thanks"])
def test_only_start_starts_again(text: str) -> None:
    """Elsewhere any later text silently re-subscribed (RapidPro), and "yes" is an answer to a question."""
    assert command(text) is None


@pytest.mark.parametrize(("said", "kind"), [("STOP", "opt-out"), ("START", "opt-in"), ("HELP", "help")])
@pytest.mark.parametrize("text", ["", "anything", "STOP", "Stop speeding on London Road"])
def test_what_the_carrier_took_it_for_wins(said: str, kind: str, text: str) -> None:
    taken = command(text, said)
    assert taken is not None
    assert (taken.kind, taken.rule) == (kind, "carrier-opt-out-type")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("  STOP,  please!! ", "stop"),
        ("Don’t", "dont"),
        ("I'd like", "id like"),
        ("", ""),
        ("...", ""),
        ("Tŷ ŵ", "tŷ ŵ"),
        ("a\nb\tc", "a b c"),
    ],
)
def test_simplified(text: str, whole: str) -> None:
    assert simplified(text) == whole


def test_the_answer_to_danger_is_one_segment_and_names_999_and_the_samaritans() -> None:
    counted = count(DANGER_ANSWER)
    assert (counted.encoding, counted.segments) == ("GSM-7", 1)
    for said in ("999", "55", "116 123", "not watched"):
        assert said in DANGER_ANSWER


@given(st.text(max_size=1600))
def test_any_text_at_all_is_read(text: str) -> None:
    danger(text)
    command(text)


@pytest.mark.parametrize(
    "piece", ["he is ", "help me ", "stop sending ", "i want to ", "my ", "a" * 50, " ", "'"]
)
def test_long_texts_are_read_quickly(piece: str) -> None:
    """No pattern may take time that grows faster than the text: 1,600 characters arrive from strangers."""
    import time

    text = (piece * 1600)[:1600]
    start = time.process_time()
    for _ in range(10):
        danger(text)
        command(text)
    assert time.process_time() - start < 1


@pytest.fixture(scope="module")
def real() -> list[str]:
    """Every real comment of the two sets beside the project."""
    return comments() or pytest.skip("the real comments are not beside the project")


def test_no_real_comment_is_taken_for_a_command(real: list[str]) -> None:
    assert len(real) == 8804
    assert [text for text in real if command(text)] == []


def test_at_most_one_real_comment_in_300_is_taken_for_danger(real: list[str]) -> None:
    taken = [text for text in real if danger(text)]
    assert len(taken) <= len(real) // 300, taken


def test_no_real_comment_is_danger_because_of_999(real: list[str]) -> None:
    mentions = [text for text in real if "999" in text]
    assert len(mentions) >= 50
    assert [text for text in mentions if danger(text)] == []
