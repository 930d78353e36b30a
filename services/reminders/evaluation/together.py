"""People who must have one arm: a household or a shared number, known before anybody of it was assigned."""

from collections.abc import Iterable, Sequence


def together(people: Iterable[tuple[int, Sequence[str]]]) -> dict[int, int]:
    """Each person's cluster: the smallest id among the people whom any chain of shared keys links to them.

    `people` are (id, keys); a key is whatever two people may share, such as a hash of a number or of an address.
    A cluster takes one position of an allocation, and everybody in it the arm of that position.

    >>> together([(7, ["a"]), (3, ["a", "b"]), (9, ["b"]), (4, [])])
    {7: 3, 3: 3, 9: 3, 4: 4}
    """
    parent: dict[int, int] = {}
    holder: dict[str, int] = {}

    def root(person: int) -> int:
        while parent[person] != person:
            parent[person] = parent[parent[person]]
            person = parent[person]
        return person

    for person, keys in people:
        parent.setdefault(person, person)
        for key in keys:
            one, other = sorted((root(person), root(holder.setdefault(key, person))))
            parent[other] = one
    return {person: root(person) for person in parent}
