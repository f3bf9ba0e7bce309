-- The model's features: one row per flight, in `row` order. Training (Python) and serving preparation (Node) both run this
-- file, so the two cannot drift apart. Column order is the order of the model's input; data/features.json declares the units.
-- Reads the views   flights (row, minute since Monday 2001-01-01 00:00, origin, destination)
--   routes (origin, destination, distance, delay) · airports (id, origin_delay, destination_delay) · origin_hours (origin, hour, delay)
-- Rounded to float32 here, once: every model sees the same bits.
select
  routes.distance::float                                     as distance_miles,
  sin(2 * pi() * (flights.minute % 1440) / 1440)::float      as hour_sin,
  cos(2 * pi() * (flights.minute % 1440) / 1440)::float      as hour_cos,
  sin(2 * pi() * (flights.minute // 1440 % 7) / 7)::float    as weekday_sin,
  cos(2 * pi() * (flights.minute // 1440 % 7) / 7)::float    as weekday_cos,
  -- From here on: stored features, fetched from the feature store. Mean delay in the history, January to April.
  routes.delay::float                                        as route_delay_min,
  leaving.origin_delay::float                                as origin_delay_min,
  arriving.destination_delay::float                          as destination_delay_min,
  origin_hours.delay::float                                  as origin_hour_delay_min
from flights
join routes using (origin, destination)
join airports as leaving on leaving.id = flights.origin
join airports as arriving on arriving.id = flights.destination
join origin_hours on origin_hours.origin = flights.origin and origin_hours.hour = flights.minute % 1440 // 60
order by flights.row
