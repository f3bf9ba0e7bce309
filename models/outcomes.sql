-- What really happened, and where: one row per flight, in `row` order. Reads the views of features.sql, with flights.delay.
-- The data has no block time, so the trip's nominal length is declared: 30 min plus 1 min per 7.5 miles. The delay is real.
select
  airports.segment                                              as segment,
  (30 + routes.distance / 7.5 + flights.delay)::float           as actual_min
from flights
join routes using (origin, destination)
join airports on airports.id = flights.origin
order by flights.row
