"""Studies: what was said at an instant against what happened, whole races left out; and learning.

Each asks the questions that users ask, over many races; nothing below knows that they are there.
"""

from dryline.studies.advice.advice import backtest_advice
from dryline.studies.flag import backtest_flag
from dryline.studies.forecast import backtest_forecast
from dryline.studies.neutralisations import backtest_neutralisations
from dryline.studies.rejoin import backtest_rejoin
from dryline.studies.study import Study, races_of
from dryline.studies.track import backtest_track
from dryline.studies.track_labels import backtest_labels

__all__ = [
    "Study",
    "backtest_advice",
    "backtest_flag",
    "backtest_forecast",
    "backtest_labels",
    "backtest_neutralisations",
    "backtest_rejoin",
    "backtest_track",
    "races_of",
]
