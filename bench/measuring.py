"""Pairs of measurements: what the product does, then what it is held against, again and again in the same run."""

import gc
import multiprocessing
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, process_time

from django.db import connection, connections

TIMES = 5
MOST = 120  # seconds that any one of several processes may take
Measure = Callable[[], float]


@dataclass(frozen=True)
class Result:
    """`ratio` is how many times better than the baseline, whatever “better” means for the unit; 1 is just as good."""

    name: str
    value: float
    baseline: float
    unit: str
    ratio: float
    target: float

    @property
    def met(self) -> bool:
        return self.ratio >= self.target

    def as_json(self) -> dict:
        return asdict(self) | {"met": self.met}

    def __str__(self) -> str:
        mark = "met" if self.met else "MISSED"
        figures = f"{self.value:>12,.2f} {self.baseline:>12,.2f}  {self.unit:16}"
        return f"{self.name:66} {figures} {self.ratio:>8.2f} ≥ {self.target:<6g} {mark}"


def rates(name: str, product: Measure, baseline: Measure, *, unit: str, target: float, times: int = TIMES) -> Result:
    """Of two speeds: more is better. The ratio is the median of the pairs' ratios, so that a busy minute hurts both."""
    pairs = _pairs(product, baseline, times)
    return _result(name, pairs, unit, target, [ours / theirs for ours, theirs in pairs])


def durations(
    name: str, product: Measure, baseline: Measure, *, unit: str, target: float, times: int = TIMES
) -> Result:
    """Of two durations: less is better."""
    pairs = _pairs(product, baseline, times)
    return _result(name, pairs, unit, target, [theirs / ours for ours, theirs in pairs])


def within(name: str, values: list[float], limit: float, *, unit: str) -> Result:
    """Held against a limit: the middle one of the values must not be above it."""
    return _result(name, [(value, limit) for value in values], unit, 1, [limit / value for value in values])


def _pairs(product: Measure, baseline: Measure, times: int) -> list[tuple[float, float]]:
    return [(_calmly(product), _calmly(baseline)) for _ in range(times)]


def _calmly(measure: Measure) -> float:
    """Nobody pays for the litter of those before."""
    gc.collect()
    return measure()


def _result(name: str, pairs: list[tuple[float, float]], unit: str, target: float, ratios: list[float]) -> Result:
    ours, theirs = zip(*pairs, strict=True)
    found = Result(name, round(median(ours), 3), round(median(theirs), 3), unit, round(median(ratios), 3), target)
    print(found, flush=True)
    return found


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def processor_seconds(work: Callable[[], object]) -> float:
    """How long it keeps the processor, for what waits for nobody."""
    began = process_time()
    work()
    return process_time() - began


def together(count: int, work: Callable[[], object]) -> float:
    """Seconds until so many processes have done it; they have loaded everything and are connected when time starts."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready, done = context.Barrier(count + 1), context.Barrier(count + 1)

    def ours() -> None:
        connection.ensure_connection()
        ready.wait(30)
        try:
            work()
        finally:
            done.wait(MOST)

    processes = [context.Process(target=ours) for _ in range(count)]
    for process in processes:
        process.start()
    ready.wait(30)
    taken = seconds(lambda: done.wait(MOST))
    _join(processes)
    return taken


def _join(processes: list) -> None:
    for process in processes:
        process.join()
        assert process.exitcode == 0, "one of the processes has failed; it says why above"
