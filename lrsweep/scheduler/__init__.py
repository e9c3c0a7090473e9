"""What a sweep does next: reports, exits and the clock in, actions out. Pure.

messages      what the scheduler hears of jobs, and what it has done with them
limits        what bounds a sweep
axis          where a report stands on the budget axis
lengths       how long trainings are, learned from those that completed
running       the two tables: jobs hold slots, attempts take verdicts
outcome       what became of an attempt whose process ended
failures      when to give up, since trials fail the same way or too often
scheduler     all of it together
"""

from lrsweep.scheduler.axis import budget_position
from lrsweep.scheduler.limits import Limits
from lrsweep.scheduler.messages import Action, Ask, Exit, Finish, Start, Stop, StopJob
from lrsweep.scheduler.scheduler import Pruner, Scheduler

__all__ = [
    "Action",
    "Ask",
    "Exit",
    "Finish",
    "Limits",
    "Pruner",
    "Scheduler",
    "Start",
    "Stop",
    "StopJob",
    "budget_position",
]
