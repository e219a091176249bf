"""Start, play, hear, give, use and end."""

from .acting import act, take_side
from .companions import drop_marks, note_companions
from .hearing import correct, hear, lapse, withdraw
from .learning import learn, note_harm, offer_all, recommend
from .reviewing import decide_grant
from .running import begin_runs, end_runs, open_run, require_seat
from .savings import release_savings, take_savings
from .starting import start_play, stop_play, write_design
from .trials import assign_leaders, begin_trial, decline_trial, stop_trial
from .voting import take_back_vote, withdraw_votes

__all__ = [
    "act",
    "assign_leaders",
    "begin_runs",
    "begin_trial",
    "correct",
    "decide_grant",
    "decline_trial",
    "drop_marks",
    "end_runs",
    "hear",
    "lapse",
    "learn",
    "note_companions",
    "note_harm",
    "offer_all",
    "open_run",
    "recommend",
    "release_savings",
    "require_seat",
    "start_play",
    "stop_play",
    "stop_trial",
    "take_back_vote",
    "take_savings",
    "take_side",
    "withdraw",
    "withdraw_votes",
    "write_design",
]
