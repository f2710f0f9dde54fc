"""The columns of the race kernel's tables. Times in ms (floats), ranges in laps, shares in [0, 1].

Four tables: ``CAR_*`` and ``CLASS_*`` are parameters, ``STATE_*`` the race at the start of the
simulation, ``W_*`` the running state of a car within one replicate. ``KIND_*`` are the kinds of
neutralisation and ``STREAM_*`` the streams of random numbers of a car.
"""

from __future__ import annotations

from typing import Final

# --- a car's parameters -------------------------------------------------------------------
CAR_CLASS: Final = 0
CAR_BOX: Final = 1  # cars with the same number share one pit box
CAR_IN_SHARE: Final = 2  # of a stop's loss, the share before the line
CAR_RANGE: Final = 3  # green laps on full fuel or energy
CAR_RANGE_SD: Final = 4
CAR_PIT_MS: Final = 5  # the crew's offset per stop
CAR_RETIRE_X: Final = 6  # multiplies the class's hazard of retirement
CAR_DRIVERS: Final = 7
CAR_GONE_P: Final = 8  # probability that a silent car never crosses the line again
CAR_WAIT_MS: Final = 9  # mean further wait of a silent car that does
CAR_PIT_SD_MS: Final = 10
CAR_COLUMNS: Final = 11

# --- a class's parameters -----------------------------------------------------------------
CLASS_BASE_MS: Final = 0  # a typical green lap, dry, without traffic
CLASS_NOISE: Final = 1  # sd of a lap, as a share of the lap
CLASS_NOISE_RHO: Final = 2  # lag-one autocorrelation of that noise
CLASS_SLOW_P: Final = 3  # probability of a slow lap ...
CLASS_SLOW_MEAN: Final = 4  # ... and its mean cost, as a share of the lap
CLASS_STINT_SD: Final = 5  # sd of a stint's pace around its driver's, share
CLASS_SLOPE: Final = 6  # per lap since the stop, share
CLASS_WEAR: Final = 7  # per lap of tyre age beyond the stint's own, share
CLASS_WARM_2: Final = 8  # the first flying lap after a stop, share
CLASS_WARM_3: Final = 9  # the three laps after it, share
CLASS_TRANSIT_MS: Final = 10  # loss of a drive-through
CLASS_STAND_MS: Final = 11  # standing time of any service
CLASS_FILL_MS: Final = 12  # standing time per green lap of fuel
CLASS_TYRES_MS: Final = 13
CLASS_TYRES_P: Final = 14  # probability that a full stop changes tyres
CLASS_STAND_SD: Final = 15  # log sd of the standing time
CLASS_LONG_P: Final = 16  # probability of a slow stop ...
CLASS_LONG_MS: Final = 17  # ... and its mean further time
CLASS_LANE_SHARE: Final = 18  # of a lap, skipped by driving through the lane
CLASS_DRIVER_P: Final = 19  # probability that a full stop changes the driver
CLASS_RETIRE_PER_H: Final = 20
CLASS_TROUBLE_PER_H: Final = 21
CLASS_TROUBLE_MU: Final = 22  # log ms
CLASS_TROUBLE_SD: Final = 23
CLASS_PENALTY_PER_H: Final = 24
CLASS_EARLY: Final = 25  # mean share of the range left unused at a stop
CLASS_SLICK_GAIN: Final = 26  # a slick's loss at wetness 1, share
CLASS_SLICK_POWER: Final = 27
CLASS_WET_DRY: Final = 28  # a wet tyre's loss on a dry track, share
CLASS_WET_WET: Final = 29  # a wet tyre's loss at wetness 1, share
CLASS_TO_WET: Final = 30  # loss per lap, share, at which a crew wants wets
CLASS_TO_WET_SD: Final = 31
CLASS_TO_SLICK: Final = 32
CLASS_TO_SLICK_SD: Final = 33
CLASS_DELAY: Final = 34  # mean further laps until the change is made
CLASS_SHARE_1: Final = 35  # share of a lap in sector 1
CLASS_SHARE_2: Final = 36
CLASS_PASS_MS: Final = 37  # advantage per lap at which a rival is passed in 63 %
CLASS_FOLLOW_MS: Final = 38  # gap of one who follows and cannot pass
CLASS_COLD: Final = 39  # a cold slick's further loss per wetness, first lap
CLASS_FUEL_YELLOW: Final = 40  # fuel of a neutralised lap, of a green one's
CLASS_WET_DOUBT: Final = 41  # a wet tyre's further loss, unknown until both tyres are driven
CLASS_KIN: Final = 42  # classes with the same number answer to water alike
CLASS_COLUMNS: Final = 43

# --- the state at the start ---------------------------------------------------------------
STATE_LAPS: Final = 0
STATE_LAST_MS: Final = 1
STATE_TYRE: Final = 2  # 0 slick, 1 wet
STATE_TYRE_AGE: Final = 3
STATE_FUEL: Final = 4  # green laps left
STATE_DRIVER: Final = 5
STATE_IN_LANE: Final = 6  # the last crossing was an in-lap's
STATE_PENALTY_MS: Final = 7
STATE_OUT: Final = 8  # retired; or, with a crossing past the length, finished
STATE_STOPS: Final = 9
STATE_STINT_LAPS: Final = 10
STATE_STINT_PACE: Final = 11  # share, of the stint under way
STATE_STINT_SD: Final = 12
STATE_COLUMNS: Final = 13

# --- a car within a replicate -------------------------------------------------------------
W_NEXT: Final = 0
W_START: Final = 1
W_LAST: Final = 2
W_LAPS: Final = 3
W_TYRE: Final = 4
W_AGE: Final = 5
W_FUEL: Final = 6
W_DRIVER: Final = 7
W_LANE: Final = 8  # 1 while the next event is the release from the box
W_INLAP: Final = 9
W_NOISE: Final = 10
W_STINT: Final = 11
W_STOPS: Final = 12
W_PENALTY: Final = 13
W_OUT: Final = 14
W_DONE: Final = 15
W_RANGE: Final = 16
W_STINT_LAPS: Final = 17
W_LANE_MS: Final = 18
W_WAVED: Final = 19
W_RESERVE: Final = 20
W_WANT: Final = 21
W_PLAN: Final = 22
W_NEW_FUEL: Final = 23
W_NEW_TYRE: Final = 24
W_NEW_DRIVER: Final = 25
W_SERVICE: Final = 26  # 0 drive-through, 1 service
W_TO_WET: Final = 27
W_TO_SLICK: Final = 28
W_DELAY: Final = 29
W_PIT_MS: Final = 30
W_CHANGES: Final = 31
W_BURN: Final = 32
W_ANSWERED: Final = 33  # the neutralisation, plus 1, that the crew has answered: stop or none
W_PITTED_MS: Final = 34
W_ALLOWED_LAP: Final = 35
W_CRAWL: Final = 36  # in trouble on the road: passed by all, followed by none
W_SERVED_MS: Final = 37  # the stop that the lap under way began with
W_SHOWN: Final = 38  # 1: the flying lap that the plan waits for looked quicker
W_COLUMNS: Final = 39

# --- kinds of neutralisation --------------------------------------------------------------
GREEN: Final = 0
FCY: Final = 1
VSC: Final = 2
SAFETY_CAR: Final = 3
RED: Final = 4
KINDS: Final = 5

NEU_RATE: Final = 0  # per green hour
NEU_MU: Final = 1  # log ms
NEU_SD: Final = 2
NEU_THEN: Final = 3  # the kind that follows at once, 0 for none
NEU_BUNCH: Final = 4  # 1: the field closes up behind the leader
NEU_WAVE_MS: Final = 5  # cars ahead of their class leader pass round after so long; 0 never
NEU_TRAIN_MS: Final = 6  # the leader's lap behind the safety car
NEU_GAP_MS: Final = 7  # between cars in the queue
NEU_SPLIT: Final = 8  # of that gap, what is spared behind another class: classes are sorted
NEU_COLUMNS: Final = 9

# --- plans --------------------------------------------------------------------------------
PLAN_LAP: Final = 0  # the in-lap; a huge number where no stop is planned
PLAN_TYRE: Final = 1  # -1 crew's choice, 0 slick, 1 wet, 2 keep
PLAN_FUEL: Final = 2  # share of the range to fill to; -1 as needed
PLAN_DRIVER: Final = 3  # -1 crew's choice, 99 stays
PLAN_MS: Final = 4  # standing time, or -1 for the model's own
PLAN_YELLOW: Final = 5  # 1: under a neutralisation only, dropped once the track is green
PLAN_SHOWN: Final = 6  # laps to wait for a flying lap on that tyre that looks quicker; -1 unasked
PLAN_COLUMNS: Final = 7

# --- the path of one replicate ------------------------------------------------------------
PATH_CAR: Final = 0
PATH_LAP: Final = 1
PATH_T_MS: Final = 2
PATH_LAP_MS: Final = 3
PATH_S1_MS: Final = 4
PATH_S2_MS: Final = 5
PATH_DRIVER: Final = 6
PATH_IN_PIT: Final = 7
PATH_PIT_MS: Final = 8
PATH_FLAG: Final = 9
PATH_TYRE: Final = 10
PATH_GREEN_MS: Final = 11
PATH_COLUMNS: Final = 12

# --- streams of a car's random numbers ----------------------------------------------------
S_LAP: Final = 0
S_TAIL: Final = 1
S_INCIDENT: Final = 2
S_PASS: Final = 3
S_STOP: Final = 4
S_STAND: Final = 5
S_DRIVER: Final = 6
S_NEUTRAL: Final = 7
S_STINT: Final = 8
S_RACE: Final = 9
S_TYRE: Final = 10
S_GONE: Final = 11
S_PACE: Final = 12
S_SECTOR: Final = 13
S_SEEN: Final = 14
