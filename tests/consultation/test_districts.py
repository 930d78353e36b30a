"""Districts: from postcodes and from names as people write them; outside is said, and doubt is said too."""

import pytest

from services.consultation.districts import OUTSIDE, Found, find, names, outward_codes, places

TEN = {
    "broxbourne", "dacorum", "east-herts", "hertsmere", "north-herts", "st-albans", "stevenage", "three-rivers", "watford",
    "welwyn-hatfield",
}  # fmt: skip


def test_the_tables_speak_of_the_ten_districts_alone() -> None:
    assert set(names()) == TEN
    assert set(places().values()) == TEN | {OUTSIDE}
    assert {one for several in outward_codes().values() for one in several} == TEN | {OUTSIDE}
    # Each district has a code that is its own alone, and each name of a district is a place.
    assert {several[0] for several in outward_codes().values() if len(several) == 1} == TEN
    assert all(find(name) == Found(district) for district, name in names().items())


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("AL1", "st-albans"), ("al1 3jq", "st-albans"), ("AL13JQ", "st-albans"), ("my postcode is WD6 1AA", "hertsmere"),
        ("SG1", "stevenage"), ("sg14 1dd thanks", "east-herts"), ("AL10 9AB", "welwyn-hatfield"), ("EN8", "broxbourne"),
        ("hp2", "dacorum"), ("WD3 1aa", "three-rivers"), ("WD17", "watford"), ("SG6 3", "north-herts"),
        ("Hemel", "dacorum"), ("hemel hempsted", "dacorum"), ("Borehamwood", "hertsmere"), ("boreham wood", "hertsmere"),
        ("Bishop's Stortford", "east-herts"), ("bishops stortfrd", "east-herts"), ("St. Albans", "st-albans"),
        ("st albens", "st-albans"), ("stevanage", "stevenage"), ("I live in Ware", "east-herts"), ("near Tring", "dacorum"),
        ("Wellwyn Garden City", "welwyn-hatfield"), ("WGC", "welwyn-hatfield"), ("Dacorum Borough", "dacorum"),
        ("Letchworth, Herts", "north-herts"), ("hatfeild", "welwyn-hatfield"), ("Watford please", "watford"),
        ("3 rivers", "three-rivers"), ("broxborne", "broxbourne"), ("Hertsmere.", "hertsmere"), ("WATFORD!!", "watford"),
    ],
)  # fmt: skip
def test_a_place_is_its_district(text: str, district: str) -> None:
    assert find(text) == Found(district)


@pytest.mark.parametrize(
    "text", ["LU3 1AA", "NW1", "SW1A 1AA", "M1", "London", "Luton", "EC1A 1BB", "I live in Harlow"]
)
def test_elsewhere_is_out_of_area_and_no_error(text: str) -> None:
    assert find(text) == Found(out_of_area=True)


@pytest.mark.parametrize(
    ("text", "among"), [("AL3 4AB", {"st-albans", "dacorum"}), ("en6", {"hertsmere", "welwyn-hatfield"}), ("CM23", {"east-herts", OUTSIDE})]
)  # fmt: skip
def test_a_code_of_several_districts_is_unsure(text: str, among: set[str]) -> None:
    found = find(text)
    assert found is not None
    assert (found.district, found.out_of_area, set(found.unsure)) == (None, False, among)


@pytest.mark.parametrize(
    "text", ["", "?", "no", "dunno", "more police please", "the village", "12", "a", "yes", "2"]
)
def test_what_names_no_place(text: str) -> None:
    assert find(text) is None
