"""The real flights and the feature store's history, as DuckDB views under the names that models/*.sql read."""

from pathlib import Path

import duckdb

MODELS = Path(__file__).resolve().parent.parent
DATA = MODELS / "data"
SOURCE = MODELS.parent / "node_modules" / "vega-datasets" / "data" / "flights-3m.parquet"

# Rows that cannot be trips: a delay beyond 1,000 min either way, or a trip that ends before it starts.
SANE = "abs(delay) <= 1000 and 30 + distance / 7.5 + delay > 0"
SEGMENTS = ["ORD", "DFW", "ATL", "LAX", "PHX", "other"]


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory database on one thread: sums of floats then come out the same on every run."""
    return duckdb.connect(config={"threads": 1})


def open_source(db: duckdb.DuckDBPyConnection) -> None:
    """Creates `codes` (id, code) and `source` (month, minute, delay, distance, origin, destination), January to June 2001."""
    db.execute(f"create table raw as select * from read_parquet('{SOURCE}') where date < timestamp '2001-07-01' and {SANE}")
    db.execute("""create table codes as select (row_number() over (order by code) - 1)::utinyint as id, code
        from (select origin as code from raw union select destination from raw)""")
    db.execute("""create table source as select
            month(date) as month, datediff('minute', timestamp '2001-01-01', date)::integer as minute,
            delay::smallint as delay, distance::smallint as distance, o.id as origin, d.id as destination
        from raw join codes o on o.code = raw.origin join codes d on d.code = raw.destination""")


def open_history(db: duckdb.DuckDBPyConnection) -> None:
    """Creates the feature store's views from the committed tables."""
    for table in ("routes", "airports", "origin_hours"):
        db.execute(f"create view {table} as select * from read_parquet('{DATA / table.replace('_', '-')}.parquet')")
