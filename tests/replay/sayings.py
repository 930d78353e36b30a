"""Made-up views of residents, as varied as what people say: nobody's words, put together from parts with places, years and numbers."""

import random
import re

CAMPAIGN = "We ask the Commissioner to keep neighbourhood officers in every town and to publish each month how many of them were on duty."
SLOT = re.compile(r"\{(\w+)\}")
FRAMES = (
    "{who} {wish} {what} {where} {when}, {why}.",
    "I have lived {where} for {years} years and {change}.",
    "{what} {where} would {effect}, and {years} {of_us} {here} say the same.",
    "Since {event} {who} {wish} {what} {where}, {why}.",
    "Page {page} of the plan says {promise}, but {where} {change}.",
    "At {clock} {when} {sight} {where}; {plea}.",
    "{plea} {where}. {why_alone}.",
    "What {who} {wish} most {where} is {what}, then {what} and last {what}.",
    "{years} times {since} I wrote about {what} {where}, and {answer}.",
    "Between {street} and {street} {change}, {why}.",
    "My {relative}, who is {age}, {feels} {where} {when}.",
    "If money is short, take it from {less} and give it to {what} {where}.",
    "{thanks} for {what} {where}; {plea}.",
)
PARTS = {
    "who": ("I", "my neighbours and I", "we in our road", "my mother and her friends", "the shopkeepers", "our parish", "the young people I teach",
            "the allotment holders", "most of our choir", "my wife and I", "the governors", "tenants like me", "our walking group"),
    "wish": ("would like", "have asked for", "need", "are glad about", "see too little of", "hear nothing of", "would pay for", "keep hoping for",
             "were promised", "miss", "could do with", "want to know more about"),
    "what": ("officers on foot", "answers from 101", "speed checks", "cameras for fly tipping", "help for victims first", "advice on fraud by phone",
             "the OWL messages", "cycle patrols", "a desk at the station", "quieter roads at night", "rural patrols", "work with schools",
             "a named PCSO", "lights on the footpath", "volunteers in the control room", "a police van on market days", "visits to care homes",
             "quicker letters to victims", "horse patrols at the fair", "a youth club", "lorry bans", "better signs for cyclists", "talks on scams"),
    "where": ("by {street}", "in {town}", "near the school in {street}", "on the estate behind {street}", "along the A{road}", "between {town} and {town}",
              "at the park off {street}", "round the shops in {town}", "on the {number} bus", "past the church in {town}"),
    "here": ("in {street}", "in {town}", "at number {number}", "on our side of {town}"),
    "when": ("at weekends", "after dark", "in the mornings", "all summer", "on match days", "when the pubs close", "in half term", "before work",
             "on market days", "in the holidays", "from October to March"),
    "why": ("because nobody knows whom to ring", "as the drivers take no notice", "and it should stay so", "because reports lead to nothing",
            "for the sake of the children", "as it costs little", "because it worked in {town}", "since {street} was closed to lorries",
            "as {years} of us said at the meeting", "because the last {years} years were different"),
    "why_alone": ("It worked in {town} and would work {where}", "{years} of us would help", "Nobody reads page {page}", "It is cheaper than {less}",
                  "That is what {years} years {where} have taught me"),
    "change": ("the road is busier every year", "I have met our officer {years} times", "nobody has come to a meeting since {event}",
               "the corner shop has changed hands twice", "the noise begins at {clock}", "things are better than in {year}",
               "I could name {years} people who moved away", "the hedge hides the sign", "it is still a good place to live"),
    "effect": ("calm things down", "cost less than {less}", "be noticed at once", "please everyone in {street}", "save {years} calls a week",
               "bring people back to {town}"),
    "of_us": ("households", "neighbours", "members", "parents", "pensioners", "customers"),
    "event": ("the station in {town} closed", "{street} was dug up", "the spring of {year}", "our PCSO retired", "the bypass opened", "the school merged"),
    "promise": ("that every town has its officers", "that calls are answered in time", "more for victims", "that money is short", "much about {town}"),
    "sight": ("there were {years} cars on the pavement", "the lights were out", "the youngsters only wanted somewhere to go", "a lorry turned",
              "I counted {years} bags of rubbish", "the barrier stood open", "not a soul was about"),
    "plea": ("please come and look", "let the parish decide", "put a sign up", "ask the {of_us}", "keep it up", "write to all {years} houses",
             "think of {street} too", "tell us what came of it", "train more volunteers"),
    "answer": ("had a kind letter back", "had no word back", "was told to ring 101", "was sent from desk to desk", "got reference {page}"),
    "since": ("since {year}", "this year", "before Easter", "in {years} months"),
    "relative": ("mother", "grandson", "neighbour", "lodger", "aunt", "daughter", "landlady", "brother"),
    "age": tuple(str(number) for number in range(9, 95)),
    "feels": ("walks every day", "no longer takes the bus", "likes to see the PCSO", "would join a watch", "went to the drop-in", "counts the cars"),
    "less": ("new leaflets", "the chief's car", "consultants", "the helicopter", "another survey", "road humps", "overtime", "the website"),
    "thanks": ("Thank you", "Many thanks", "Well done", "Praise where it is due", "Our {of_us} are grateful"),
    "clock": tuple(f"{hour}.{minute:02}" for hour in range(5, 12) for minute in range(0, 60, 5)),
    "years": tuple(str(number) for number in range(2, 60)),
    "number": tuple(str(number) for number in range(1, 400)),
    "page": tuple(str(number) for number in range(3, 64)),
    "road": ("1", "10", "41", "414", "120", "507", "602", "505", "1000", "405"),
    "year": tuple(str(number) for number in range(1987, 2019)),
    "town": ("Ware", "Hertford", "Hitchin", "Tring", "Royston", "Baldock", "Harpenden", "Bushey", "Hoddesdon", "Cheshunt", "Hatfield", "Potters Bar",
             "Letchworth", "Berkhamsted", "Rickmansworth", "Knebworth", "Buntingford", "Sawbridgeworth", "Borehamwood", "Radlett", "Stevenage"),
    "street": tuple(f"{name} {kind}" for name in ("Mill", "Station", "Church", "Queen's", "Alder", "Hawthorn", "Priory", "Rectory", "Chapel", "Orchard",
              "Bell", "Swan", "Tanyard", "Folly", "Meadow", "Chantry", "Cuckoo", "Larch", "Windmill", "Coronation", "Brewery", "Market", "Gipsy")
              for kind in ("Lane", "Road", "Close", "Street", "Way", "Hill", "Green", "Rise")),
}  # fmt: skip


def view(chance: random.Random) -> str:
    """What somebody says, in one to four sentences."""
    return " ".join(_sentence(chance) for _ in range(chance.choice((1, 2, 2, 3, 4))))


def _sentence(chance: random.Random) -> str:
    words = chance.choice(FRAMES)
    while SLOT.search(words):
        words = SLOT.sub(lambda slot: chance.choice(PARTS[slot[1]]), words)
    return words[0].upper() + words[1:]
