"""The shadow model of test/bench/shadow-scenario.ts as a SimPy user would write it.

python shadow_core.py SECONDS SERVICE_MEDIAN_MS SEED...   prints one line of JSON per seed. Times are in ms.
"""

import json
import random
import sys
from bisect import bisect_right
from math import log
from time import perf_counter, process_time

import numpy as np
import simpy

RATE_PER_MS = 1e7 / 7200 / 1000
KEYS, ZIPF = 20_000, 0.9
REPLICAS, SLOTS = 24, 4
SERVICE_SIGMA = 0.35
FETCH_MEDIAN, FETCH_SIGMA = 4.0, 0.5
CAPACITY, TTL, HIT = 5_000, 600_000.0, 0.2
ERROR_RATIO = 0.0002


class TwoWayCache:
    """Sets of two entries [key, expiry], the more recently used one first."""

    def __init__(self, capacity):
        self.sets = [[] for _ in range(capacity // 2)]

    def lookup(self, key, now):
        entries = self.sets[key % len(self.sets)]
        for i, (found, expires) in enumerate(entries):
            if found == key:
                if expires <= now:
                    return False
                if i == 1:
                    entries.reverse()
                return True
        return False

    def fill(self, key, expires):
        entries = self.sets[key % len(self.sets)]
        if entries and entries[0][0] == key:
            entries[0] = (key, expires)
        else:
            entries.insert(0, (key, expires))
            del entries[2:]


class Arm:
    def __init__(self, env, rng):
        self.replicas = [simpy.Resource(env, SLOTS) for _ in range(REPLICAS)]
        # Fetching, waiting or in service, by replica.
        self.load = [0] * REPLICAS
        self.cache = TwoWayCache(CAPACITY)
        for key in range(CAPACITY - 1, -1, -1):
            self.cache.fill(key, TTL * (1 - rng.random()))
        self.hits = self.misses = 0
        self.latencies = []
        self.started = []


class Model:
    def __init__(self, seed, seconds, service_median):
        self.env = simpy.Environment()
        self.rng = random.Random(seed)
        self.until = seconds * 1000.0
        self.service_mu = log(service_median)
        self.fetch_mu = log(FETCH_MEDIAN)
        weights = np.arange(1, KEYS + 1) ** -ZIPF
        self.cumulative = (np.cumsum(weights) / weights.sum()).tolist()
        self.arms = [Arm(self.env, self.rng) for _ in range(2)]
        self.requests = 0
        self.slower = []

    def arrivals(self):
        env, rng = self.env, self.rng
        while True:
            yield env.timeout(rng.expovariate(RATE_PER_MS))
            self.requests += 1
            key = min(bisect_right(self.cumulative, rng.random()), KEYS - 1)
            pair = []
            for arm in self.arms:
                env.process(self.request(arm, key, pair))

    def request(self, arm, key, pair):
        env, rng = self.env, self.rng
        arrived = env.now
        i, j = rng.sample(range(REPLICAS), 2)
        replica = j if arm.load[j] < arm.load[i] else i
        arm.load[replica] += 1
        if arm.cache.lookup(key, env.now):
            yield env.timeout(HIT)
            arm.hits += 1
        else:
            yield env.timeout(rng.lognormvariate(self.fetch_mu, FETCH_SIGMA))
            arm.misses += 1
            arm.cache.fill(key, env.now + TTL)
        with arm.replicas[replica].request() as slot:
            yield slot
            service = rng.lognormvariate(self.service_mu, SERVICE_SIGMA)
            arm.started.append((env.now, service))
            yield env.timeout(service)
        arm.load[replica] -= 1
        if rng.random() < ERROR_RATIO:
            return
        latency = env.now - arrived
        arm.latencies.append(latency)
        pair.append(latency)
        if len(pair) == 2:
            self.slower.append(max(pair))

    def run(self):
        self.env.process(self.arrivals())
        start, start_cpu = perf_counter(), process_time()
        self.env.run(until=self.until)
        wall, cpu = perf_counter() - start, process_time() - start_cpu
        latencies = np.concatenate([arm.latencies for arm in self.arms])
        started = np.concatenate([np.array(arm.started) for arm in self.arms])
        busy = np.minimum(started[:, 1], self.until - started[:, 0]).sum()
        hits = sum(arm.hits for arm in self.arms)
        misses = sum(arm.misses for arm in self.arms)
        return {
            "requests": self.requests,
            "wallMs": wall * 1000,
            "cpuMs": cpu * 1000,
            "latencyMsMean": float(latencies.mean()),
            "latencyMsP95": float(np.percentile(latencies, 95, method="inverted_cdf")),
            "cacheHitRatio": hits / (hits + misses),
            "utilisation": float(busy / (2 * REPLICAS * SLOTS * self.until)),
            "slowerMsMean": float(np.mean(self.slower)),
        }


if __name__ == "__main__":
    seconds, median, *seeds = sys.argv[1:]
    for seed in seeds:
        print(json.dumps(Model(int(seed), float(seconds), float(median)).run()), flush=True)
