"""What an API key may do, by service. A meta-test holds every route's scope to this table."""

from services.common.settings import ServiceName

# Calls that both services have; a key is still one service's.
SHARED = {
    "sending:read": "read whether sending is stopped, since when, by whom and why",
    "sending:write": "stop all sending, and let it go on",
    "alarms:read": "read alarms",
    "alarms:write": "acknowledge alarms",
    "queue:read": "read which texts evidence cannot settle",
    "queue:write": "settle them",
    "duty:read": "read what is on duty, and the words of it",
    "duty:write": "take what is on duty, answer it and settle it",
    "identities:read": "look up who sent a text",
    "subject:read": "read everything held about a person",
    "subject:write": "put right, erase, restrict and hold what is held about a person",
    "audit:read": "read who did what",
}

SCOPES: dict[ServiceName, dict[str, str]] = {
    "reminders": {
        "listings:write": "push feeds and read what became of them",
        "contacts:write": "attach mobile numbers",
        "hearings:read": "read hearings and what will go out",
        "outcomes:write": "record outcomes by hand",
        "quality:read": "read what the data can carry",
        "pilots:write": "lock a pilot's protocol",
        "evaluation:read": "read a pilot's report, and take its planned looks",
        "looks:write": "look at a pilot's arms though no look is planned",
        "exports:read": "export the rows behind a pilot's figures",
        "performance:read": "read attendance by court and quarter",
        "pauses:read": "read the pauses of courts",
        "pauses:write": "pause courts, and end pauses",
        "releases:read": "read which days were released by hand",
        "releases:write": "release a day's texts",
        "do-not-text:write": "mark people as not to be texted, and take the mark away",
        "numbers:write": "clear the mark of a wrong or dead number",
        "people:read": "read which records may be one person, and what was decided",
        "people:write": "say which records are one person, and which are two",
        "inbox:read": "read what people text back, and incidents",
        "inbox:write": "answer texts and settle them, open incidents and assess them",
        "calls:read": "read whom to ring",
        "calls:write": "note that somebody was rung",
    }
    | SHARED,
    "consultation": {
        "consultations:write": "launch consultations, and note what was done to be heard",
        "responses:read": "read counts and reports",
        "responses:write": "bring in responses of other channels, and letters with their scans",
        "words:read": "read every response's words, and scans",
        "invitations:write": "invite people by text",
        "duplicates:read": "read likely duplicates and merges",
        "duplicates:write": "look for copies, settle them, merge respondents and undo it",
        "feedback:read": "read what was considered and done, what was sent to other bodies, and what became of a receipt's response",
        "feedback:write": "write what was done, and text it to those who asked once it is approved",
        "bundles:write": "make what another body is sent, with the words that may be passed on",
        "themes:read": "read codeframes, codes with their history, and agreement",
        "themes:write": "change codeframes, and name or dismiss emerging themes",
        "codes:write": "read texts one by one and code them, and say what is hidden in them",
        "publish:write": "approve what may be published: words, and what was done",
    }
    | SHARED,
}
