"""Claims about the championship: who leads after the round, by how much, and what was first."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Tables, listed, quoted, slug
from dryline.domain.series import first_titles

COLUMNS = "car_number, names, points"


def championship(tables: Tables) -> Iterator[Claim]:
    """The lead of every table before and after, then the firsts that the tables can bear out."""
    if "standings_after" not in tables or "standings_before" not in tables:
        return
    titles = tables.ask("select distinct championship from standings_after order by championship")
    for row in titles.rows:
        yield from _lead(tables, row["championship"])
    yield from _firsts(tables)


def points_paid(tables: Tables) -> Iterator[Claim]:
    """What the race by itself pays the first of each drivers' table, by the season's rule book."""
    if "paid" not in tables:
        return
    titles = tables.ask("select distinct championship from paid order by championship")
    for title in (row["championship"] for row in titles.rows):
        first = tables.ask(
            "select championship, car_number, names, points from paid where "
            f"championship = {quoted(title)} and position <= 3 order by position"
        )
        yield Claim(
            id=f"paid-{slug(title)}",
            kind="points_paid",
            section=Section.CHAMPIONSHIP,
            values={"title": title, "rows": [dict(row) for row in first.rows]},
            grounds=(first,),
            importance=0.2,
            certainty=Certainty.INFERRED,
        )


def _lead(tables: Tables, title: str) -> Iterator[Claim]:
    where = f"where championship = {quoted(title)} and position <= 2 order by position"
    after = tables.ask(f"select {COLUMNS} from standings_after {where}")
    before = tables.ask(f"select points from standings_before {where}")
    leader = tables.ask(
        "select names, note from standings_before where "
        f"championship = {quoted(title)} and position = 1"
    )
    if len(after.rows) < 2 or len(before.rows) < 2:
        return
    (now, chaser), (ahead, second) = after.rows, before.rows
    was = leader.rows[0]
    own = tables.ask(
        f"select {COLUMNS} from standings_before where championship = {quoted(title)} and "
        f"names = {quoted(now['names'])}"
    )
    yield Claim(
        id=f"lead-{slug(title)}",
        kind="points_lead",
        section=Section.CHAMPIONSHIP,
        values={
            "title": title,
            **now,
            "chaser": chaser,
            "lead": now["points"] - chaser["points"],
            "earlier_lead": ahead["points"] - second["points"],
            "earlier_leader": was["names"],
            "kept": was["names"] == now["names"],
            "note": was["note"] if was["names"] == now["names"] else "",
            "had": own.rows[0]["points"] if own.rows else None,
        },
        grounds=(after, before, leader, own),
        importance=0.7 if title.endswith("Drivers") else 0.3,
        certainty=Certainty.PUBLISHED,
    )


def _firsts(tables: Tables) -> Iterator[Claim]:
    """Class winners whose make did not lead a drivers' table after the rounds before.

    After one round, who leads a class's drivers won it; so a make that led none had no win.
    """
    rounds = tables.ask("select round, year from race")
    if rounds.rows[0]["round"] != 2:
        return
    winners = tables.ask(
        "select car_number, car_class, manufacturer, vehicle, team from classification "
        "where position_in_class = 1"
    )
    earlier = tables.ask(
        "select championship, car_number, manufacturer, points from standings_before "
        f"where position = 1 and championship in ({listed(first_titles())})"
    )
    led = {row["manufacturer"] for row in earlier.rows}
    for row in winners.rows:
        if row["manufacturer"] is None or row["manufacturer"] in led:
            continue
        winner = tables.ask(
            "select car_number, car_class, manufacturer, vehicle, team from classification "
            f"where position_in_class = 1 and car_class = {quoted(row['car_class'])}"
        )
        yield Claim(
            id=f"first-win-{slug(row['car_class'])}",
            kind="first_win",
            section=Section.CHAMPIONSHIP,
            values={**row, **rounds.rows[0], "earlier": [dict(each) for each in earlier.rows]},
            grounds=(winner, earlier, rounds),
            importance=0.5,
            certainty=Certainty.INFERRED,
            car_class=row["car_class"],
        )
