"""Backtests: what was said at an instant against what happened, whole races left out."""

from dryline.engine.backtests.advice import backtest_advice
from dryline.engine.backtests.forecast import backtest_forecast
from dryline.engine.backtests.neutralisations import backtest_neutralisations
from dryline.engine.backtests.rejoin import backtest_rejoin
from dryline.engine.backtests.study import Study, races_of
from dryline.engine.backtests.track import backtest_track

__all__ = [
    "Study",
    "backtest_advice",
    "backtest_forecast",
    "backtest_neutralisations",
    "backtest_rejoin",
    "backtest_track",
    "races_of",
]
