"""``dryline learn``: everything that races teach, fitted anew and written as small files.

They hold fitted parameters only, no timing data, and have the names and forms of those that ship
in ``data/priors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec
import tomli_w

from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.track.reference import fit_dry_priors
from dryline.domain.dry_prior import DryPrior
from dryline.domain.errors import writing
from dryline.model.forecast_parameters import RESOURCE, encode
from dryline.model.race_priors import as_toml
from dryline.model.race_priors import learn as learn_race_priors
from dryline.studies.forecast import facts_of, learn_from
from dryline.studies.learning.company import fit_company
from dryline.studies.learning.forecast import learn
from dryline.studies.rejoin import Lessons, company_of, fit_lessons, lessons_of
from dryline.studies.study import Study, opened

HEADER = "# Learned by dryline learn from whole races; parameters only, no timing data.\n"


def learn_all(
    paths: Sequence[Path], folder: Path, study: Study, sessions: Path | None = None
) -> tuple[Path, ...]:
    """Fit every prior to these races and write them into ``folder``; says which files.

    ``sessions`` is a folder with what was driven before them.

    Raises:
        NotKnown: where a race's scheduled length is not known.
        UnreadableFile: where the folder cannot be written.
    """
    written = {
        RESOURCE: _forecast(paths, study, sessions),
        "track.toml": _track(paths, study),
        "stops.toml": _stops(paths, study),
        "race.toml": _race(paths, study),
    }
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in written.items():
            (folder / name).write_bytes(data)
    return tuple(folder / name for name in written)


def _forecast(paths: Sequence[Path], study: Study, sessions: Path | None) -> bytes:
    learnt = learn_from(paths, study, sessions)
    return encode(learn(learnt.cases, learnt.taught, learnt.classes).all_races)


def _dry(path: Path) -> list[DryPrior]:
    key, race = opened(path)
    return fit_dry_priors(key, race.laps)


def dry_row(prior: DryPrior) -> dict[str, object]:
    """A race's dry expectation as a row of ``track.toml``, times in whole milliseconds."""
    row = {**asdict(prior), "sectors_ms": [round(ms) for ms in prior.sectors_ms]}
    del row["weekend"]
    return row


def _track(paths: Sequence[Path], study: Study) -> bytes:
    rows = [dry_row(prior) for found in study.run(_dry, paths, paths) for prior in found]
    return (HEADER + tomli_w.dumps({"version": 1, "dry": rows})).encode()


def _stops(paths: Sequence[Path], study: Study) -> bytes:
    found = lessons_of(paths, study)
    fitted = fit_lessons(found, stop_priors())
    company = company_of(paths, [fitted] * len(paths), study)
    together: Lessons = {
        each.race: (each.series, laps) for each, laps in zip(found, company, strict=True)
    }
    priors = msgspec.to_builtins(fit_company(together, fitted))
    return (HEADER + tomli_w.dumps(priors)).encode()


def _race(paths: Sequence[Path], study: Study) -> bytes:
    return as_toml(learn_race_priors(facts_of(paths, study))).encode()
