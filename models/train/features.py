"""Feature matrices and targets of the whole half-year, made by the same SQL files that serving runs."""

from dataclasses import dataclass

import numpy as np

from flights import MODELS, connect, open_history, open_source

STORED = ("route_delay_min", "origin_delay_min", "destination_delay_min", "origin_hour_delay_min")
UNITS = {
    "distance_miles": "mi",
    "hour_sin": "1",
    "hour_cos": "1",
    "weekday_sin": "1",
    "weekday_cos": "1",
    "is_weekend": "0 or 1",
}


@dataclass
class Flights:
    """Row i of every array is flight i, in date order. `features` is float32 [rows, len(names)]; times are minutes."""

    names: list[str]
    features: np.ndarray
    actual: np.ndarray
    delay: np.ndarray
    month: np.ndarray

    def of(self, months: list[int]) -> np.ndarray:
        """Row numbers of the flights in these months."""
        return np.flatnonzero(np.isin(self.month, months))


def load() -> Flights:
    db = connect()
    open_source(db)
    open_history(db)
    order = "minute, origin, destination, delay"
    db.execute(f"create table flights as select (row_number() over (order by {order}) - 1)::integer as row, * from source")
    columns = db.execute((MODELS / "features.sql").read_text()).fetchnumpy()
    outcomes = db.execute((MODELS / "outcomes.sql").read_text()).fetchnumpy()
    known = db.execute("select month, delay from flights order by row").fetchnumpy()
    features = np.column_stack(list(columns.values()))
    return Flights(list(columns), features, outcomes["actual_min"], known["delay"], known["month"])


def declare(name: str) -> dict:
    """How a manifest describes one feature."""
    return {"name": name, "unit": UNITS.get(name, "min"), "stored": name in STORED}
