"""The example shop's season: an agenda of what happens when, played in the order of time."""

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from duka.demo import buying, counter, sets, shelves, tracked
from duka.demo.buying import FATES, Fate, Storeroom
from duka.demo.counter import Act
from duka.demo.people import Buyer
from duka.demo.shop import register
from duka.demo.stage import Place, Stage
from duka.demo.tracked import Followed

LINES_PER_DAY: Final = 34.0
"""About how many lines the whole shop sells on a day; what its first stock is reckoned from."""

_SUNDAY: Final = 6
_SATURDAY: Final = 5
_OPENS: Final = time(8, 30)
_CLOSES: Final = time(20, 5)
_SUNDAY_OPENS: Final = time(10, 0)
_SUNDAY_CLOSES: Final = time(16, 30)
_PEAKS: Final = ((12.6, 1.9), (17.3, 1.3))
"""When most people come, and how far around it they spread, in hours."""


_LAST_ORDERS: Final[tuple[tuple[float, Fate, int], ...]] = (
    (9.2, "awaited", 0), (9.7, "approved", 1), (10.2, "rejected", 0), (10.7, "requested", 1),
)  # fmt: skip
"""Orders of the last day: when, how far they come, for which place."""


@dataclass(slots=True)
class _Agenda:
    """What is still to happen, by moment; of one moment, what was noted first."""

    waiting: list[tuple[datetime, int, Act]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def note(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self.waiting, (moment, next(self.numbers), act))


async def play(stage: Stage, first: date, days: int, newcomers: Sequence[Buyer]) -> None:
    """Live through so many days from the first on; whatever was noted for later days does not happen."""
    agenda = _Agenda()
    for number, buyer in enumerate(newcomers):
        day = first + timedelta(days=number * days // len(newcomers))
        agenda.note(_at(stage, day, stage.rng.uniform(9, 15)), partial(_welcome, buyer=buyer))
    _note_back_room(stage, agenda, first, days)
    for number in range(days):
        day = first + timedelta(days=number)
        _note_day(stage, agenda, day, growth=1 + 0.12 * number / days)
        if number == days - 1:
            agenda.note(_at(stage, day, 14.6), partial(sets.offer, place=stage.places[0]))
            agenda.note(_at(stage, day, 16.2), partial(counter.put_aside, place=stage.places[0]))
        end = datetime.combine(day, time.max, stage.zone)
        while agenda.waiting and agenda.waiting[0][0] <= end:
            moment, _, act = heapq.heappop(agenda.waiting)
            await act(stage, moment)


def _note_day(stage: Stage, agenda: _Agenda, day: date, *, growth: float) -> None:
    """Note what happens on a day: drawers open, people come, drawers are counted."""
    sunday = day.weekday() == _SUNDAY
    opens, closes = (_SUNDAY_OPENS, _SUNDAY_CLOSES) if sunday else (_OPENS, _CLOSES)
    for place in stage.places:
        if sunday and not place.works_sundays:
            continue
        who = stage.supervisor if sunday else place.cashier
        opened = datetime.combine(day, opens, stage.zone) - timedelta(seconds=stage.rng.randrange(900))
        closed = datetime.combine(day, closes, stage.zone) + timedelta(seconds=stage.rng.randrange(900))
        agenda.note(opened, partial(counter.open_drawer, place=place, who=who))
        for moment in _visits(stage, place, day, opened, closed, growth):
            agenda.note(moment, partial(counter.serve, place=place, later=partial(_later, agenda, moment)))
        if stage.rng.random() < 0.4:
            agenda.note(_at(stage, day, 13.1), partial(counter.take_petty_cash, place=place))
        if day.weekday() == _SATURDAY:
            agenda.note(_at(stage, day, 18.5), partial(counter.look_over, place=place))
        agenda.note(closed, partial(counter.close_drawer, place=place))


def _note_back_room(stage: Stage, agenda: _Agenda, first: date, days: int) -> None:
    """Note what the storekeeper does: orders, transfers and counts, some of which are still under way at the end."""
    room, goods, later = Storeroom(), Followed(), partial(_later, agenda)
    here, there = stage.places[0], stage.places[-1]

    def note(number: int, hour: float, act: Act) -> None:
        agenda.note(_at(stage, first + timedelta(days=number), hour), act)

    def order(number: int, hour: float, fate: Fate, place: Place) -> None:
        note(number, hour, partial(buying.restock, room=room, place=place, fate=fate, later=later))

    note(0, 7.5, partial(buying.know_dealers, room=room))
    for at, number in enumerate(range(1, days - 3, 5)):
        order(number, 9.4, FATES[at % len(FATES)], stage.places[at % 2])
    note(days - 3, 8.3, partial(tracked.take_in, goods=goods, room=room, place=here))
    for number, hour in ((days - 2, 11.1), (days - 2, 15.4), (days - 1, 12.2)):
        note(number, hour, partial(tracked.sell_phone, goods=goods, place=here))
    note(days - 1, 12.4, partial(tracked.sell_some, goods=goods, place=here))
    for at, number in enumerate(range(1, days - 2, 14)):
        send = partial(shelves.send_over, room=room, sender=here, receiver=there, loses=at % 3 == 0)
        note(number, 11.3, partial(send, later=later))
        note(number + 1, 8.1, partial(shelves.count_some, room=room, place=here, finish=True))
    order(days - 3, 9.2, "part", here)
    for hour, fate, place in _LAST_ORDERS:
        order(days - 1, hour, fate, stage.places[place])
    note(days - 1, 15.3, partial(shelves.send_over, room=room, sender=here, receiver=there))
    note(days - 1, 16.6, partial(shelves.count_some, room=room, place=there, finish=False))
    note(days - 1, 16.8, partial(shelves.keep_one, room=room, place=here))


def _visits(
    stage: Stage, place: Place, day: date, opened: datetime, closed: datetime, growth: float
) -> list[datetime]:  # fmt: skip
    """Say when somebody buys: most at noon and after work, more on Saturdays and when wages were paid."""
    rng = stage.rng
    usual = {_SATURDAY: 25.0, _SUNDAY: 11.0}.get(day.weekday(), 17.5)
    share = 1.0 if day.weekday() == _SUNDAY else place.share
    wages = 1.15 if day.day >= 26 or day.day <= 4 else 1.0
    count = max(1, round(usual * share * wages * growth * rng.uniform(0.85, 1.15)))
    first, last = opened + timedelta(minutes=2), closed - timedelta(minutes=2)
    peaks = (_at(stage, day, rng.gauss(*rng.choice(_PEAKS))) for _ in range(count))
    # Who would have come when it is closed comes at some other time.
    return [each if first < each < last else first + (last - first) * rng.random() for each in peaks]


def _later(agenda: _Agenda, moment: datetime, after: timedelta, act: Act) -> None:
    """Note an act for later. Days off are passed over, and nobody comes back before the till is open."""
    then = moment + after
    if after >= timedelta(days=1):
        if then.weekday() == _SUNDAY:
            then += timedelta(days=1)
        then = then.replace(hour=max(10, min(then.hour, 18)))
    agenda.note(then, act)


async def _welcome(stage: Stage, now: datetime, *, buyer: Buyer) -> None:
    await register(stage, buyer, stage.owner if buyer.wholesale else stage.places[0].cashier, now)


def _at(stage: Stage, day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), stage.zone) + timedelta(seconds=round(hour * 3600))
