"""Rebuilds models/data from the npm package vega-datasets 3.2.1: the June extract, the history tables, the day's profile."""

import hashlib
import json

from flights import DATA, SEGMENTS, connect, open_source

# Long delays are cut at an hour and small samples pulled towards the overall mean, so a stored feature is a steady number.
PRIOR_FLIGHTS = 50
HISTORY = "(select *, greatest(least(delay, 60), -30) as cut from source where month <= 4)"


def mean_delay(mean: float) -> str:
    return f"((coalesce(sum(cut), 0) + {PRIOR_FLIGHTS * mean}) / (count(cut) + {PRIOR_FLIGHTS}))::float"


def write(db, name: str, query: str) -> None:
    path = DATA / f"{name}.parquet"
    options = "format parquet, compression zstd, compression_level 22, parquet_version v2"
    db.execute(f"copy ({query}) to '{path}' ({options})")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = db.execute(f"select count(*) from read_parquet('{path}')").fetchone()[0]
    print(f"{path.name:24} {rows:8,d} rows {path.stat().st_size:10,d} bytes  sha256 {digest}")


def main() -> None:
    db = connect()
    open_source(db)
    mean = mean_delay(db.execute(f"select avg(cut) from {HISTORY}").fetchone()[0])
    write(db, "routes", f"""select r.origin, r.destination, r.distance, {mean} as delay
        from (select distinct origin, destination, distance from source) r
        left join {HISTORY} h on h.origin = r.origin and h.destination = r.destination
        group by all order by 1, 2""")
    segment = " ".join(f"when '{code}' then {i}" for i, code in enumerate(SEGMENTS[:-1]))
    write(db, "airports", f"""select id, code, (case code {segment} else {len(SEGMENTS) - 1} end)::utinyint as segment,
            (select {mean} from {HISTORY} where origin = id) as origin_delay,
            (select {mean} from {HISTORY} where destination = id) as destination_delay
        from codes order by id""")
    write(db, "origin-hours", f"""select a.id as origin, hour::utinyint as hour, {mean} as delay
        from codes a cross join range(24) hours(hour)
        left join {HISTORY} h on h.origin = a.id and h.minute % 1440 // 60 = hour
        group by all order by 1, 2""")
    write(db, "flights-june", """select minute, delay, origin, destination from source where month = 6
        order by minute, origin, destination, delay""")
    slots = db.execute("select minute % 1440 // 10 as slot, count(*) from source group by 1 order by 1").fetchall()
    counts = {slot: flights for slot, flights in slots}
    total = sum(counts.values())
    profile = {
        "description": "Real US flights per 10-minute slot of the day, January to June 2001, relative to the day's mean",
        "slotMinutes": 10,
        "relativeRate": [round(counts.get(slot, 0) * 144 / total, 5) for slot in range(144)],
    }
    (DATA / "flights-day.json").write_text(json.dumps(profile, indent=2) + "\n")


if __name__ == "__main__":
    main()
