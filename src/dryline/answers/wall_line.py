"""What the wall's timing screen says of a car between two crossings of the line."""

from __future__ import annotations

from typing import Annotated

from dryline.answers.answer import Part, means


class LineNow(Part, frozen=True, kw_only=True):
    """The cells of a car's line that its crossings alone do not tell."""

    doing: Annotated[
        str,
        means(
            "running, in_lap, pit, out_about, out_lap, unseen, garage, retired or finished; pit "
            "only where a loop told it"
        ),
    ]
    doing_since_ms: Annotated[
        int, means("since when; of an absence, when it was last seen", "ms since the start")
    ]
    doing_source: Annotated[
        str,
        means(
            "where that is known from: loop, line, synthesised (of a replayed file, which told it "
            "later) or estimated"
        ),
    ]
    out_about_ms: Annotated[
        int | None, means("of out_about: when it left the lane, estimated", "ms since the start")
    ] = None
    loop: Annotated[
        str, means("the last loop that it passed: line, S1, S2, or S2.1 for one within sector 2")
    ] = "line"
    loop_ms: Annotated[int | None, means("when it passed that", "ms since the start")] = None
    now_s1_ms: Annotated[
        int | None, means("sector 1 of the lap under way; null: not driven yet", "ms")
    ] = None
    now_s2_ms: Annotated[
        int | None, means("sector 2 of the lap under way; null: not driven yet", "ms")
    ] = None
    best_s1_ms: Annotated[int | None, means("its best sector 1 of the laps completed", "ms")] = None
    best_s2_ms: Annotated[int | None, means("its best sector 2 of the laps completed", "ms")] = None
    best_s3_ms: Annotated[int | None, means("its best sector 3 of the laps completed", "ms")] = None
