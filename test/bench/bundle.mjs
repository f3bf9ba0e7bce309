import { WasmHistogram, initWebAssembly } from 'hdr-histogram-js';
import seedrandom from 'seedrandom';
import { existsSync } from 'node:fs';
import {
  BIGINT,
  BLOB,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBInstance,
  FLOAT,
  INTEGER,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// telemetry/histogram.ts
/**
 * Histograms of times. Recording counts into HdrHistogram's own bucket layout in a plain typed array (an increment, no
 * call into WebAssembly per request); closing a window hands the non-empty buckets to hdr-histogram-js (WASM), which encodes,
 * merges and takes percentiles. A test holds both layouts against each other.
 */
/** Significant digits kept: values are exact to 0.1 %. */
const DIGITS = 3;
/** Longest time the layout distinguishes, µs (one hour); longer ones count in the last bucket, their exact maximum is kept. */
const HIGHEST_US = 36e8;
/** HdrHistogram's sub-bucket count for 3 digits: the power of two at or above 2·10³. */
const SUB_BUCKETS = 2048;
const HALF = SUB_BUCKETS / 2;
const HALF_BITS = 10;
const LENGTH = 23 * HALF;
/** Must be awaited once per thread before any histogram is built. */
const histogramsReady = initWebAssembly;
const options = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST_US,
  numberOfSignificantValueDigits: DIGITS,
};
/** An empty histogram of integer µs. The caller must `destroy()` it: WASM memory is not collected. */
const newHistogram = () => WasmHistogram.build(options);
/** Index of the bucket that holds `us` (0 ≤ us ≤ HIGHEST_US), in HdrHistogram's order. */
function bucketOf(us) {
  if (us < SUB_BUCKETS) return us;
  const shift = 21 - Math.clz32(us);
  return (shift << HALF_BITS) + (us >>> shift);
}
/** Lowest value of bucket `index`, µs: the inverse of `bucketOf`. */
function bucketValue(index) {
  if (index < SUB_BUCKETS) return index;
  const shift = (index >>> HALF_BITS) - 1;
  return ((index - (shift << HALF_BITS)) << shift) >>> 0;
}
/** Counts times of one arm and segment between two window ends. */
var TimeRecorder = class {
  counts = new Uint32Array(LENGTH);
  /** Sum and maximum, ms: array elements, since a field with a fraction would be put on the heap anew at every change. */
  sums = /* @__PURE__ */ new Float64Array(2);
  record(ms) {
    const { sums } = this;
    sums[0] += ms;
    if (ms > sums[1]) sums[1] = ms;
    this.counts[bucketOfMs(ms)]++;
  }
  /** Counts `n` requests that all took `ms` (cache hits, requests that did not wait). */
  recordMany(ms, n) {
    if (n === 0) return;
    const { sums } = this;
    sums[0] += ms * n;
    sums[1] = Math.max(sums[1], ms);
    this.counts[bucketOfMs(ms)] += n;
  }
  /** What was recorded since the last close; starts anew. */
  close() {
    const { sums, counts } = this;
    const [sumMs, maxMs] = sums;
    const last = bucketOfMs(maxMs);
    const histogram = newHistogram();
    let count = 0;
    for (let i = 0; i <= last; i++) {
      const n = counts[i];
      if (n === 0) continue;
      count += n;
      histogram.recordValueWithCount(bucketValue(i), n);
    }
    const encoded = count === 0 ? NO_TIMES.encoded : histogram.encode();
    histogram.destroy();
    counts.fill(0, 0, last + 1);
    sums.fill(0);
    return {
      count,
      sumMs,
      maxMs,
      encoded,
    };
  }
};
/** Index of the bucket that holds a time, rounded to whole µs. */
function bucketOfMs(ms) {
  return bucketOf(ms * 1e3 < 36e8 ? (ms * 1e3 + 0.5) >>> 0 : HIGHEST_US);
}
const NO_TIMES = {
  count: 0,
  sumMs: 0,
  maxMs: 0,
  encoded: /* @__PURE__ */ new Uint8Array(0),
};
/** Sums of windows: merge first, then take percentiles; never a percentile of percentiles. Call `destroy()` when done. */
var TimeTotal = class {
  histogram = newHistogram();
  count = 0;
  sumMs = 0;
  maxMs = 0;
  add(window) {
    if (window.count === 0) return;
    const part = WasmHistogram.decode(window.encoded, 32);
    this.histogram.add(part);
    part.destroy();
    this.count += window.count;
    this.sumMs += window.sumMs;
    this.maxMs = Math.max(this.maxMs, window.maxMs);
  }
  /** The total as one window's histogram. */
  close() {
    const { count, sumMs, maxMs } = this;
    return count === 0
      ? NO_TIMES
      : {
          count,
          sumMs,
          maxMs,
          encoded: this.histogram.encode(),
        };
  }
  /** Nearest-rank quantile (0 < q < 1) in ms, or null when nothing was recorded. */
  quantile(q) {
    return this.count === 0 ? null : Math.min(this.histogram.getValueAtPercentile(q * 100) / 1e3, this.maxMs);
  }
  mean() {
    return this.count === 0 ? null : this.sumMs / this.count;
  }
  reset() {
    this.histogram.reset();
    this.count = this.sumMs = this.maxMs = 0;
  }
  destroy() {
    this.histogram.destroy();
  }
};

// telemetry/scores.ts
/** Counts predictions on the run's grid between two window ends. */
var ScoreRecorder = class {
  counts;
  low;
  perUnit;
  count = 0;
  sum = 0;
  lowest;
  highest = -1;
  constructor(grid) {
    this.counts = new Uint32Array(grid.bins);
    this.low = grid.low;
    this.perUnit = grid.bins / (grid.high - grid.low);
    this.lowest = grid.bins;
  }
  record(score) {
    let bin = ((score - this.low) * this.perUnit) | 0;
    if (bin < 0) bin = 0;
    else if (bin >= this.counts.length) bin = this.counts.length - 1;
    this.counts[bin]++;
    if (bin < this.lowest) this.lowest = bin;
    if (bin > this.highest) this.highest = bin;
    this.count++;
    this.sum += score;
  }
  close() {
    const bins = [];
    const counts = [];
    for (let i = this.lowest; i <= this.highest; i++) {
      if (!this.counts[i]) continue;
      bins.push(i);
      counts.push(this.counts[i]);
      this.counts[i] = 0;
    }
    const closed = {
      count: this.count,
      sum: this.sum,
      bins: Uint32Array.from(bins),
      counts: Uint32Array.from(counts),
    };
    this.count = this.sum = 0;
    this.lowest = this.counts.length;
    this.highest = -1;
    return closed;
  }
};
function sumScores(parts) {
  const counts = /* @__PURE__ */ new Map();
  for (const part of parts)
    for (let i = 0; i < part.bins.length; i++)
      counts.set(part.bins[i], (counts.get(part.bins[i]) ?? 0) + part.counts[i]);
  const bins = Uint32Array.from(counts.keys()).sort();
  return {
    count: parts.reduce((n, p) => n + p.count, 0),
    sum: parts.reduce((s, p) => s + p.sum, 0),
    bins,
    counts: bins.map((bin) => counts.get(bin)),
  };
}

// telemetry/cell.ts
/**
 * Counts one arm × segment between two window ends: increments while requests end, everything derived at `close`.
 * Label delay is exact: a label is counted in the window in which it matures.
 */
var Cell = class {
  arm;
  segment;
  arrived = 0;
  arrivedMirrored = 0;
  mirrored = 0;
  completed = 0;
  /** How many of the completed requests had to wait. */
  waited = 0;
  failed = 0;
  rejected = 0;
  timedOut = 0;
  over;
  bounds;
  strict;
  lowestBound;
  latency = new TimeRecorder();
  waits = new TimeRecorder();
  fetches = new TimeRecorder();
  hitMs;
  /** Requests that got their features from the cache. */
  hits = 0;
  misses = 0;
  missing = 0;
  scores;
  labels;
  pairs;
  constructor(arm, segment, options) {
    this.arm = arm;
    this.segment = segment;
    this.hitMs = options.hitMs;
    this.over = new Float64Array(options.thresholds.length);
    this.bounds = Float64Array.from(options.thresholds, (t) => t.thresholdMs);
    this.strict = options.thresholds.map((t) => t.operator === '>');
    this.lowestBound = Math.min(...this.bounds, Number.POSITIVE_INFINITY);
    this.scores = new ScoreRecorder(options.scoreGrid);
    this.labels = new LabelQueue(options.windowMs, options.labelDelayMs);
    this.pairs = new PairRecorder(options.scoreGrid);
  }
  /** A request was answered `latencyMs` after it arrived, having waited `waitMs` in the queue. */
  answered(latencyMs, waitMs, mirrored) {
    this.completed++;
    if (mirrored) this.mirrored++;
    this.latency.record(latencyMs);
    if (waitMs > 0) {
      this.waited++;
      this.waits.record(waitMs);
    }
    if (latencyMs >= this.lowestBound) this.countOver(latencyMs);
  }
  countOver(latencyMs) {
    for (let k = 0; k < this.bounds.length; k++)
      if (latencyMs > this.bounds[k] || (latencyMs === this.bounds[k] && !this.strict[k])) this.over[k]++;
  }
  /** The score of an answered request. */
  scored(score) {
    this.scores.record(score);
  }
  /** The label of a prediction answered at `doneMs` will mature after the label delay. */
  labelled(doneMs, positive) {
    this.labels.add(doneMs, positive);
  }
  /** A request got no answer in time: it is over every latency threshold, however fast it failed. */
  unanswered(how, mirrored) {
    this[how]++;
    if (mirrored) this.mirrored++;
    for (let k = 0; k < this.over.length; k++) this.over[k]++;
  }
  /** A request came back from the feature store after `fetchMs`, with the features or without. */
  fetched(fetchMs, found) {
    this.misses++;
    if (!found) this.missing++;
    this.fetches.record(fetchMs);
  }
  /** The window's row; counting starts anew. `inFlight` and the fleet's figures are the world's to say. */
  close(frame, inFlight, fleet, mirroring) {
    this.waits.recordMany(0, this.completed - this.waited);
    this.fetches.recordMany(this.hitMs, this.hits);
    const { arm, segment, arrived, arrivedMirrored, mirrored, completed, failed, rejected, timedOut } = this;
    const errors = failed + rejected + timedOut;
    const labels = this.labels.mature(frame.index);
    const row = {
      ...frame,
      arm,
      segment,
      arrived,
      arrivedMirrored,
      inFlight,
      requests: completed + errors,
      mirrored,
      completed,
      failed,
      rejected,
      timedOut,
      errors,
      over: [...this.over],
      latency: this.latency.close(),
      wait: this.waits.close(),
      featureFetch: this.fetches.close(),
      cacheHits: this.hits,
      cacheMisses: this.misses,
      featuresMissing: this.missing,
      impressions: labels.impressions,
      outcomes: labels.outcomes,
      scores: this.scores.close(),
      busyMs: fleet?.busyMs ?? null,
      capacityMs: fleet?.capacityMs ?? null,
      readyReplicas: fleet?.readyReplicas ?? null,
      shadow: this.pairs.close(mirroring),
    };
    this.arrived =
      this.arrivedMirrored =
      this.mirrored =
      this.completed =
      this.failed =
      this.rejected =
      this.timedOut =
        0;
    this.waited = this.hits = this.misses = this.missing = 0;
    this.over.fill(0);
    return row;
  }
};
/** Labels on their way to maturity, counted by the window in which they will mature. */
var LabelQueue = class {
  windowMs;
  delayMs;
  /** Rings over windows, long enough for an answer at the end of the current window. */
  impressions;
  outcomes;
  constructor(windowMs, delayMs) {
    this.windowMs = windowMs;
    this.delayMs = delayMs;
    const length = Math.ceil(delayMs / windowMs) + 2;
    this.impressions = new Float64Array(length);
    this.outcomes = new Float64Array(length);
  }
  add(doneMs, positive) {
    const at = Math.floor((doneMs + this.delayMs) / this.windowMs) % this.impressions.length;
    this.impressions[at]++;
    if (positive) this.outcomes[at]++;
  }
  mature(index) {
    const at = index % this.impressions.length;
    const matured = {
      impressions: this.impressions[at],
      outcomes: this.outcomes[at],
    };
    this.impressions[at] = this.outcomes[at] = 0;
    return matured;
  }
};
/** Both copies' answers to mirrored requests, summed as they come. */
var PairRecorder = class {
  compared = 0;
  mismatches = 0;
  differenceSum = 0;
  slowerSumMs = 0;
  incomplete = 0;
  baseline;
  candidate;
  constructor(grid) {
    this.baseline = new ScoreRecorder(grid);
    this.candidate = new ScoreRecorder(grid);
  }
  /** Both copies have answered, the slower after `slowerMs`. */
  complete(slowerMs) {
    this.compared++;
    this.slowerSumMs += slowerMs;
  }
  scored(baseline, candidate, mismatch) {
    this.baseline.record(baseline);
    this.candidate.record(candidate);
    this.differenceSum += Math.abs(candidate - baseline);
    if (mismatch) this.mismatches++;
  }
  lost() {
    this.incomplete++;
  }
  close(mirroring) {
    if (!mirroring && this.compared + this.incomplete === 0) return null;
    const baselineScores = this.baseline.close();
    const candidateScores = this.candidate.close();
    const comparison = {
      compared: this.compared,
      mismatches: this.mismatches,
      baselineSum: baselineScores.sum,
      candidateSum: candidateScores.sum,
      absoluteDifferenceSum: this.differenceSum,
      baselineScores,
      candidateScores,
      slowerSumMs: this.slowerSumMs,
      incomplete: this.incomplete,
    };
    this.compared = this.mismatches = this.differenceSum = this.slowerSumMs = this.incomplete = 0;
    return comparison;
  }
};

// telemetry/sum.ts
/** The row of all segments of one arm and window: counts add, histograms merge. `rows` must not be empty. */
function sumRows(rows, segment) {
  const first = rows[0];
  const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
  const shadows = rows.flatMap((row) => (row.shadow === null ? [] : [row.shadow]));
  return {
    ...first,
    segment,
    arrived: sum((r) => r.arrived),
    arrivedMirrored: sum((r) => r.arrivedMirrored),
    inFlight: sum((r) => r.inFlight),
    requests: sum((r) => r.requests),
    mirrored: sum((r) => r.mirrored),
    completed: sum((r) => r.completed),
    failed: sum((r) => r.failed),
    rejected: sum((r) => r.rejected),
    timedOut: sum((r) => r.timedOut),
    errors: sum((r) => r.errors),
    over: first.over.map((_, k) => sum((r) => r.over[k])),
    latency: sumTimes(rows.map((r) => r.latency)),
    wait: sumTimes(rows.map((r) => r.wait)),
    featureFetch: sumTimes(rows.map((r) => r.featureFetch)),
    cacheHits: sum((r) => r.cacheHits),
    cacheMisses: sum((r) => r.cacheMisses),
    featuresMissing: sum((r) => r.featuresMissing),
    impressions: sum((r) => r.impressions),
    outcomes: sum((r) => r.outcomes),
    scores: sumScores(rows.map((r) => r.scores)),
    shadow: shadows.length === 0 ? null : sumShadows(shadows),
  };
}
function sumTimes(parts) {
  const total = new TimeTotal();
  for (const part of parts) total.add(part);
  const sum = total.close();
  total.destroy();
  return sum;
}
function sumShadows(parts) {
  const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
  return {
    compared: sum((p) => p.compared),
    mismatches: sum((p) => p.mismatches),
    baselineSum: sum((p) => p.baselineSum),
    candidateSum: sum((p) => p.candidateSum),
    absoluteDifferenceSum: sum((p) => p.absoluteDifferenceSum),
    baselineScores: sumScores(parts.map((p) => p.baselineScores)),
    candidateScores: sumScores(parts.map((p) => p.candidateScores)),
    slowerSumMs: sum((p) => p.slowerSumMs),
    incomplete: sum((p) => p.incomplete),
  };
}

// sim/cache/full.ts
/** A cache in which every key has a place: nothing is ever evicted, entries only expire. */
var FullCache = class {
  expires;
  keys;
  constructor(keys, portions) {
    this.keys = keys;
    this.expires = new Float64Array(keys * portions).fill(Number.NEGATIVE_INFINITY);
  }
  lookup(portion, key, nowMs) {
    return this.expires[portion * this.keys + key] > nowMs;
  }
  holds(portion, key, nowMs) {
    return this.lookup(portion, key, nowMs);
  }
  fill(portion, key, expiresMs) {
    this.expires[portion * this.keys + key] = expiresMs;
  }
  clear(portion) {
    this.expires.fill(Number.NEGATIVE_INFINITY, portion * this.keys, (portion + 1) * this.keys);
  }
};

// split.ts
/**
 * Which arm serves a request: one pure function, shared by the simulator and the live gateway, so that both route alike.
 * Sticky: a user's answer depends only on user, salt and weight. Monotone: raising the weight only moves users
 * from the baseline to the candidate, so whoever saw the candidate at 1 % still sees it at 5 %.
 */
/** Mixes 32 bits into 32 bits, a bijection with good avalanche (Prospector's lowbias32 constants, C. Wellons 2018). */
function mix32(value) {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 2146121005);
  x ^= x >>> 15;
  x = Math.imul(x, 2221713035);
  x ^= x >>> 16;
  return x >>> 0;
}
/** FNV-1a of a text's UTF-16 code units, 32 bits: turns names, salts and text keys into numbers. */
function hashText(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}
/** The user's place on the routing circle, 0 … 2³²−1; `salt` (a hashed text) reshuffles users between rollouts. */
const routingPoint = (user, salt) => mix32(user ^ salt);
/** Points below this go to the candidate. 100 % gives 2³², above every point. */
const candidateBelow = (weightPercent) => (weightPercent / 100) * 2 ** 32;

// sim/cache/lru.ts
const NONE$3 = -1;
/**
 * Exact least-recently-used cache: per portion a hash table (open addressing, at most half full) of places, and a doubly
 * linked list of the places from most to least recently used.
 */
var LruCache = class {
  portions;
  constructor(capacity, portions) {
    this.portions = Array.from({ length: portions }, () => new Portion(capacity));
  }
  lookup(portion, key, nowMs) {
    const p = this.portions[portion];
    const place = p.find(key);
    if (place === NONE$3 || !(p.expires[place] > nowMs)) return false;
    p.moveToFront(place);
    return true;
  }
  holds(portion, key, nowMs) {
    const p = this.portions[portion];
    const place = p.find(key);
    return place !== NONE$3 && p.expires[place] > nowMs;
  }
  fill(portion, key, expiresMs) {
    this.portions[portion].put(key, expiresMs);
  }
  clear(portion) {
    this.portions[portion].clear();
  }
};
var Portion = class {
  expires;
  keys;
  newer;
  older;
  table;
  mask;
  used = 0;
  newest = NONE$3;
  oldest = NONE$3;
  constructor(capacity) {
    this.expires = new Float64Array(capacity);
    this.keys = new Int32Array(capacity);
    this.newer = new Int32Array(capacity);
    this.older = new Int32Array(capacity);
    const size = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.table = new Int32Array(size).fill(NONE$3);
    this.mask = size - 1;
  }
  find(key) {
    for (let i = mix32(key) & this.mask; ; i = (i + 1) & this.mask) {
      const place = this.table[i];
      if (place === NONE$3 || this.keys[place] === key) return place;
    }
  }
  put(key, expiresMs) {
    let place = this.find(key);
    if (place === NONE$3) {
      if (this.used < this.keys.length) place = this.used++;
      else {
        place = this.oldest;
        this.forget(this.keys[place]);
        this.unlink(place);
      }
      this.keys[place] = key;
      this.remember(key, place);
      this.linkFirst(place);
    } else this.moveToFront(place);
    this.expires[place] = expiresMs;
  }
  moveToFront(place) {
    if (place === this.newest) return;
    this.unlink(place);
    this.linkFirst(place);
  }
  clear() {
    this.table.fill(NONE$3);
    this.used = 0;
    this.newest = this.oldest = NONE$3;
  }
  linkFirst(place) {
    this.newer[place] = NONE$3;
    this.older[place] = this.newest;
    if (this.newest === NONE$3) this.oldest = place;
    else this.newer[this.newest] = place;
    this.newest = place;
  }
  unlink(place) {
    const newer = this.newer[place];
    const older = this.older[place];
    if (newer === NONE$3) this.newest = older;
    else this.older[newer] = older;
    if (older === NONE$3) this.oldest = newer;
    else this.newer[older] = newer;
  }
  remember(key, place) {
    let i = mix32(key) & this.mask;
    while (this.table[i] !== NONE$3) i = (i + 1) & this.mask;
    this.table[i] = place;
  }
  /** Removes the key from the table and moves later entries of its run back (Knuth 6.4, algorithm R): no tombstones. */
  forget(key) {
    let hole = mix32(key) & this.mask;
    while (this.keys[this.table[hole]] !== key) hole = (hole + 1) & this.mask;
    for (let i = (hole + 1) & this.mask; this.table[i] !== NONE$3; i = (i + 1) & this.mask) {
      const home = mix32(this.keys[this.table[i]]) & this.mask;
      if (((i - home) & this.mask) >= ((i - hole) & this.mask)) {
        this.table[hole] = this.table[i];
        hole = i;
      }
    }
    this.table[hole] = NONE$3;
  }
};

// sim/cache/two-way.ts
/** Numbers per set: key and expiry of the more recently used entry, then of the other. */
const SET = 4;
/** Expiry is kept in whole ticks of 1/8 ms, so that a set is 16 bytes; ticks last for three days of simulated time. */
const TICKS_PER_MS = 8;
const NEVER$1 = 2147483647;
const FREE = -1;
/**
 * Two-way set-associative cache with least-recently-used eviction inside each set: a key can live in one of two
 * places side by side, so a lookup touches one cache line. Keys are numbered by popularity, so that "key modulo sets" spreads
 * the popular ones evenly; the hit ratio is close to exact LRU of the same capacity.
 */
var TwoWayCache = class {
  entries;
  sets;
  /** Where `readAhead` leaves what it has read, so that the reads are not optimised away. */
  seen = 0;
  constructor(capacity, portions) {
    this.sets = Math.max(1, capacity >>> 1);
    this.entries = new Int32Array(SET * this.sets * portions).fill(FREE);
  }
  lookup(portion, key, nowMs) {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] === key) return entries[at + 1] > nowMs * TICKS_PER_MS;
    if (entries[at + 2] !== key) return false;
    const expires = entries[at + 3];
    if (expires <= nowMs * TICKS_PER_MS) return false;
    entries[at + 2] = entries[at];
    entries[at + 3] = entries[at + 1];
    entries[at] = key;
    entries[at + 1] = expires;
    return true;
  }
  holds(portion, key, nowMs) {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] === key) return entries[at + 1] > nowMs * TICKS_PER_MS;
    return entries[at + 2] === key && entries[at + 3] > nowMs * TICKS_PER_MS;
  }
  fill(portion, key, expiresMs) {
    const { entries } = this;
    const at = SET * (portion * this.sets + (key < this.sets ? key : key % this.sets));
    if (entries[at] !== key) {
      entries[at + 2] = entries[at];
      entries[at + 3] = entries[at + 1];
    }
    entries[at] = key;
    entries[at + 1] = Math.min(Math.round(expiresMs * TICKS_PER_MS), NEVER$1);
  }
  readAhead(keys) {
    const { entries, sets } = this;
    let seen = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      seen ^= entries[SET * (key < sets ? key : key % sets)];
    }
    this.seen = seen;
  }
  clear(portion) {
    this.entries.fill(FREE, SET * this.sets * portion, SET * this.sets * (portion + 1));
  }
};

// sim/cache/cache.ts
/** The cache a scenario asks for, empty; null when it has none. */
function makeCache(spec, keys, portions) {
  if (spec.capacity === 0) return null;
  if (spec.capacity >= keys) return new FullCache(keys, portions);
  return spec.eviction === 'lru' ? new LruCache(spec.capacity, portions) : new TwoWayCache(spec.capacity, portions);
}

// sim/registers.ts
const newRegisters = () => /* @__PURE__ */ new Float64Array(5);
const ARM_SHIFT = 3;
const SEGMENT_SHIFT = 5;
const REPLICA_SHIFT = 13;
const packed = (arm, segment, replica, flags) =>
  flags | (arm << ARM_SHIFT) | (segment << SEGMENT_SHIFT) | (replica << REPLICA_SHIFT);
const armOf = (kind) => (kind >> ARM_SHIFT) & 3;
const segmentOf = (kind) => (kind >> SEGMENT_SHIFT) & 255;
const replicaOf = (kind) => kind >> REPLICA_SHIFT;
/** Arm and segment together: arms in order, each with `segments` cells. */
const cellOf = (kind, segments) => armOf(kind) * segments + segmentOf(kind);

// sim/fleet.ts
const NONE$2 = -1;
/**
 * The replicas of one arm. Every replica is a FIFO station with `slots` servers, evaluated lazily: when a request is dispatched
 * its start is max(now, earliest free slot), so wait, finish and time-out are known at once and completions never
 * become events. Calls must come in time order.
 */
var Fleet = class {
  slots;
  /**
   * When each slot will have done all work given to it, ms; idle when in the past. Replica r's slots lie at r·slots … and are
   * kept ascending, so the earliest comes first. Which of its slots serves a request makes no difference.
   */
  free;
  /** Replicas that take requests, in the order they became ready. */
  ready = [];
  /** Requests a replica has been chosen for that are still fetching their features. */
  fetching;
  /** Requests a replica has served since it started, counted by whoever applies its cold start. */
  served;
  /** Per replica: nobody waits after this time, ms. */
  lastWaitMs;
  /** Slot time given out so far, ms: includes work that lies in the future (see busyUntil). */
  givenMs = /* @__PURE__ */ new Float64Array(1);
  readyMs = 0;
  readySinceMs = 0;
  nextInTurn = 0;
  registers;
  balancer;
  pickStream;
  rooms;
  constructor(spec, maxReplicas, pickStream, registers) {
    this.slots = spec.slotsPerReplica;
    this.balancer = spec.balancer;
    this.pickStream = pickStream;
    this.registers = registers;
    this.free = new Float64Array(maxReplicas * this.slots);
    this.fetching = new Int32Array(maxReplicas);
    this.served = new Int32Array(maxReplicas);
    this.lastWaitMs = new Float64Array(maxReplicas);
    this.rooms = new WaitingRooms(maxReplicas);
  }
  /** Chooses a replica for a request that arrives now, or −1 when none is ready. */
  pick() {
    const { ready } = this;
    const n = ready.length;
    if (n < 2) return n === 0 ? NONE$2 : ready[0];
    if (this.balancer === 'power-of-two') {
      const x = this.pickStream.next() * n;
      const i = x | 0;
      const j = ((x - i) * (n - 1)) | 0;
      const a = ready[i];
      const b = ready[j >= i ? j + 1 : j];
      return this.load(b) < this.load(a) ? b : a;
    }
    if (this.balancer === 'random') return ready[(this.pickStream.next() * n) | 0];
    if (this.balancer === 'round-robin') {
      this.nextInTurn = (this.nextInTurn + 1) % n;
      return ready[this.nextInTurn];
    }
    return ready.reduce((best, r) => (this.load(r) < this.load(best) ? r : best));
  }
  /** Requests at the replica now: fetching, waiting and in service. */
  load(replica) {
    const nowMs = this.registers[0];
    const { free, slots } = this;
    if (this.lastWaitMs[replica] > nowMs) return this.fetching[replica] + slots + this.rooms.count(replica, nowMs);
    const first = replica * slots;
    let busy = 0;
    for (let i = first; i < first + slots; i++) busy += Number(free[i] > nowMs);
    return this.fetching[replica] + busy;
  }
  /** Requests waiting at the replica now. */
  waiting(replica) {
    const nowMs = this.registers[0];
    return this.lastWaitMs[replica] > nowMs ? this.rooms.count(replica, nowMs) : 0;
  }
  /** When the replica's earliest slot falls free, ms. */
  earliestFreeMs(replica) {
    return this.free[replica * this.slots];
  }
  /** A request waits at the replica from now on until `untilMs`, when it starts or leaves unserved. */
  waitUntil(replica, untilMs) {
    this.rooms.enter(replica, untilMs, this.registers[0]);
    this.lastWaitMs[replica] = untilMs;
  }
  /** The replica's earliest slot is given the request in the registers, from its start to its finish. */
  occupy(replica) {
    const { free, registers } = this;
    const finishMs = registers[3];
    this.givenMs[0] += finishMs - registers[2];
    let i = replica * this.slots;
    const last = i + this.slots - 1;
    for (; i < last; i++) {
      const next = free[i + 1];
      if (next >= finishMs) break;
      free[i] = next;
    }
    free[i] = finishMs;
  }
  /** Slot time worked off by `nowMs`: what was given out, less what still lies ahead (a committed slot works without a break). */
  busyUntil(nowMs) {
    let ahead = 0;
    for (const f of this.free) if (f > nowMs) ahead += f - nowMs;
    return this.givenMs[0] - ahead;
  }
  /** Slot time of ready replicas up to `nowMs`. */
  capacityUntil(nowMs) {
    return this.readyMs + (nowMs - this.readySinceMs) * this.ready.length * this.slots;
  }
  /** The replica takes requests from now on; `fresh`: its process has just started. */
  start(replica, nowMs, fresh) {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    if (!this.ready.includes(replica)) this.ready.push(replica);
    if (!fresh) return;
    this.served[replica] = 0;
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++)
      this.free[i] = Math.max(this.free[i], nowMs);
  }
  /** The replica takes no more requests; what it has, it finishes. */
  stop(replica, nowMs) {
    this.readyMs = this.capacityUntil(nowMs);
    this.readySinceMs = nowMs;
    const at = this.ready.indexOf(replica);
    if (at >= 0) this.ready.splice(at, 1);
  }
  /** The replica is gone with all its work. */
  crash(replica, nowMs) {
    this.stop(replica, nowMs);
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++) {
      this.givenMs[0] -= Math.max(0, this.free[i] - nowMs);
      this.free[i] = Math.min(this.free[i], nowMs);
    }
    this.rooms.clear(replica);
    this.lastWaitMs[replica] = nowMs;
  }
  /** Nothing at this replica moves for `forMs`: all its work ends that much later, idle slots are blocked. */
  freeze(replica, nowMs, forMs) {
    for (let i = replica * this.slots; i < (replica + 1) * this.slots; i++) {
      this.free[i] = Math.max(this.free[i], nowMs) + forMs;
      this.givenMs[0] += forMs;
    }
    this.rooms.count(replica, nowMs);
    this.rooms.delay(replica, forMs);
    this.lastWaitMs[replica] += forMs;
  }
};
/**
 * For each replica the times at which its waiting requests will stop waiting. FIFO makes them ascend, so those that
 * have passed are dropped from the front.
 */
var WaitingRooms = class {
  rooms;
  constructor(replicas) {
    this.rooms = Array.from({ length: replicas }, () => ({
      times: /* @__PURE__ */ new Float64Array(16),
      head: 0,
      size: 0,
    }));
  }
  count(replica, nowMs) {
    const room = this.rooms[replica];
    while (room.size > 0 && room.times[room.head] <= nowMs) {
      room.head = (room.head + 1) & (room.times.length - 1);
      room.size--;
    }
    return room.size;
  }
  enter(replica, untilMs, nowMs) {
    const waiting = this.count(replica, nowMs);
    const room = this.rooms[replica];
    if (waiting === room.times.length) {
      const doubled = new Float64Array(2 * waiting);
      for (let i = 0; i < waiting; i++) doubled[i] = room.times[(room.head + i) & (waiting - 1)];
      room.times = doubled;
      room.head = 0;
    }
    room.times[(room.head + room.size++) & (room.times.length - 1)] = untilMs;
  }
  delay(replica, byMs) {
    const room = this.rooms[replica];
    for (let i = 0; i < room.size; i++) room.times[(room.head + i) & (room.times.length - 1)] += byMs;
  }
  clear(replica) {
    this.rooms[replica].size = 0;
  }
};

// sim/normal.ts
/** The standard normal distribution, in double precision. */
/**
 * P(Z > z). G. West, "Better approximations to cumulative normal functions", Wilmott 2005 (after Hart 1968):
 * relative error below 1e-14 down to P = 1e-300.
 */
function normalTail(z) {
  const x = Math.abs(z);
  let tail = 0;
  if (x <= 37) {
    const e = Math.exp((-x * x) / 2);
    if (x < 7.07106781186547) {
      let up = 0.0352624965998911 * x + 0.700383064443688;
      up = up * x + 6.37396220353165;
      up = up * x + 33.912866078383;
      up = up * x + 112.079291497871;
      up = up * x + 221.213596169931;
      up = up * x + 220.206867912376;
      let down = 0.0883883476483184 * x + 1.75566716318264;
      down = down * x + 16.064177579207;
      down = down * x + 86.7807322029461;
      down = down * x + 296.564248779674;
      down = down * x + 637.333633378831;
      down = down * x + 793.826512519948;
      down = down * x + 440.413735824752;
      tail = (e * up) / down;
    } else {
      let fraction = x + 0.65;
      fraction = x + 4 / fraction;
      fraction = x + 3 / fraction;
      fraction = x + 2 / fraction;
      fraction = x + 1 / fraction;
      tail = e / fraction / 2.506628274631;
    }
  }
  return z > 0 ? tail : 1 - tail;
}
const polynomial = (coefficients, x) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
/** z with P(Z > z) = v, 0 < v < 1. Wichura, algorithm AS 241 (PPND16), Applied Statistics 1988: 16 digits. */
function normalUpperQuantile(v) {
  const q = 0.5 - v;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_UP, r)) / polynomial(CENTRE_DOWN, r);
  }
  const r = Math.sqrt(-Math.log(Math.min(v, 1 - v)));
  const z =
    r <= 5
      ? polynomial(NEAR_UP, r - 1.6) / polynomial(NEAR_DOWN, r - 1.6)
      : polynomial(FAR_UP, r - 5) / polynomial(FAR_DOWN, r - 5);
  return q < 0 ? -z : z;
}
const CENTRE_UP = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const CENTRE_DOWN = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const NEAR_UP = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const NEAR_DOWN = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_UP = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 27115555687434876e-21, 2.0103343992922881e-7,
];
const FAR_DOWN = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 18463183175100548e-21,
  1.421511758316446e-7, 20442631033899397e-31,
];

// sim/distribution.ts
/** Balanced two-phase hyperexponential (each phase carries half the mean): probability of the fast phase and both means. */
function phases(d) {
  const p = (1 + Math.sqrt((d.cv2 - 1) / (d.cv2 + 1))) / 2;
  return {
    p,
    fast: d.meanMs / (2 * p),
    slow: d.meanMs / (2 * (1 - p)),
  };
}
/** P(X > x), x in ms. */
function tailOf(d, x) {
  if (x < 0) return 1;
  switch (d.kind) {
    case 'constant':
      return x < d.valueMs ? 1 : 0;
    case 'exponential':
      return Math.exp(-x / d.meanMs);
    case 'lognormal':
      return x === 0 ? 1 : normalTail(Math.log(x / d.medianMs) / d.sigma);
    case 'erlang': {
      const y = (x * d.stages) / d.meanMs;
      let term = Math.exp(-y);
      let sum = term;
      for (let k = 1; k < d.stages; k++) sum += term *= y / k;
      return sum;
    }
    case 'hyperexponential': {
      const { p, fast, slow } = phases(d);
      return p * Math.exp(-x / fast) + (1 - p) * Math.exp(-x / slow);
    }
    case 'uniform':
      return Math.min(1, Math.max(0, (d.highMs - x) / (d.highMs - d.lowMs)));
    case 'empirical':
      return 1 - probabilityBelow(d.quantiles, x);
    case 'mixture':
      return d.parts.reduce((sum, part) => sum + part.weight * tailOf(part.of, x), 0);
  }
}
/** x (ms) with P(X > x) = v, 0 < v ≤ 1: closed form where there is one, else bisection on the tail. */
function upperQuantileOf(d, v) {
  switch (d.kind) {
    case 'constant':
      return d.valueMs;
    case 'exponential':
      return -d.meanMs * Math.log(v);
    case 'lognormal':
      return v >= 1 ? 0 : d.medianMs * Math.exp(d.sigma * normalUpperQuantile(v));
    case 'uniform':
      return d.highMs - v * (d.highMs - d.lowMs);
    case 'empirical':
      return quantileAt(d.quantiles, 1 - v);
    case 'erlang':
    case 'hyperexponential':
    case 'mixture':
      return bisect(d, v);
  }
}
/** Mean, ms. */
function meanOf(d) {
  switch (d.kind) {
    case 'constant':
      return d.valueMs;
    case 'exponential':
    case 'erlang':
    case 'hyperexponential':
      return d.meanMs;
    case 'lognormal':
      return d.medianMs * Math.exp((d.sigma * d.sigma) / 2);
    case 'uniform':
      return (d.lowMs + d.highMs) / 2;
    case 'empirical': {
      let sum = 0;
      for (let i = 1; i < d.quantiles.length; i++) {
        const [p0, x0] = d.quantiles[i - 1];
        const [p1, x1] = d.quantiles[i];
        sum += ((p1 - p0) * (x0 + x1)) / 2;
      }
      return sum;
    }
    case 'mixture':
      return d.parts.reduce((sum, part) => sum + part.weight * meanOf(part.of), 0);
  }
}
function bisect(d, v) {
  if (v >= 1) return 0;
  let low = 0;
  let high = meanOf(d) + 1e-9;
  while (tailOf(d, high) > v) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (tailOf(d, middle) > v) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
/** Linear between given quantiles. */
function quantileAt(quantiles, p) {
  let i = 1;
  while (i < quantiles.length - 1 && quantiles[i][0] < p) i++;
  const [p0, x0] = quantiles[i - 1];
  const [p1, x1] = quantiles[i];
  return p1 === p0 ? x1 : x0 + ((x1 - x0) * (p - p0)) / (p1 - p0);
}
function probabilityBelow(quantiles, x) {
  if (x < quantiles[0][1]) return 0;
  for (let i = quantiles.length - 1; i > 0; i--) {
    const [p0, x0] = quantiles[i - 1];
    const [p1, x1] = quantiles[i];
    if (x >= x1) return p1;
    if (x >= x0) return p0 + ((p1 - p0) * (x - x0)) / (x1 - x0);
  }
  return 1;
}

// sim/quantile-table.ts
/** Equal cells over all probabilities; those of the upper 1/64 are served by the tail instead. */
const BODY_CELLS = 2048;
/** The tail is cut in octaves of the exceedance probability, 2⁻⁶ down to 2⁻³², each in 128 cells. */
const FIRST_OCTAVE = 6;
const CELLS_PER_OCTAVE = 128;
const TAIL_FROM = 2 ** -6;
/**
 * A distribution of times as a table of exact quantiles, linear in between: one draw, one lookup, no logarithm or
 * exponential in the simulation's loop. Resolves exceedance probabilities down to 2⁻³², the grain of the draws.
 */
var QuantileTable = class {
  body = /* @__PURE__ */ new Float64Array(2049);
  tail = /* @__PURE__ */ new Float64Array(3329);
  /** The value when the distribution is constant, else NaN; lets callers skip the draw. */
  constantMs;
  constructor(distribution) {
    this.constantMs = distribution.kind === 'constant' ? distribution.valueMs : NaN;
    for (let i = 0; i < BODY_CELLS; i++) this.body[i] = upperQuantileOf(distribution, 1 - i / BODY_CELLS);
    this.body[BODY_CELLS] = upperQuantileOf(distribution, 0.5 / BODY_CELLS);
    for (let i = 0; i < this.tail.length; i++) this.tail[i] = upperQuantileOf(distribution, exceedanceAt(i));
  }
  /** The time, ms, whose probability of being exceeded is 1 − u, for u in [0, 1). */
  at(u) {
    const v = 1 - u;
    if (v >= TAIL_FROM) {
      const x = u * BODY_CELLS;
      const i = x | 0;
      const low = this.body[i];
      return low + (this.body[i + 1] - low) * (x - i);
    }
    const octave = Math.clz32(v * 4294967296);
    const x = (2 - v * 2 ** (octave + 1)) * CELLS_PER_OCTAVE;
    const j = x | 0;
    const i = (octave - FIRST_OCTAVE) * CELLS_PER_OCTAVE + j;
    const low = this.tail[i];
    return low + (this.tail[i + 1] - low) * (x - j);
  }
  /** Replaces uniform numbers by their times. */
  map(values) {
    const { body } = this;
    for (let k = 0; k < values.length; k++) {
      const u = values[k];
      if (1 - u < TAIL_FROM) {
        values[k] = this.at(u);
        continue;
      }
      const x = u * BODY_CELLS;
      const i = x | 0;
      const low = body[i];
      values[k] = low + (body[i + 1] - low) * (x - i);
    }
  }
};
/** Exceedance probability at tail point i: from 2⁻⁶ falling to 2⁻³², linear inside an octave. */
function exceedanceAt(i) {
  const octave = FIRST_OCTAVE + Math.floor(i / CELLS_PER_OCTAVE);
  return (2 - (i % CELLS_PER_OCTAVE) / CELLS_PER_OCTAVE) * 2 ** -(octave + 1);
}

// sim/drawn-times.ts
const BLOCK$3 = 128;
/** Independent times of one distribution, ms, drawn from one stream and looked up in blocks. */
var DrawnTimes = class {
  table;
  stream;
  block = new Float64Array(BLOCK$3);
  at = BLOCK$3;
  constructor(distribution, stream) {
    this.table = new QuantileTable(distribution);
    this.stream = stream;
  }
  next() {
    if (this.at === BLOCK$3) {
      this.stream.fill(this.block);
      this.table.map(this.block);
      this.at = 0;
    }
    return this.block[this.at++];
  }
};

// sim/arm.ts
/** More requests than any rehearsal has, and still a small integer. */
const NEVER = 2 ** 30;
/** One arm of the rollout: its fleet, its feature cache, its service times and what faults currently do to it. */
var ArmSim = class {
  name;
  spec;
  fleet;
  cache;
  /** One per segment. */
  cells;
  maxReplicas;
  /** 1 while the replica's process runs (draining included), 0 after a crash or before it started. */
  isUp;
  queueLimit;
  queueTimeoutMs;
  timeoutMs;
  /** What faults set: factors on service time, score, start-up and model load time. */
  serviceFactor = 1;
  scoreFactor = 1;
  startUpFactor = 1;
  modelLoadFactor = 1;
  loaded = true;
  warming = false;
  coldRequests;
  service;
  registers;
  errorStream;
  perReplicaCache;
  errorShare;
  /** Requests until the next failing one. */
  untilError;
  constructor(name, spec, features, keys, cells, streams, registers) {
    this.name = name;
    this.spec = spec;
    this.cells = cells;
    this.maxReplicas = Math.max(spec.replicas, spec.autoscaler?.maxReplicas ?? 0);
    this.fleet = new Fleet(spec, this.maxReplicas, streams(`balancer/${name}`), registers);
    this.isUp = new Uint8Array(this.maxReplicas);
    this.perReplicaCache = features.cache.scope === 'replica';
    this.cache = makeCache(features.cache, keys, this.perReplicaCache ? this.maxReplicas : 1);
    this.queueLimit = spec.queueLimit;
    this.queueTimeoutMs = spec.queueTimeoutMs;
    this.timeoutMs = spec.timeoutMs;
    this.coldRequests = spec.coldStart.requests;
    this.registers = registers;
    this.service = new DrawnTimes(spec.service, streams(`service/${name}`));
    this.errorStream = streams(`errors/${name}`);
    this.errorShare = spec.errorRatio;
    this.untilError = this.gapToError();
    for (let r = 0; r < spec.replicas; r++) {
      this.isUp[r] = 1;
      this.fleet.served[r] = spec.coldStart.requests;
      this.fleet.start(r, 0, false);
    }
  }
  portionOf(replica) {
    return this.perReplicaCache ? replica : 0;
  }
  /** Cache portions in use. */
  portions() {
    return this.perReplicaCache ? [...this.fleet.ready] : [0];
  }
  /** Draws how long the replica works on the request in hand: from its start in the registers to the finish it puts there. */
  serve(replica) {
    let ms = this.service.next() * this.serviceFactor;
    if (this.coldRequests > 0) ms *= this.coldFactor(replica);
    this.registers[3] = this.registers[2] + ms;
  }
  /** A fresh replica's first requests take longer: the factor falls linearly to 1. */
  coldFactor(replica) {
    const left = 1 - this.fleet.served[replica]++ / this.coldRequests;
    return left > 0 ? 1 + (this.spec.coldStart.factor - 1) * left : 1;
  }
  /** Share of requests that fail from now on, injected errors included. */
  setErrorRatio(share) {
    if (share === this.errorShare) return;
    this.errorShare = share;
    this.untilError = this.gapToError();
  }
  /**
   * Whether the next request fails. Independent failures with probability p are geometric gaps apart, so one draw serves
   * a whole gap instead of one per request.
   */
  failsNext() {
    if (--this.untilError > 0) return false;
    if (this.errorShare <= 0) {
      this.untilError = NEVER;
      return false;
    }
    this.untilError = this.gapToError();
    return true;
  }
  gapToError() {
    if (this.errorShare <= 0) return NEVER;
    if (this.errorShare >= 1) return 1;
    return Math.min(NEVER, 1 + Math.floor(Math.log(1 - this.errorStream.next()) / Math.log1p(-this.errorShare)));
  }
};

// sim/keys.ts
const BLOCK$2 = 256;
/** Keys up to this have a row of their own; beyond, a row stands for a run of keys. */
const OWN_ROWS = 4096;
/** The last key of a run is this much less popular than its first. */
const RUN_WIDTH = 0.02;
/**
 * Draws keys 0 … count−1 with probability ∝ 1/(key+1)^exponent, exactly. A row is drawn by the alias method (Walker 1977, built
 * as in Vose 1991). A row for a run of keys is weighted as if all were as popular as its first; one of them is drawn evenly
 * and kept with the ratio of its true weight (rejection), else all is drawn anew, which happens once in about a hundred
 * times. So the tables stay within the processor's nearest cache, however many keys there are.
 */
var ZipfKeys = class {
  /** Row i: the share of cell i that belongs to row i, and the row that the rest belongs to. */
  shares;
  aliases;
  /** First key and number of keys of each row. */
  first;
  width;
  exponent;
  stream;
  block = new Int32Array(BLOCK$2);
  at = BLOCK$2;
  /** Shown the keys that come next, whenever a block of them has been drawn. */
  onBlock = null;
  constructor(count, exponent, stream) {
    this.exponent = exponent;
    this.stream = stream;
    const firsts = [];
    for (let key = 0; key < count; key += runFrom(key, count)) firsts.push(key);
    this.first = Int32Array.from(firsts);
    this.width = this.first.map((key) => runFrom(key, count));
    const bytes = /* @__PURE__ */ new ArrayBuffer(8 * firsts.length);
    this.shares = new Float32Array(bytes);
    this.aliases = new Int32Array(bytes);
    this.fillRows(Float64Array.from(firsts, (key, i) => this.width[i] * (key + 1) ** -exponent));
  }
  next() {
    if (this.at === BLOCK$2) {
      for (let i = 0; i < BLOCK$2; i++) this.block[i] = this.draw();
      this.at = 0;
      this.onBlock?.(this.block);
    }
    return this.block[this.at++];
  }
  draw() {
    const { stream } = this;
    for (;;) {
      const x = stream.next() * this.first.length;
      const cell = x | 0;
      const row = x - cell < this.shares[2 * cell] ? cell : this.aliases[2 * cell + 1];
      if (row < OWN_ROWS) return row;
      const width = this.width[row];
      if (width === 1) return this.first[row];
      const key = this.first[row] + ((stream.next() * width) | 0);
      if (this.keeps(row, key)) return key;
    }
  }
  /** Decides about key `key` of run `row`; only draws near the edge need its exact weight. */
  keeps(row, key) {
    const draw = this.stream.next();
    const first = this.first[row];
    if (draw < 1 - (this.exponent * (key - first)) / (first + 1)) return true;
    return draw < ((key + 1) / (first + 1)) ** -this.exponent;
  }
  fillRows(weights) {
    const total = weights.reduce((a, b) => a + b, 0);
    const stay = weights.map((w) => (w / total) * weights.length);
    const small = [];
    const large = [];
    stay.forEach((p, i) => (p < 1 ? small : large).push(i));
    while (small.length > 0 && large.length > 0) {
      const s = small.pop();
      const l = large.at(-1);
      this.shares[2 * s] = stay[s];
      this.aliases[2 * s + 1] = l;
      const left = stay[l] + stay[s] - 1;
      stay[l] = left;
      if (left < 1) {
        large.pop();
        small.push(l);
      }
    }
    for (const i of [...small, ...large]) this.shares[2 * i] = 1;
  }
};
/** How many keys share a row that begins at `key`. */
function runFrom(key, count) {
  return key < OWN_ROWS ? 1 : Math.min(count - key, Math.max(1, Math.floor((key + 1) * RUN_WIDTH)));
}

// sim/random.ts
/** Numbers made at a time: enough that a refill costs little, few enough that a dozen streams stay in the nearest cache. */
const BLOCK$1 = 128;
/**
 * One named stream of uniform numbers in [0, 1), multiples of 2⁻³². Seeded by seedrandom's Alea and drawn in blocks:
 * the same numbers as `seedrandom.alea(name)` (a test compares them), without a call per number.
 * One stream per purpose (law L5): changing how often one component draws leaves every other component's draws alone.
 */
var Stream = class {
  block = new Float64Array(BLOCK$1);
  at = BLOCK$1;
  /** Alea's state: three fractions and the carry. */
  state;
  constructor(name) {
    const { s0, s1, s2, c } = seedrandom.alea(name, { state: true }).state();
    this.state = Float64Array.of(s0, s1, s2, c);
  }
  next() {
    if (this.at === BLOCK$1) {
      this.fill(this.block);
      this.at = 0;
    }
    return this.block[this.at++];
  }
  /** The next `into.length` numbers. A stream is read either so or one by one: `next` has already drawn ahead. */
  fill(into) {
    const { state } = this;
    let s0 = state[0];
    let s1 = state[1];
    let s2 = state[2];
    let carry = state[3];
    for (let i = 0; i < into.length; i++) {
      const t = 2091639 * s0 + carry * 23283064365386963e-26;
      s0 = s1;
      s1 = s2;
      carry = Math.floor(t);
      s2 = t - carry;
      into[i] = s2;
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = carry;
  }
};
const streamsOf = (seed) => (purpose) => new Stream(`${seed}/${purpose}`);

// sim/arrivals/rate.ts
/** The curve of a process, positioned at time 0. Random switching draws from streams of its own. */
function rateCurve(process, streams) {
  switch (process.kind) {
    case 'poisson':
    case 'regular':
      return constant(process.rateRps / 1e3);
    case 'profile':
      return repeated(process.segments, process.periodMs);
    case 'mmpp': {
      const stay = streams('arrivals/state');
      const [rate0, rate1] = process.rateRps;
      const [leave0, leave1] = process.switchPerSecond;
      return alternating(
        [rate0 / 1e3, rate1 / 1e3],
        [() => (-Math.log(1 - stay.next()) * 1e3) / leave0, () => (-Math.log(1 - stay.next()) * 1e3) / leave1],
      );
    }
    case 'onoff': {
      const stay = streams('arrivals/state');
      const on = new QuantileTable(process.on);
      const off = new QuantileTable(process.off);
      return alternating([process.rateRps / 1e3, 0], [() => on.at(stay.next()), () => off.at(stay.next())]);
    }
  }
}
const constant = (rate) => ({
  endMs: Number.POSITIVE_INFINITY,
  fromMs: 0,
  rate,
  slope: 0,
  next() {},
});
/** Two constant rates in turn, each for a drawn time; starts in the first. */
function alternating(rates, stays) {
  let state = 0;
  return {
    endMs: stays[0](),
    fromMs: 0,
    rate: rates[0],
    slope: 0,
    next() {
      state = state === 0 ? 1 : 0;
      this.fromMs = this.endMs;
      this.endMs = this.fromMs + stays[state]();
      this.rate = rates[state];
    },
  };
}
function repeated(segments, periodMs) {
  let index = -1;
  let offset = 0;
  const curve = {
    endMs: 0,
    fromMs: 0,
    rate: 0,
    slope: 0,
    next() {
      if (++index === segments.length) {
        index = 0;
        offset += periodMs;
      }
      const s = segments[index];
      this.fromMs = offset + s.startMs;
      this.endMs = offset + s.endMs;
      this.rate = s.fromRps / 1e3;
      this.slope = (s.toRps - s.fromRps) / 1e3 / (s.endMs - s.startMs);
    },
  };
  curve.next();
  return curve;
}

// sim/arrivals/source.ts
/** How many arrivals are made at a time. */
const BLOCK = 256;
/**
 * Arrivals of a process with a (possibly random, possibly varying) rate: unit-mean gaps, exponential or regular, are spent
 * along the integral of the rate (time change of a unit Poisson process), exactly over linear stretches.
 */
var RateArrivals = class {
  times = new Float64Array(256);
  keys = null;
  users = null;
  contents = null;
  ended = false;
  curve;
  /** Unit-mean gaps; null when they are all 1. */
  gaps;
  /**
   * Where the latest arrival (or change of the rate) was, and the part of the unit gap not spent there. Being asked for arrivals
   * moves neither, so that the times do not depend on how often one asks.
   */
  nowMs = 0;
  need;
  currentFactor = 1;
  askedMs = 0;
  constructor(process, streams) {
    this.curve = rateCurve(process, streams);
    const exponential = {
      kind: 'exponential',
      meanMs: 1,
    };
    this.gaps = process.kind === 'regular' ? null : new DrawnTimes(exponential, streams('arrivals'));
    this.need = this.unitGap();
  }
  get factor() {
    return this.currentFactor;
  }
  /** Takes effect at the time up to which arrivals have been asked for. */
  set factor(value) {
    if (value === this.currentFactor) return;
    this.spend(this.askedMs);
    this.currentFactor = value;
  }
  fill(untilMs) {
    this.askedMs = untilMs;
    let n = 0;
    while (n < 256) {
      const limit = Math.min(this.curve.endMs, untilMs);
      n = this.curve.slope === 0 ? this.alongConstant(limit, n) : this.alongSlope(limit, n);
      if (n === 256) break;
      if (this.curve.endMs <= limit) {
        this.spend(limit);
        this.curve.next();
      }
      if (limit >= untilMs) break;
    }
    return n;
  }
  async prepare() {}
  async close() {}
  unitGap() {
    return this.gaps === null ? 1 : this.gaps.next();
  }
  /** Moves the clock to `untilMs` without an arrival. */
  spend(untilMs) {
    const { curve, currentFactor } = this;
    const rate = (curve.rate + curve.slope * (this.nowMs - curve.fromMs)) * currentFactor;
    const stretch = untilMs - this.nowMs;
    this.need = Math.max(this.need - (rate * stretch + (curve.slope * currentFactor * stretch * stretch) / 2), 0);
    this.nowMs = untilMs;
  }
  /** Adds arrivals before `limit` at a constant rate. */
  alongConstant(limit, from) {
    const rate = this.curve.rate * this.currentFactor;
    let n = from;
    let t = this.nowMs;
    let need = this.need;
    while (n < 256) {
      const at = t + need / rate;
      if (!(at < limit)) break;
      t = at;
      this.times[n++] = t;
      need = this.unitGap();
    }
    this.nowMs = t;
    this.need = need;
    return n;
  }
  /** The same where the rate rises or falls linearly: solves rate·d + slope·d²/2 = need for d. */
  alongSlope(limit, from) {
    const slope = this.curve.slope * this.currentFactor;
    let n = from;
    while (n < 256) {
      const rate = (this.curve.rate + this.curve.slope * (this.nowMs - this.curve.fromMs)) * this.currentFactor;
      const squared = rate * rate + 2 * slope * this.need;
      const at = squared < 0 ? Number.POSITIVE_INFINITY : this.nowMs + (2 * this.need) / (rate + Math.sqrt(squared));
      if (!(at < limit)) break;
      this.nowMs = at;
      this.times[n++] = at;
      this.need = this.unitGap();
    }
    return n;
  }
};

// config/issues.ts
/** `file:line:col path: got X, expected Y` */
const printIssue = ({ file, line, column, path, message }) =>
  `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`;
/** Input from outside that cannot be used. The command line prints every issue and exits with 2. */
var BadInput = class extends Error {
  name = 'BadInput';
  issues;
  constructor(issues) {
    super(issues.map(printIssue).join('\n'));
    this.issues = issues;
  }
};
/** The issue of a file that cannot even be read as text. */
const fileIssue = (file, message) => ({
  file,
  line: 1,
  column: 1,
  path: '',
  message,
});

// storage/columns.ts
/** What columns of a table look like in memory: typed arrays where nothing can be missing, plain lists where something can. */
const TYPES = {
  int32: INTEGER,
  int64: BIGINT,
  uint8: UTINYINT,
  uint16: USMALLINT,
  uint32: UINTEGER,
  float: FLOAT,
  double: DOUBLE,
  varchar: VARCHAR,
  blob: BLOB,
};
const ARRAYS = {
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float: Float32Array,
  double: Float64Array,
};
const isNullable = (type) => type.endsWith('?');
const kindOf = (type) => type.replace('?', '');
/** The SQL type of a column, e.g. INTEGER. */
const duckdbType = (type) => TYPES[kindOf(type)];
/** An empty column of `rows` places, to be filled by `readInto`. */
function emptyColumn(type, rows) {
  const kind = kindOf(type);
  if (isNullable(type) || kind === 'varchar' || kind === 'blob') return Array.from({ length: rows }, () => null);
  return new ARRAYS[kind](rows);
}
/** The first `rows` of a column. */
const firstRows = (column, rows) => (Array.isArray(column) ? column.slice(0, rows) : column.subarray(0, rows));
const numeric = (chunk, index) => chunk.getColumnVector(index);
/** Copies column `index` of a chunk to row `to`… of a column. */
function readInto(chunk, index, column, to) {
  if (!Array.isArray(column)) {
    column.set(numeric(chunk, index).items, to);
    return;
  }
  chunk.getColumnValues(index).forEach((value, row) => {
    column[to + row] = value instanceof DuckDBBlobValue ? new Uint8Array(value.bytes) : value;
  });
}

// storage/duckdb.ts
/** DuckDB as a query engine over Parquet files: always in memory, never a shared database file. */
let opened = 0;
/** Starts an engine of bounded memory: what does not fit is spilled to the system's temporary directory. */
async function openDuckdb() {
  opened += 1;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '512MB',
    temp_directory: join(tmpdir(), `coalmine-spill-${process.pid}-${opened}`),
  });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
/** A value as an SQL string literal. */
const sqlText = (value) => `'${value.replaceAll("'", "''")}'`;
/** A column name as an SQL identifier. */
const sqlName = (name) => `"${name.replaceAll('"', '""')}"`;
/** A file to read as an SQL string literal. Readers take globs, so what would be a pattern is made to mean itself. */
const sqlPath = (path) => sqlText(path.replaceAll(/[[*?]/g, '[$&]'));

// storage/parquet.ts
/** Tables as Parquet files: columns in, columns out, never row objects. */
/** Rows per piece: large enough that the promise per piece costs nothing, small enough to stay in the processor's cache. */
const PIECE_ROWS = 65536;
/**
 * Reads the columns that the schema names piece by piece, in file order; every piece is a fresh copy, the last one shorter.
 * Throws BadInput when the file is missing, is no Parquet file, lacks a column or has it with another type, or when a
 * column that may not have missing values has some.
 */
async function* readColumns(path, schema) {
  const duckdb = await openDuckdb();
  try {
    await checkParquet(duckdb.connection, path, schema);
    const room = 67584;
    let arrays = Object.values(schema).map((type) => emptyColumn(type, room));
    let rows = 0;
    const piece = () =>
      asColumns(
        schema,
        arrays.map((array) => firstRows(array, rows)),
      );
    for await (const chunk of chunks(duckdb.connection, path, schema)) {
      arrays.forEach((array, index) => readInto(chunk, index, array, rows));
      rows += chunk.rowCount;
      if (rows < PIECE_ROWS) continue;
      yield piece();
      arrays = Object.values(schema).map((type) => emptyColumn(type, room));
      rows = 0;
    }
    if (rows > 0) yield piece();
  } finally {
    duckdb.close();
  }
}
const asColumns = (schema, arrays) =>
  Object.fromEntries(Object.keys(schema).map((name, index) => [name, arrays[index]]));
async function* chunks(connection, path, schema) {
  const names = Object.keys(schema).map(sqlName);
  const result = await connection.stream(`SELECT ${names.join(', ')} FROM read_parquet(${sqlPath(path)})`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield chunk;
}
/** Number of rows of a file whose columns are as the schema says. Throws BadInput like `readColumns`. */
async function checkParquet(connection, path, schema) {
  if (!existsSync(path)) throw new BadInput([fileIssue(path, 'got no file of this name, expected a Parquet file')]);
  const found = await describe(connection, path);
  const issues = Object.entries(schema).flatMap(([name, type]) => {
    const wanted = String(duckdbType(type));
    const column = found.columns.get(name);
    const got = `got ${column === void 0 ? 'no column' : `the type ${column.type} in column`} '${name}'`;
    if (column?.type !== wanted) return [fileIssue(path, `${got}, expected a column of type ${wanted}`)];
    if (column.hasNulls && !isNullable(type))
      return [fileIssue(path, `got missing values in column '${name}', expected none`)];
    return [];
  });
  if (issues.length > 0) throw new BadInput(issues);
  return found.rows;
}
/** What the file's own footer says. A column whose missing values were not counted is taken to have some. */
async function describe(connection, path) {
  const file = sqlPath(path);
  try {
    const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
    const counts = await connection.runAndReadAll(
      `SELECT path_in_schema, sum(coalesce(stats_null_count, 1))::DOUBLE FROM parquet_metadata(${file}) GROUP BY ALL`,
    );
    const rows = await connection.runAndReadAll(`SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${file})`);
    const nulls = new Map(counts.getRows().map(([name, count]) => [String(name), Number(count)]));
    const columns = types.getRows().map(([name, type]) => [
      String(name),
      {
        type: String(type),
        hasNulls: (nulls.get(String(name)) ?? 0) > 0,
      },
    ]);
    return {
      rows: Number(rows.getRows()[0]?.[0] ?? 0),
      columns: new Map(columns),
    };
  } catch (error) {
    const [reason = ''] = error.message.split('\n');
    throw new BadInput([fileIssue(path, `got a file that cannot be read (${reason}), expected a Parquet file`)]);
  }
}

// scenarios/trace/trace.ts
/** A trace: the arrivals of one real or generated stretch of traffic, as a Parquet file sorted by time. */
/** Columns of a trace file, none of them with missing values. */
const TRACE_SCHEMA = {
  /** µs since the trace began, never decreasing. */
  time_us: 'int64',
  /** Entity whose features are fetched; 0 is the most popular one. */
  key: 'int32',
  /** Sticky routing identity. */
  user: 'int32',
  /** Row of the content table, modulo its length. */
  content: 'int32',
  /** Segment number. */
  segment: 'uint8',
};
/**
 * Reads a trace piece by piece, in order: ten million arrivals in about two seconds, in bounded memory.
 * Throws BadInput when the file is no trace, or not sorted.
 */
async function* openTrace(file) {
  let lastUs = Number.NEGATIVE_INFINITY;
  for await (const { time_us, key, user, content, segment } of readColumns(file, TRACE_SCHEMA)) {
    const timesUs = new Float64Array(time_us.length);
    for (let i = 0; i < timesUs.length; i++) {
      const us = Number(time_us[i]);
      if (us < lastUs)
        throw new BadInput([fileIssue(file, `got time ${us} µs after ${lastUs} µs, expected arrivals sorted by time`)]);
      timesUs[i] = us;
      lastUs = us;
    }
    yield {
      timesUs,
      keys: key,
      users: user,
      contents: content,
      segments: segment,
    };
  }
}

// sim/arrivals/trace.ts
/** Replays a trace file, once or over and over, its time divided by `speedUp`. Segments come from the content, not from here. */
var TraceArrivals = class {
  times = new Float64Array(256);
  keys = new Int32Array(256);
  users = new Int32Array(256);
  contents = new Int32Array(256);
  /** A recording keeps its rate: spikes do not apply. */
  factor = 1;
  file;
  repeat;
  keyCount;
  usPerMs;
  pieces;
  /** Pieces read and not used up, and the place in the first of them. */
  ahead = [];
  at = 0;
  /** Where the current pass over the file begins, ms, and the last arrival read. */
  passStartMs = 0;
  lastReadMs = 0;
  fileEnded = false;
  constructor(process, keyCount) {
    this.file = process.file;
    this.repeat = process.repeat;
    this.keyCount = keyCount;
    this.usPerMs = 1e3 * process.speedUp;
    this.pieces = openTrace(process.file);
  }
  get ended() {
    return this.fileEnded && this.ahead.length === 0;
  }
  /** Reads on until an arrival at or after `untilMs` is in memory, or the recording is over. */
  async prepare(untilMs) {
    while (!this.fileEnded && this.lastReadMs < untilMs) {
      const { value, done } = await this.pieces.next();
      if (done === true) await this.endOfPass();
      else if (value.timesUs.length > 0) {
        const timesUs = value.timesUs.map((us) => this.passStartMs + us / this.usPerMs);
        this.ahead.push({
          ...value,
          timesUs,
        });
        this.lastReadMs = timesUs.at(-1);
      }
    }
  }
  fill(untilMs) {
    let n = 0;
    while (n < 256 && this.ahead.length > 0) {
      const piece = this.ahead[0];
      const timeMs = piece.timesUs[this.at];
      if (timeMs >= untilMs) break;
      this.times[n] = timeMs;
      this.keys[n] = piece.keys[this.at] % this.keyCount;
      this.users[n] = piece.users[this.at];
      this.contents[n++] = piece.contents[this.at];
      if (++this.at === piece.timesUs.length) {
        this.ahead.shift();
        this.at = 0;
      }
    }
    return n;
  }
  async close() {
    await this.pieces.return();
  }
  async endOfPass() {
    if (!this.repeat || this.lastReadMs <= this.passStartMs) {
      this.fileEnded = true;
      return;
    }
    this.passStartMs = this.lastReadMs;
    this.pieces = openTrace(this.file);
  }
};

// sim/arrivals/open.ts
/** Keeps users apart from other uses of the request's number. */
const USER_SALT = 1540483477;
/** Who sends request `number`, when no trace says so: uniform over the users, and no random stream to keep in step. */
const userOf = (number, users) => mix32(number ^ USER_SALT) % users;
/** The scenario's arrivals: generated from a rate, or replayed from a trace. */
function openArrivals({ seed, traffic }) {
  if (traffic.arrivals.kind === 'trace') return new TraceArrivals(traffic.arrivals, traffic.keys.count);
  return new RateArrivals(traffic.arrivals, streamsOf(seed));
}

// sim/timeline.ts
/** Control events to come, in total order (time, rank, order of adding): law L4. Few at a time, so a sorted array serves. */
var Timeline = class {
  entries = [];
  added = 0;
  get nextMs() {
    return this.entries[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }
  add(timeMs, rank, run) {
    const entry = {
      timeMs,
      rank,
      order: this.added++,
      run,
    };
    let at = this.entries.length;
    while (at > 0 && before(entry, this.entries[at - 1])) at--;
    this.entries.splice(at, 0, entry);
  }
  /** Runs everything due at or before `nowMs`. */
  runUntil(nowMs) {
    while (this.nextMs <= nowMs) {
      const entry = this.entries.shift();
      entry.run(entry.timeMs);
    }
  }
};
const before = (a, b) =>
  a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;

// sim/autoscaler.ts
/**
 * The usual horizontal autoscaler: every sync, wanted = ⌈ready · measured utilisation / target⌉, unless the ratio is inside the
 * tolerance; what it measures is old by the metric lag; scaling down follows only the largest recent recommendation.
 */
var Autoscaler = class Autoscaler {
  spec;
  fleet;
  replicas;
  samples = [];
  recommendations = [];
  constructor(spec, fleet, replicas) {
    this.spec = spec;
    this.fleet = fleet;
    this.replicas = replicas;
    this.sample(0);
  }
  /** Lets the autoscaler of one arm look at its fleet at every sync from now on. */
  static start(spec, fleet, replicas, timeline) {
    const autoscaler = new Autoscaler(spec, fleet, replicas);
    const tick = (nowMs) => {
      autoscaler.sync(nowMs);
      timeline.add(nowMs + spec.syncEveryMs, 2, tick);
    };
    timeline.add(spec.syncEveryMs, 2, tick);
  }
  sync(nowMs) {
    const { spec } = this;
    this.sample(nowMs);
    const measured = this.measure(nowMs - spec.metricLagMs);
    const ready = this.replicas.ready;
    if (measured === null || ready === 0) return;
    const ratio = measured.utilisation / spec.targetUtilisation;
    const raw =
      Math.abs(ratio - 1) <= spec.tolerance ? this.replicas.wanted : Math.ceil(measured.replicas * ratio - 1e-9);
    const wanted = Math.min(spec.maxReplicas, Math.max(spec.minReplicas, raw));
    this.recommendations.push({
      atMs: nowMs,
      wanted,
    });
    const since = nowMs - spec.scaleDownStabilisationMs;
    while (this.recommendations[0].atMs < since) this.recommendations.shift();
    const highest = Math.max(...this.recommendations.map((r) => r.wanted));
    if (wanted > this.replicas.wanted) this.replicas.scaleTo(wanted, nowMs);
    else if (highest < this.replicas.wanted) this.replicas.scaleTo(highest, nowMs);
  }
  sample(nowMs) {
    this.samples.push({
      atMs: nowMs,
      busyMs: this.fleet.busyUntil(nowMs),
      capacityMs: this.fleet.capacityUntil(nowMs),
    });
    const keepFrom = nowMs - this.spec.metricLagMs - this.spec.metricWindowMs - this.spec.syncEveryMs;
    while (this.samples.length > 2 && this.samples[1].atMs <= keepFrom) this.samples.shift();
  }
  /** Mean utilisation over the metric window that ends at `endMs`, or null before there is any. */
  measure(endMs) {
    const to = this.sampleBefore(endMs);
    const from = this.sampleBefore(endMs - this.spec.metricWindowMs) ?? this.samples[0];
    if (to === void 0 || to.capacityMs <= from.capacityMs) return null;
    const capacityMs = to.capacityMs - from.capacityMs;
    return {
      utilisation: (to.busyMs - from.busyMs) / capacityMs,
      replicas: capacityMs / (to.atMs - from.atMs) / this.fleet.slots,
    };
  }
  sampleBefore(timeMs) {
    return this.samples.findLast((s) => s.atMs <= timeMs);
  }
};

// sim/fetching.ts
/**
 * Requests that are fetching features, and the order in which they come back. Answers from the cache all take the same time, so
 * they return in arrival order from a ring; answers from the store take their own time and return from a heap.
 */
/** The requests in flight between arrival and dispatch, by recycled number. Doubles when full. */
var Fetching = class {
  arrivalMs = /* @__PURE__ */ new Float64Array(256);
  /** What the request is (see registers.ts), its key, content row (−1 none) and pair (−1 none). */
  kind = /* @__PURE__ */ new Int32Array(256);
  key = /* @__PURE__ */ new Int32Array(256);
  content = /* @__PURE__ */ new Int32Array(256);
  pair = /* @__PURE__ */ new Int32Array(256);
  recycled = /* @__PURE__ */ new Int32Array(256);
  recycledCount = 0;
  used = 0;
  hits = new Ring();
  misses = new Heap();
  /** Number of a free place for one request. */
  take() {
    if (this.recycledCount > 0) return this.recycled[--this.recycledCount];
    if (this.used === this.arrivalMs.length) this.grow();
    return this.used++;
  }
  release(request) {
    this.recycled[this.recycledCount++] = request;
  }
  /** Every request that is fetching now. */
  forEach(visit) {
    this.hits.forEach(visit);
    this.misses.forEach(visit);
  }
  grow() {
    const length = 2 * this.used;
    this.arrivalMs = grown(this.arrivalMs, length);
    this.kind = grown(this.kind, length);
    this.key = grown(this.key, length);
    this.content = grown(this.content, length);
    this.pair = grown(this.pair, length);
    this.recycled = grown(this.recycled, length);
  }
};
/** A copy with room for `length` values. */
function grown(values, length) {
  const larger = new values.constructor(length);
  larger.set(values);
  return larger;
}
/** First in, first out: times must ascend. */
var Ring = class {
  times = /* @__PURE__ */ new Float64Array(256);
  requests = /* @__PURE__ */ new Int32Array(256);
  head = 0;
  size = 0;
  /** Time of the first entry; Infinity when empty. */
  nextMs() {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[this.head];
  }
  push(timeMs, request) {
    if (this.size === this.times.length) this.grow();
    const at = (this.head + this.size++) & (this.times.length - 1);
    this.times[at] = timeMs;
    this.requests[at] = request;
  }
  pop() {
    const request = this.requests[this.head];
    this.head = (this.head + 1) & (this.times.length - 1);
    this.size--;
    return request;
  }
  forEach(visit) {
    for (let i = 0; i < this.size; i++) visit(this.requests[(this.head + i) & (this.times.length - 1)]);
  }
  grow() {
    const { size, head } = this;
    const times = new Float64Array(2 * size);
    const requests = new Int32Array(2 * size);
    for (let i = 0; i < size; i++) {
      times[i] = this.times[(head + i) & (size - 1)];
      requests[i] = this.requests[(head + i) & (size - 1)];
    }
    this.times = times;
    this.requests = requests;
    this.head = 0;
  }
};
/** Binary heap by (time, order of pushing): equal times come out in the order they went in (law L4). */
var Heap = class {
  times = /* @__PURE__ */ new Float64Array(256);
  orders = /* @__PURE__ */ new Float64Array(256);
  requests = /* @__PURE__ */ new Int32Array(256);
  pushed = 0;
  size = 0;
  nextMs() {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[0];
  }
  push(timeMs, request) {
    if (this.size === this.times.length) this.grow();
    const { times, orders, requests } = this;
    const order = this.pushed++;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (times[parent] <= timeMs) break;
      times[i] = times[parent];
      orders[i] = orders[parent];
      requests[i] = requests[parent];
      i = parent;
    }
    times[i] = timeMs;
    orders[i] = order;
    requests[i] = request;
  }
  pop() {
    const { times, orders, requests } = this;
    const first = requests[0];
    const last = --this.size;
    const time = times[last];
    const order = orders[last];
    const request = requests[last];
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.before(child + 1, child)) child++;
      const childMs = times[child];
      if (time < childMs || (time === childMs && order < orders[child])) break;
      times[i] = times[child];
      orders[i] = orders[child];
      requests[i] = requests[child];
      i = child;
    }
    times[i] = time;
    orders[i] = order;
    requests[i] = request;
    return first;
  }
  forEach(visit) {
    for (let i = 0; i < this.size; i++) visit(this.requests[i]);
  }
  before(a, b) {
    const x = this.times[a];
    const y = this.times[b];
    return x < y || (x === y && this.orders[a] < this.orders[b]);
  }
  grow() {
    const length = 2 * this.times.length;
    this.times = grown(this.times, length);
    this.orders = grown(this.orders, length);
    this.requests = grown(this.requests, length);
  }
};

// sim/pairs.ts
/** What is known of a mirrored request's two copies. */
const OPEN = 0;
const ONE_ANSWERED = 1;
const ONE_LOST = 2;
const COMPLETE = 3;
/** The result of telling about one copy. */
const WAITING = 0;
const COMPARABLE = 1;
const LOST = 2;
/**
 * Joins both copies of a mirrored request by its number, never by order of arrival. A pair is comparable once both copies
 * have answered; it is lost when one of them failed, was rejected or timed out.
 */
var Pairs = class {
  /** Of comparable pairs: when the request arrived and when the later copy answered (ms), and what both copies are. */
  doneMs = /* @__PURE__ */ new Float64Array(256);
  arrivalMs = /* @__PURE__ */ new Float64Array(256);
  content = /* @__PURE__ */ new Int32Array(256);
  segment = /* @__PURE__ */ new Uint8Array(256);
  baselineKind = /* @__PURE__ */ new Int32Array(256);
  candidateKind = /* @__PURE__ */ new Int32Array(256);
  state = /* @__PURE__ */ new Uint8Array(256);
  recycled = /* @__PURE__ */ new Int32Array(256);
  recycledCount = 0;
  used = 0;
  open(content, segment) {
    if (this.recycledCount === 0 && this.used === this.doneMs.length) this.grow();
    const pair = this.recycledCount > 0 ? this.recycled[--this.recycledCount] : this.used++;
    this.state[pair] = OPEN;
    this.content[pair] = content;
    this.segment[pair] = segment;
    return pair;
  }
  /** One copy will have answered; its times are in the registers. */
  answered(pair, isCandidate, kind, registers) {
    if (isCandidate) this.candidateKind[pair] = kind;
    else this.baselineKind[pair] = kind;
    const doneMs = registers[4];
    const state = this.state[pair];
    if (state === ONE_LOST) {
      this.close(pair);
      return 2;
    }
    if (state === OPEN) {
      this.state[pair] = ONE_ANSWERED;
      this.doneMs[pair] = doneMs;
      this.arrivalMs[pair] = registers[1];
      return 0;
    }
    this.state[pair] = COMPLETE;
    if (doneMs > this.doneMs[pair]) this.doneMs[pair] = doneMs;
    return 1;
  }
  /** One copy will never answer. */
  lost(pair) {
    if (this.state[pair] === OPEN) {
      this.state[pair] = ONE_LOST;
      return 0;
    }
    this.close(pair);
    return 2;
  }
  /** A copy that was going to answer is lost after all (its replica crashed). Returns LOST when both had been told about. */
  revoke(pair) {
    if (this.state[pair] === COMPLETE) return 2;
    this.state[pair] = ONE_LOST;
    return 0;
  }
  /** A copy that was going to answer answers later after all. */
  delay(pair, doneMs) {
    this.doneMs[pair] = Math.max(this.doneMs[pair], doneMs);
  }
  close(pair) {
    this.recycled[this.recycledCount++] = pair;
  }
  grow() {
    const length = 2 * this.used;
    this.doneMs = grown(this.doneMs, length);
    this.arrivalMs = grown(this.arrivalMs, length);
    this.content = grown(this.content, length);
    this.segment = grown(this.segment, length);
    this.baselineKind = grown(this.baselineKind, length);
    this.candidateKind = grown(this.candidateKind, length);
    this.state = grown(this.state, length);
    this.recycled = grown(this.recycled, length);
  }
};

// sim/pending.ts
/**
 * Requests that were dispatched and whose outcome lies beyond the current barrier (window end or control event). A station
 * evaluated lazily knows the outcome at dispatch, but a crash or a hang before then may still change it.
 */
var Pending = class {
  size = 0;
  /** When the outcome becomes known and what it is; what the request was (see registers.ts, Fetching); its station times. */
  doneMs = /* @__PURE__ */ new Float64Array(256);
  status = /* @__PURE__ */ new Uint8Array(256);
  kind = /* @__PURE__ */ new Int32Array(256);
  content = /* @__PURE__ */ new Int32Array(256);
  pair = /* @__PURE__ */ new Int32Array(256);
  arrivalMs = /* @__PURE__ */ new Float64Array(256);
  queuedMs = /* @__PURE__ */ new Float64Array(256);
  startMs = /* @__PURE__ */ new Float64Array(256);
  finishMs = /* @__PURE__ */ new Float64Array(256);
  /** Adds the request whose times are in the registers. */
  add(status, kind, content, pair, registers) {
    if (this.size === this.doneMs.length) this.grow();
    const i = this.size++;
    this.status[i] = status;
    this.kind[i] = kind;
    this.content[i] = content;
    this.pair[i] = pair;
    this.arrivalMs[i] = registers[1];
    this.queuedMs[i] = registers[0];
    this.startMs[i] = registers[2];
    this.finishMs[i] = registers[3];
    this.doneMs[i] = registers[4];
  }
  /** Puts entry `i`'s times into the registers. */
  load(i, registers) {
    registers[1] = this.arrivalMs[i];
    registers[0] = this.queuedMs[i];
    registers[2] = this.startMs[i];
    registers[3] = this.finishMs[i];
    registers[4] = this.doneMs[i];
  }
  /** Moves entry `from` to `to`, for compaction. */
  move(from, to) {
    if (from === to) return;
    this.doneMs[to] = this.doneMs[from];
    this.status[to] = this.status[from];
    this.kind[to] = this.kind[from];
    this.content[to] = this.content[from];
    this.pair[to] = this.pair[from];
    this.arrivalMs[to] = this.arrivalMs[from];
    this.queuedMs[to] = this.queuedMs[from];
    this.startMs[to] = this.startMs[from];
    this.finishMs[to] = this.finishMs[from];
  }
  grow() {
    const length = 2 * this.size;
    this.doneMs = grown(this.doneMs, length);
    this.status = grown(this.status, length);
    this.kind = grown(this.kind, length);
    this.content = grown(this.content, length);
    this.pair = grown(this.pair, length);
    this.arrivalMs = grown(this.arrivalMs, length);
    this.queuedMs = grown(this.queuedMs, length);
    this.startMs = grown(this.startMs, length);
    this.finishMs = grown(this.finishMs, length);
  }
};

// sim/answers.ts
/** How a request ended. */
const COMPLETED = 0;
const FAILED = 1;
const REJECTED = 2;
const TIMED_OUT = 3;
const BASELINE$1 = 0;
const CANDIDATE$2 = 1;
const NONE$1 = -1;
/**
 * Counts outcomes when their time has come: at once when it lies before the barrier, later otherwise. Joins the copies of
 * mirrored requests, and takes back what a crash or a hang makes untrue.
 */
var Answers = class {
  /** Outcomes before this instant are final, ms. */
  barrierMs = 0;
  pending = new Pending();
  pairs = new Pairs();
  pendingPairs = [];
  arms;
  /** By arm and segment. */
  cells;
  segments;
  content;
  labels;
  outcomes;
  tolerance;
  registers;
  constructor(scenario, { arms, content, labels, registers }) {
    this.arms = arms;
    this.cells = arms.flatMap((arm) => arm.cells);
    this.segments = arms[BASELINE$1].cells.length;
    this.content = content;
    this.labels = labels;
    this.outcomes = scenario.outcomes;
    this.tolerance = scenario.shadowTolerance;
    this.registers = registers;
  }
  /** A pair for a request that is about to be copied. */
  openPair(content, segment) {
    return this.pairs.open(content, segment);
  }
  /** A request's outcome and times (in the registers) are known, unless something happens before it is done. */
  settle(status, kind, content, pair) {
    if (this.registers[4] < this.barrierMs) this.count(status, kind, content);
    else this.pending.add(status, kind, content, status === 0 ? pair : NONE$1, this.registers);
    if (pair !== NONE$1) this.tellPair(pair, status, kind);
  }
  /** Moves the barrier: counts what was kept and becomes known before it. */
  advance(barrierMs) {
    this.barrierMs = barrierMs;
    const { pending, pendingPairs } = this;
    let kept = 0;
    for (let i = 0; i < pending.size; i++)
      if (pending.doneMs[i] < barrierMs) {
        pending.load(i, this.registers);
        this.count(pending.status[i], pending.kind[i], pending.content[i]);
      } else pending.move(i, kept++);
    pending.size = kept;
    kept = 0;
    for (const pair of pendingPairs)
      if (this.pairs.doneMs[pair] < barrierMs) this.compare(pair);
      else pendingPairs[kept++] = pair;
    pendingPairs.length = kept;
  }
  /** A replica is gone: what it had in hand fails now. */
  crash(arm, replica, nowMs) {
    for (const i of this.unanswered(arm, replica)) this.fail(i, 1, nowMs);
    this.arms[arm].fleet.crash(replica, nowMs);
  }
  /** A replica stands still for `forMs`: its work ends later, and some of it too late for its caller. */
  hang(arm, replica, nowMs, forMs) {
    const { pending } = this;
    const { timeoutMs, queueTimeoutMs, fleet } = this.arms[arm];
    for (const i of this.unanswered(arm, replica)) {
      if (pending.startMs[i] > nowMs) pending.startMs[i] += forMs;
      pending.finishMs[i] += forMs;
      pending.doneMs[i] = pending.finishMs[i];
      const waitEndMs = pending.queuedMs[i] + queueTimeoutMs;
      const giveUpMs = pending.arrivalMs[i] + timeoutMs;
      if (pending.startMs[i] > waitEndMs) this.fail(i, 3, Math.max(nowMs, Math.min(waitEndMs, giveUpMs)));
      else if (pending.finishMs[i] > giveUpMs) this.fail(i, 3, Math.max(nowMs, giveUpMs));
      else if (pending.pair[i] !== NONE$1) this.pairs.delay(pending.pair[i], pending.doneMs[i]);
    }
    fleet.freeze(replica, nowMs, forMs);
  }
  /** Pending requests that a replica is still going to serve; those whose caller has given up do not count. */
  unanswered(arm, replica) {
    const { pending } = this;
    const found = [];
    for (let i = 0; i < pending.size; i++) {
      const kind = pending.kind[i];
      if (armOf(kind) === arm && replicaOf(kind) === replica && pending.status[i] !== 3) found.push(i);
    }
    return found;
  }
  /** Pending request `i` will not be answered after all; its outcome becomes known at `doneMs`. */
  fail(i, status, doneMs) {
    const { pending } = this;
    pending.status[i] = status;
    pending.doneMs[i] = doneMs;
    const pair = pending.pair[i];
    pending.pair[i] = NONE$1;
    if (pair === NONE$1 || this.pairs.revoke(pair) !== 2) return;
    this.pendingPairs.splice(this.pendingPairs.indexOf(pair), 1);
    this.pairCell(pair).pairs.lost();
    this.forgetPair(pair);
    this.pairs.close(pair);
  }
  /** A copy may still be pending under this pair's number, which is about to be given to another pair. */
  forgetPair(pair) {
    const { pending } = this;
    for (let j = pending.size - 1; j >= 0; j--) if (pending.pair[j] === pair) pending.pair[j] = NONE$1;
  }
  /** Counts the request whose times are in the registers. */
  count(status, kind, content) {
    const { registers } = this;
    const cell = this.cells[cellOf(kind, this.segments)];
    const mirrored = (kind & 1) !== 0;
    if (status !== 0) {
      cell.unanswered(status === 1 ? 'failed' : status === 2 ? 'rejected' : 'timedOut', mirrored);
      return;
    }
    cell.answered(registers[4] - registers[1], registers[2] - registers[0], mirrored);
    if (content !== NONE$1) this.score(cell, kind, content);
    if (this.labels !== null && !mirrored) this.drawLabel(cell, armOf(kind));
  }
  /** Counts the prediction of an answered request, and its label unless no user saw it. */
  score(cell, kind, content) {
    const score = this.scoreOf(armOf(kind), content, kind);
    cell.scored(score);
    if ((kind & 1) !== 0 || this.outcomes.kind !== 'acceptance') return;
    const error = score - this.content.content.actual[content];
    cell.labelled(this.registers[4], error <= this.outcomes.tolerance && error >= -this.outcomes.tolerance);
  }
  drawLabel(cell, arm) {
    if (this.outcomes.kind !== 'bernoulli') return;
    const probability = arm === CANDIDATE$2 ? this.outcomes.candidate : this.outcomes.baseline;
    cell.labelled(this.registers[4], this.labels.next() < probability);
  }
  scoreOf(arm, content, kind) {
    const scores = this.content.scores[arm];
    return ((kind & 2) === 0 ? scores.values : scores.withoutFeatures)[content] * this.arms[arm].scoreFactor;
  }
  tellPair(pair, status, kind) {
    const { pairs, registers } = this;
    const told = status === 0 ? pairs.answered(pair, armOf(kind) === CANDIDATE$2, kind, registers) : pairs.lost(pair);
    if (told === 2) {
      this.pairCell(pair).pairs.lost();
      this.forgetPair(pair);
    } else if (told === 1) {
      if (pairs.doneMs[pair] < this.barrierMs) this.compare(pair);
      else this.pendingPairs.push(pair);
    }
  }
  pairCell(pair) {
    return this.cells[this.segments + this.pairs.segment[pair]];
  }
  /** Both copies have answered: their latencies and scores are compared. */
  compare(pair) {
    const { pairs } = this;
    const recorder = this.pairCell(pair).pairs;
    recorder.complete(pairs.doneMs[pair] - pairs.arrivalMs[pair]);
    const content = pairs.content[pair];
    if (content !== NONE$1) {
      const b = this.scoreOf(BASELINE$1, content, pairs.baselineKind[pair]);
      const c = this.scoreOf(CANDIDATE$2, content, pairs.candidateKind[pair]);
      const { absolute, relative } = this.tolerance;
      recorder.scored(b, c, Math.abs(c - b) > absolute + relative * Math.abs(b));
    }
    pairs.close(pair);
  }
};

// sim/engine.ts
const BASELINE = 0;
const CANDIDATE$1 = 1;
const NONE = -1;
/**
 * The hot loop: merges arrivals, cache answers (a ring) and store answers (a heap) in order of time, rank (answers before arrivals)
 * and sequence, and dispatches each request to a lazily evaluated station. Between two barriers nothing but requests
 * happens, so whatever finishes before the barrier is counted at once; the rest is kept (see Answers).
 */
var Engine = class {
  /** Points of the routing circle below this go to the candidate; copies of this many in 2³² requests too. */
  candidateBelow = 0;
  mirrorBelow = 0;
  weight = 0;
  mirror = 0;
  /** Requests arrived so far, copies not counted. */
  arrivedTotal = 0;
  /** Next row of a sequential content table, and how many rows have their scores. */
  row = 0;
  scoredRows = Number.POSITIVE_INFINITY;
  probe = null;
  answers;
  fetching = new Fetching();
  registers;
  arms;
  arrivals;
  store;
  keys;
  content;
  contentStream;
  users;
  salt;
  hitMs;
  ttlMs;
  at = 0;
  filled = 0;
  constructor(scenario, parts) {
    const { traffic, features, outcomes } = scenario;
    this.registers = parts.registers;
    this.arms = parts.arms;
    this.arrivals = parts.arrivals;
    this.store = parts.store;
    this.content = parts.content;
    this.users = traffic.users;
    this.salt = hashText(`${scenario.seed}/split`);
    this.hitMs = features.cache.hitLatencyMs;
    this.ttlMs = features.cache.ttlMs;
    this.keys = new ZipfKeys(traffic.keys.count, traffic.keys.zipf, parts.streams('keys'));
    this.keys.onBlock = (keys) => {
      for (const arm of parts.arms) arm.cache?.readAhead?.(keys);
    };
    const isRandom = traffic.content.kind === 'table' && traffic.content.order === 'random';
    this.contentStream = isRandom ? parts.streams('content') : null;
    const labels = outcomes.kind === 'bernoulli' ? parts.streams('outcomes') : null;
    this.answers = new Answers(scenario, {
      ...parts,
      labels,
    });
  }
  get weightPercent() {
    return this.weight;
  }
  set weightPercent(percent) {
    this.weight = percent;
    this.candidateBelow = candidateBelow(percent);
  }
  get mirrorPercent() {
    return this.mirror;
  }
  set mirrorPercent(percent) {
    this.mirror = percent;
    this.mirrorBelow = candidateBelow(percent);
  }
  /**
   * Lets everything happen that happens before `barrierMs` and returns true; false when the next arrival's content is not scored
   * yet (see `scoredRows`): call again with the same barrier when it is.
   */
  run(barrierMs) {
    this.answers.advance(barrierMs);
    const { arrivals, registers } = this;
    const { hits, misses } = this.fetching;
    for (;;) {
      if (this.at === this.filled) {
        this.filled = arrivals.fill(barrierMs);
        this.at = 0;
      }
      const arrivalMs = this.at < this.filled ? arrivals.times[this.at] : Number.POSITIVE_INFINITY;
      const hitMs = hits.nextMs();
      const missMs = misses.nextMs();
      if (hitMs <= missMs && hitMs <= arrivalMs) {
        if (hitMs >= barrierMs) return true;
        registers[0] = hitMs;
        this.dispatch(hits.pop());
      } else if (missMs <= arrivalMs) {
        if (missMs >= barrierMs) return true;
        registers[0] = missMs;
        this.dispatch(misses.pop());
      } else {
        if (this.row >= this.scoredRows) return false;
        registers[0] = arrivalMs;
        this.arrive();
      }
    }
  }
  /** Requests inside each arm's segments now: fetching, waiting, in service, or answered beyond the barrier. */
  inFlight() {
    const counts = this.arms.map((arm) => arm.cells.map(() => 0));
    const add = (kind) => {
      counts[armOf(kind)][segmentOf(kind)]++;
    };
    this.fetching.forEach((request) => add(this.fetching.kind[request]));
    const { pending } = this.answers;
    for (let i = 0; i < pending.size; i++) add(pending.kind[i]);
    return counts;
  }
  /** The arrival at `at` is routed, now. */
  arrive() {
    const { arrivals, at } = this;
    this.at = at + 1;
    const number = this.arrivedTotal++;
    const key = arrivals.keys === null ? this.keys.next() : arrivals.keys[at];
    const content = this.contentOf(arrivals.contents === null ? NONE : arrivals.contents[at]);
    const segment = content === NONE ? 0 : this.segmentOf(content);
    let arm = BASELINE;
    if (this.candidateBelow > 0) {
      const user = arrivals.users === null ? userOf(number, this.users) : arrivals.users[at];
      if (routingPoint(user, this.salt) < this.candidateBelow) arm = CANDIDATE$1;
    }
    if (arm === BASELINE && this.isMirrored(number)) {
      const pair = this.answers.openPair(content, segment);
      this.enter(BASELINE, key, content, segment, pair, 0);
      this.enter(CANDIDATE$1, key, content, segment, pair, 1);
    } else this.enter(arm, key, content, segment, NONE, 0);
  }
  isMirrored(number) {
    return this.mirror === 100 || (this.mirror > 0 && mix32(number ^ this.salt) < this.mirrorBelow);
  }
  contentOf(recorded) {
    if (this.content === null) return NONE;
    const { rows } = this.content.content;
    if (recorded !== NONE) return recorded % rows;
    if (this.contentStream !== null) return (this.contentStream.next() * rows) | 0;
    const row = this.row;
    this.row = row + 1 === rows ? 0 : row + 1;
    return row;
  }
  segmentOf(content) {
    return this.arms[BASELINE].cells.length === 1 ? 0 : this.content.content.segments[content];
  }
  /** A request (or a copy of one) reaches an arm: a replica is chosen, then its features are fetched. */
  enter(arm, key, content, segment, pair, flags) {
    const sim = this.arms[arm];
    const { fetching, registers } = this;
    const nowMs = registers[0];
    const cell = sim.cells[segment];
    cell.arrived++;
    if (flags === 1) cell.arrivedMirrored++;
    const replica = sim.fleet.pick();
    if (replica === NONE) {
      registers[1] = nowMs;
      this.end(2, packed(arm, segment, NONE, flags), content, pair);
      return;
    }
    const request = fetching.take();
    fetching.arrivalMs[request] = nowMs;
    fetching.content[request] = content;
    fetching.pair[request] = pair;
    sim.fleet.fetching[replica]++;
    let found = flags;
    if (this.store === null) fetching.hits.push(nowMs, request);
    else if (sim.cache !== null && sim.cache.lookup(sim.portionOf(replica), key, nowMs))
      fetching.hits.push(nowMs + this.hitMs, request);
    else {
      fetching.key[request] = key;
      fetching.misses.push(this.store.fetch(arm, nowMs), request);
      found |= 4 | (this.store.found ? 0 : 2);
    }
    fetching.kind[request] = packed(arm, segment, replica, found);
  }
  /**
   * The request has its features (or goes without) and joins its replica's queue, now. The station is FIFO, so from here
   * everything about the request is known: it starts when the earliest slot falls free.
   */
  dispatch(request) {
    const { fetching, registers } = this;
    const kind = fetching.kind[request];
    const content = fetching.content[request];
    const pair = fetching.pair[request];
    const arrivalMs = fetching.arrivalMs[request];
    const sim = this.arms[armOf(kind)];
    const replica = replicaOf(kind);
    const { fleet } = sim;
    const nowMs = registers[0];
    registers[1] = arrivalMs;
    fetching.release(request);
    fleet.fetching[replica]--;
    if (this.store !== null) {
      if ((kind & 4) === 0) sim.cells[segmentOf(kind)].hits++;
      else this.gotFeatures(kind, fetching.key[request]);
    }
    if (sim.isUp[replica] === 0) {
      this.end(1, kind, content, pair);
      return;
    }
    const freeMs = fleet.earliestFreeMs(replica);
    let startMs = nowMs;
    if (freeMs > nowMs) {
      startMs = freeMs;
      if (sim.queueLimit !== Number.POSITIVE_INFINITY && fleet.waiting(replica) >= sim.queueLimit) {
        this.end(2, kind, content, pair);
        return;
      }
      if (freeMs - nowMs > sim.queueTimeoutMs) {
        startMs = nowMs + sim.queueTimeoutMs;
        fleet.waitUntil(replica, startMs);
        registers[2] = registers[3] = startMs;
        registers[4] = Math.min(startMs, arrivalMs + sim.timeoutMs);
        this.settle(3, kind, content, pair);
        return;
      }
      fleet.waitUntil(replica, startMs);
    }
    registers[2] = startMs;
    sim.serve(replica);
    fleet.occupy(replica);
    const finishMs = registers[3];
    registers[4] = finishMs;
    let status = sim.failsNext() ? 1 : 0;
    if (finishMs - arrivalMs > sim.timeoutMs) {
      registers[4] = arrivalMs + sim.timeoutMs;
      status = 3;
    }
    this.settle(status, kind, content, pair);
  }
  /** The store has answered a request that is not in the cache. */
  gotFeatures(kind, key) {
    const { registers } = this;
    const sim = this.arms[armOf(kind)];
    const found = (kind & 2) === 0;
    sim.cells[segmentOf(kind)].fetched(registers[0] - registers[1], found);
    if (found && sim.cache !== null) sim.cache.fill(sim.portionOf(replicaOf(kind)), key, registers[0] + this.ttlMs);
  }
  /** A request ends here and now without a slot. */
  end(status, kind, content, pair) {
    const { registers } = this;
    registers[2] = registers[3] = registers[4] = registers[0];
    this.settle(status, kind, content, pair);
  }
  settle(status, kind, content, pair) {
    if (this.probe !== null) {
      const [nowMs, arrivalMs, startMs, finishMs, doneMs] = this.registers;
      this.probe.dispatched(armOf(kind), replicaOf(kind), arrivalMs, nowMs, startMs, finishMs, status, doneMs);
    }
    this.answers.settle(status, kind, content, pair);
  }
};

// sim/faults.ts
/**
 * Injects the scenario's faults and takes them back when they end. Several faults of one kind multiply (factors) or combine as
 * independent events (shares), since every setting is recomputed from the faults that are active.
 */
var Faults = class {
  /** What has happened so far, for the report. */
  spans = [];
  faults;
  targets;
  active = /* @__PURE__ */ new Set();
  constructor(faults, targets) {
    this.faults = faults;
    this.targets = targets;
    for (const fault of faults) if (fault.trigger.on === 'time') this.schedule(fault, fault.trigger.atMs);
  }
  /** The controller has changed the weight at `nowMs`. */
  weightChanged(nowMs) {
    this.trigger(nowMs, (t) => t.on === 'weight-change');
  }
  /** A stage of this name has begun. */
  stageBegan(stage, nowMs) {
    this.trigger(nowMs, (t) => t.on === 'stage' && t.stage === stage);
  }
  trigger(nowMs, matches) {
    for (const fault of this.faults)
      if (fault.trigger.on !== 'time' && matches(fault.trigger)) this.schedule(fault, nowMs + fault.trigger.afterMs);
  }
  schedule(fault, atMs) {
    this.targets.timeline.add(atMs, 0, (nowMs) => this.begin(fault, nowMs));
  }
  begin(fault, nowMs) {
    const endMs = nowMs + fault.forMs;
    this.spans.push({
      name: fault.name,
      kind: fault.kind,
      arm: fault.arm,
      startMs: nowMs,
      endMs,
    });
    const hit = this.armsOf(fault);
    switch (fault.kind) {
      case 'cold-cache':
        for (const a of hit) for (const portion of this.portionsOf(a)) this.targets.arms[a].cache.clear(portion);
        return;
      case 'replica-crash':
        for (const a of hit) this.targets.replicas[a].crash(fault.size, nowMs, fault.forMs);
        return;
      case 'replica-hang':
        for (const a of hit) this.targets.replicas[a].hang(fault.size, nowMs, fault.forMs);
        return;
      default: {
        const running = { fault };
        this.active.add(running);
        this.apply();
        this.targets.timeline.add(endMs, 0, () => {
          this.active.delete(running);
          this.apply();
        });
      }
    }
  }
  armsOf(fault) {
    return this.targets.arms.flatMap((arm, a) => (fault.arm === null || fault.arm === arm.name ? [a] : []));
  }
  portionsOf(a) {
    return this.targets.arms[a].cache === null ? [] : this.targets.arms[a].portions();
  }
  /** Sets every knob to what the active faults make of it. */
  apply() {
    const { arms, arrivals, store } = this.targets;
    arrivals.factor = this.product('traffic-spike', null);
    for (const [a, arm] of arms.entries()) {
      arm.serviceFactor = this.product('upstream-brownout', a);
      arm.scoreFactor = this.product('score-skew', a);
      arm.startUpFactor = this.product('autoscaling-lag', a);
      arm.modelLoadFactor = this.product('model-load-slow', a);
      const { errorRatio } = arm.spec;
      const survival = this.survival('error-burst', a);
      arm.setErrorRatio(survival === 1 ? errorRatio : 1 - (1 - errorRatio) * survival);
      if (store === null) continue;
      store.latencyFactor[a] = this.product('feature-delay', a);
      store.missingRatio[a] = 1 - this.survival('feature-missing', a);
    }
  }
  sizes(kind, arm) {
    return [...this.active]
      .filter(({ fault }) => fault.kind === kind && (arm === null || this.armsOf(fault).includes(arm)))
      .map(({ fault }) => fault.size);
  }
  product(kind, arm) {
    return this.sizes(kind, arm).reduce((a, b) => a * b, 1);
  }
  survival(kind, arm) {
    return this.sizes(kind, arm).reduce((a, share) => a * (1 - share), 1);
  }
};

// sim/pre-warm.ts
/** The keys a full cache would hold: the most popular ones, least popular first so that the most popular are newest. */
function* hottestLast(capacity, keys) {
  for (let key = Math.min(capacity, keys) - 1; key >= 0; key--) yield key;
}
/** Fills an arm's caches as if they had been in use for long: entry ages are spread evenly over the TTL. */
function startWarm(arm, spec, keys, ages) {
  if (arm.cache === null) return;
  for (const portion of arm.portions())
    for (const key of hottestLast(spec.capacity, keys))
      arm.cache.fill(portion, key, Number.isFinite(spec.ttlMs) ? spec.ttlMs * (1 - ages.next()) : spec.ttlMs);
}
/** Fetches the popular keys an arm's caches lack, at the store's pre-warming rate; `arm.warming` holds meanwhile. */
function preWarm(arm, spec, keys, nowMs, timeline) {
  const { cache } = arm;
  if (cache === null || arm.warming) return;
  let lacking = 0;
  for (const portion of arm.portions())
    for (const key of hottestLast(spec.capacity, keys)) if (!cache.holds(portion, key, nowMs)) lacking++;
  if (lacking === 0) return;
  arm.warming = true;
  timeline.add(nowMs + (lacking / spec.preWarmPerSecond) * 1e3, 1, (atMs) => {
    for (const portion of arm.portions())
      for (const key of hottestLast(spec.capacity, keys))
        if (!cache.holds(portion, key, atMs)) cache.fill(portion, key, atMs + spec.ttlMs);
    arm.warming = false;
  });
}

// sim/replicas.ts
/** Starts, drains, loses and revives the replicas of one arm. */
var Replicas = class {
  /** How many replicas are wanted: ready or on their way. */
  wanted;
  arm;
  sim;
  engine;
  timeline;
  /** Replicas that are starting or loading. */
  starting = /* @__PURE__ */ new Set();
  drained = [];
  loading = false;
  unstarted;
  constructor(arm, sim, engine, timeline) {
    this.arm = arm;
    this.sim = sim;
    this.engine = engine;
    this.timeline = timeline;
    this.wanted = sim.spec.replicas;
    this.unstarted = Array.from({ length: sim.maxReplicas - sim.spec.replicas }, (_, i) => sim.spec.replicas + i);
  }
  get ready() {
    return this.sim.fleet.ready.length;
  }
  /** Brings the number of replicas to `wanted`: new ones need start-up and model load, surplus ones drain. */
  scaleTo(wanted, nowMs) {
    while (this.wanted < wanted) {
      const replica = this.drained.shift() ?? this.unstarted.shift();
      if (replica === void 0) break;
      this.wanted++;
      this.begin(replica, nowMs);
    }
    while (this.wanted > wanted && this.ready > 1) {
      const replica = Math.max(...this.sim.fleet.ready);
      this.sim.fleet.stop(replica, nowMs);
      this.drained.push(replica);
      this.wanted--;
    }
  }
  /** The `count` lowest-numbered ready replicas die with their work; each comes back `restartMs` + start-up + load later. */
  crash(count, nowMs, restartMs) {
    for (const replica of [...this.sim.fleet.ready].sort((a, b) => a - b).slice(0, count)) {
      this.engine.answers.crash(this.arm, replica, nowMs);
      this.sim.isUp[replica] = 0;
      this.begin(replica, nowMs + restartMs);
    }
  }
  /** The `count` lowest-numbered ready replicas stand still for `forMs`; the balancer does not know. */
  hang(count, nowMs, forMs) {
    for (const replica of [...this.sim.fleet.ready].sort((a, b) => a - b).slice(0, count))
      this.engine.answers.hang(this.arm, replica, nowMs, forMs);
  }
  /** Takes the model out of memory everywhere: no replica is ready until `load` has brought it back. */
  unload(nowMs) {
    this.sim.loaded = false;
    for (const replica of this.sim.fleet.ready.toSorted((a, b) => a - b)) {
      this.sim.fleet.stop(replica, nowMs);
      this.drained.push(replica);
    }
    this.drained.sort((a, b) => a - b);
    this.wanted = 0;
  }
  /** Brings an unloaded model back on the scenario's number of replicas; the processes still run, so only the load takes time. */
  load(nowMs) {
    if (this.sim.loaded || this.loading) return;
    this.loading = true;
    const replicas = this.drained.splice(0, this.sim.spec.replicas);
    this.wanted = replicas.length + Math.min(this.starting.size, this.sim.spec.replicas - replicas.length);
    const loadedMs = nowMs + this.sim.spec.modelLoadMs * this.sim.modelLoadFactor;
    for (const replica of replicas) this.starting.add(replica);
    this.timeline.add(loadedMs, 1, (at) => {
      this.sim.loaded = true;
      this.loading = false;
      for (const replica of replicas) this.becomeReady(replica, at);
    });
  }
  begin(replica, fromMs) {
    const { spec, startUpFactor, modelLoadFactor } = this.sim;
    this.starting.add(replica);
    const readyMs = fromMs + spec.startUpMs * startUpFactor + spec.modelLoadMs * modelLoadFactor * startUpFactor;
    this.timeline.add(readyMs, 1, (at) => this.becomeReady(replica, at));
  }
  becomeReady(replica, nowMs) {
    this.starting.delete(replica);
    this.sim.isUp[replica] = 1;
    if (!this.sim.loaded) {
      this.drained.push(replica);
      this.drained.sort((a, b) => a - b);
      return;
    }
    this.sim.fleet.start(replica, nowMs, true);
    if (this.sim.perReplicaCache) this.sim.cache?.clear(replica);
  }
};

// sim/store.ts
/**
 * The feature store behind every arm's cache: one place, so a mirrored request loads it too. Fetches wait FIFO for one of
 * its slots when these are limited; a fetch can come back empty (unavailable) or too late (timeout).
 */
var Store = class {
  /** Did the latest fetch bring the features? */
  found = true;
  /** Set by faults: factor on the latency, and share of fetches that find nothing, per arm. */
  latencyFactor = new Float64Array([1, 1, 1]);
  missingRatio = /* @__PURE__ */ new Float64Array(3);
  unavailable;
  timeoutMs;
  draws;
  /** When each slot falls free, ms; empty = unlimited slots. */
  free;
  constructor(spec, arms, streams) {
    this.unavailable = 1 - spec.availability;
    this.timeoutMs = spec.timeoutMs;
    this.free = new Float64Array(Number.isFinite(spec.slots) ? spec.slots : 0);
    this.draws = arms.map((arm) => ({
      latency: new DrawnTimes(spec.latency, streams(`features/latency/${arm}`)),
      availability: streams(`features/availability/${arm}`),
    }));
  }
  /** Begins a fetch at `nowMs` (calls come in time order) and returns when its answer is there; see `found`. */
  fetch(arm, nowMs) {
    const draws = this.draws[arm];
    const ms = draws.latency.next() * this.latencyFactor[arm];
    let doneMs = nowMs + ms;
    if (this.free.length > 0) {
      const slot = earliest(this.free, 0, this.free.length);
      doneMs = Math.max(nowMs, this.free[slot]) + ms;
      this.free[slot] = doneMs;
    }
    const missing = 1 - (1 - this.unavailable) * (1 - this.missingRatio[arm]);
    this.found = missing === 0 || draws.availability.next() >= missing;
    if (doneMs - nowMs > this.timeoutMs) {
      this.found = false;
      doneMs = nowMs + this.timeoutMs;
    }
    return doneMs;
  }
};
/** Index of the smallest of `count` values from `from`; the first of equals. */
function earliest(values, from, count) {
  let best = from;
  let lowest = values[from];
  for (let i = from + 1; i < from + count; i++) {
    const value = values[i];
    if (value < lowest) {
      lowest = value;
      best = i;
    }
  }
  return best;
}

// sim/world.ts
const ARM_NAMES = ['baseline', 'candidate'];
const CANDIDATE = 1;
/** Rows to wait for at a time when the scorer is behind. */
const SCORE_AHEAD = 65536;
/** The scenario's world in virtual time. */
var SimWorld = class SimWorld {
  header;
  scenario;
  arrivals;
  arms;
  replicas;
  engine;
  faults;
  timeline = new Timeline();
  content;
  nowMs = 0;
  windowIndex = 0;
  stage = '';
  /** Fleet totals at the last window end, by arm. */
  busyMs;
  capacityMs;
  constructor(scenario, options, arrivals) {
    const streams = streamsOf(scenario.seed);
    const registers = newRegisters();
    const { features, traffic } = scenario;
    this.scenario = scenario;
    this.arrivals = arrivals;
    this.content = options.content;
    this.header = headerOf(scenario, options);
    const segments = this.header.segments.length > 1 ? this.header.segments.slice(1) : this.header.segments;
    const cellOptions = {
      thresholds: options.thresholds,
      scoreGrid: this.header.scoreGrid,
      windowMs: scenario.windowMs,
      labelDelayMs: scenario.outcomes.kind === 'none' ? 0 : scenario.outcomes.labelDelayMs,
      hitMs: features.cache.hitLatencyMs,
    };
    this.arms = ARM_NAMES.map((name) => {
      const cells = segments.map((segment) => new Cell(name, segment, cellOptions));
      const spec = name === 'candidate' ? scenario.arms.candidate : scenario.arms.baseline;
      return new ArmSim(name, spec, features, traffic.keys.count, cells, streams, registers);
    });
    const store = hasLatency(features) ? new Store(features, ARM_NAMES, streams) : null;
    this.engine = new Engine(scenario, {
      registers,
      arms: this.arms,
      arrivals,
      store,
      content: options.content,
      streams,
    });
    this.engine.probe = options.probe ?? null;
    if (options.content !== null) {
      this.engine.scoredRows = 0;
      this.engine.row = Math.floor(streams('content/offset').next() * options.content.content.rows);
    }
    this.replicas = this.arms.map((arm, a) => new Replicas(a, arm, this.engine, this.timeline));
    this.faults = new Faults(scenario.faults, {
      arms: this.arms,
      replicas: this.replicas,
      arrivals,
      store,
      timeline: this.timeline,
    });
    for (const [a, arm] of this.arms.entries()) {
      if (features.cache.warm) startWarm(arm, features.cache, traffic.keys.count, streams(`cache/${arm.name}`));
      if (arm.spec.autoscaler !== null)
        Autoscaler.start(arm.spec.autoscaler, arm.fleet, this.replicas[a], this.timeline);
    }
    this.busyMs = this.arms.map(() => 0);
    this.capacityMs = this.arms.map(() => 0);
  }
  static async open(scenario, options) {
    await histogramsReady();
    return new SimWorld(scenario, options, openArrivals(scenario));
  }
  /** Faults that have begun so far. */
  get faultSpans() {
    return this.faults.spans;
  }
  /** Requests that have arrived so far, mirrored copies not counted. */
  get arrivedTotal() {
    return this.engine.arrivedTotal;
  }
  async advance(untilMs) {
    const { scenario } = this;
    const endMs = this.snapped(Math.min(untilMs, scenario.limitMs));
    const windows = [];
    while (this.nowMs < endMs && !this.trafficEnded()) {
      const windowEndMs = (this.windowIndex + 1) * scenario.windowMs;
      const barrierMs = Math.min(endMs, windowEndMs, this.timeline.nextMs);
      await this.arrivals.prepare(barrierMs);
      while (!this.engine.run(barrierMs)) await this.scoreMore();
      this.nowMs = barrierMs;
      if (barrierMs === windowEndMs) windows.push(this.closeWindow(windowEndMs));
      this.timeline.runUntil(barrierMs);
    }
    return {
      nowMs: this.nowMs,
      windows,
      arms: this.arms.map((_, a) => this.statusOf(a)),
      trafficEnded: this.trafficEnded(),
    };
  }
  apply(action) {
    switch (action.kind) {
      case 'set-weight': {
        const changed = action.weightPercent !== this.engine.weightPercent;
        this.engine.weightPercent = action.weightPercent;
        this.enterStage(action.stage);
        if (changed) this.faults.weightChanged(this.nowMs);
        if (action.weightPercent === 100 && !this.arms[0].spec.keepLoaded) this.replicas[0].unload(this.nowMs);
        return;
      }
      case 'mirror':
        this.engine.mirrorPercent = action.percent;
        this.enterStage(action.stage);
        return;
      case 'load':
        this.replicas[ARM_NAMES.indexOf(action.arm)].load(this.nowMs);
        return;
      case 'pre-warm': {
        const arm = this.arms[ARM_NAMES.indexOf(action.arm)];
        preWarm(arm, this.scenario.features.cache, this.scenario.traffic.keys.count, this.nowMs, this.timeline);
        return;
      }
      case 'alert':
      case 'roll-back':
        return;
    }
  }
  close() {
    return this.arrivals.close();
  }
  /** A time that is a window's end but for rounding, as in compressed schedules, made that end exactly. */
  snapped(timeMs) {
    const { windowMs } = this.scenario;
    const windowEndMs = Math.round(timeMs / windowMs) * windowMs;
    return Math.abs(windowEndMs - timeMs) < 1e-6 ? windowEndMs : timeMs;
  }
  enterStage(stage) {
    if (stage === this.stage) return;
    this.stage = stage;
    this.faults.stageBegan(stage, this.nowMs);
  }
  trafficEnded() {
    if (this.nowMs >= this.scenario.limitMs) return true;
    const windowHasEnded = this.nowMs === this.windowIndex * this.scenario.windowMs;
    return (
      this.arrivals.ended &&
      windowHasEnded &&
      this.engine
        .inFlight()
        .flat()
        .every((n) => n === 0)
    );
  }
  /** Waits until the scorer has done the rows that come next; rows drawn at random need all of them. */
  async scoreMore() {
    const { content, scores } = this.content;
    const traffic = this.scenario.traffic;
    const upTo =
      traffic.content.kind === 'table' && traffic.content.order === 'sequential' && this.arrivals.contents === null
        ? Math.min(content.rows, this.engine.row + SCORE_AHEAD)
        : content.rows;
    await Promise.all(scores.map((s) => s.until(upTo)));
    this.engine.scoredRows = upTo === content.rows ? Number.POSITIVE_INFINITY : upTo;
  }
  closeWindow(endMs) {
    const { engine, header } = this;
    const inFlight = engine.inFlight();
    const index = this.windowIndex++;
    const startMs = index * header.windowMs;
    const rows = [];
    for (const [a, arm] of this.arms.entries()) {
      const weightPercent = a === CANDIDATE ? engine.weightPercent : 100 - engine.weightPercent;
      const fleet = this.fleetFigures(a, endMs);
      const mirroring = a === CANDIDATE && engine.mirrorPercent > 0;
      const single = arm.cells.length === 1;
      const parts = arm.cells.map((cell, s) =>
        cell.close(
          {
            index,
            startMs,
            endMs,
            weightPercent,
          },
          inFlight[a][s],
          single ? fleet : null,
          mirroring,
        ),
      );
      if (single) rows.push(...parts);
      else
        rows.push(
          {
            ...sumRows(parts, 'all'),
            ...fleet,
          },
          ...parts,
        );
    }
    return {
      index,
      startMs,
      endMs,
      rows,
    };
  }
  fleetFigures(a, nowMs) {
    const { fleet } = this.arms[a];
    const busy = fleet.busyUntil(nowMs);
    const capacity = fleet.capacityUntil(nowMs);
    const figures = {
      busyMs: busy - this.busyMs[a],
      capacityMs: capacity - this.capacityMs[a],
      readyReplicas: fleet.ready.length,
    };
    this.busyMs[a] = busy;
    this.capacityMs[a] = capacity;
    return figures;
  }
  statusOf(a) {
    const arm = this.arms[a];
    const inFlight = this.engine.inFlight()[a].reduce((x, y) => x + y, 0);
    return {
      arm: arm.name,
      inFlight,
      readyReplicas: this.replicas[a].ready,
      wantedReplicas: this.replicas[a].wanted,
      loaded: arm.loaded,
      warm: !arm.warming,
    };
  }
};
const hasLatency = (f) => f.latency !== null;
function headerOf(scenario, options) {
  const named = options.content === null ? [] : scenario.traffic.segments;
  return {
    windowMs: scenario.windowMs,
    arms: ARM_NAMES,
    segments: ['all', ...named],
    thresholds: options.thresholds,
    scoreGrid:
      options.content === null
        ? {
            low: 0,
            high: 1,
            bins: 1,
          }
        : gridFor(options.content.content.actual),
  };
}
/** A grid wide enough for predictions of these outcomes: from their minimum to half as much again as their 99.9 % quantile. */
function gridFor(actual) {
  const sorted = Float32Array.from(actual).sort();
  const low = Math.min(0, Math.floor(sorted[0]));
  const high = Math.ceil(1.5 * sorted[Math.floor(0.999 * (sorted.length - 1))]);
  return {
    low,
    high: Math.max(high, low + 1),
    bins: 2048,
  };
}

// test/bench/shadow-scenario.ts
const RATE_RPS = 1e7 / 7200;
const arm = (serviceMedianMs) => ({
  model: null,
  service: {
    kind: 'lognormal',
    medianMs: serviceMedianMs,
    sigma: 0.35,
  },
  replicas: 24,
  slotsPerReplica: 4,
  queueLimit: Number.POSITIVE_INFINITY,
  queueTimeoutMs: Number.POSITIVE_INFINITY,
  timeoutMs: Number.POSITIVE_INFINITY,
  balancer: 'power-of-two',
  errorRatio: 2e-4,
  coldStart: {
    requests: 0,
    factor: 1,
  },
  startUpMs: 0,
  modelLoadMs: 0,
  keepLoaded: true,
  autoscaler: null,
});
/** The simulator's form of the model; peers/shadow_core.py is the same for SimPy. */
const shadowScenario = ({ seed, serviceMedianMs, windowMs }) => ({
  name: 'shadow-core',
  description: 'benchmark',
  file: '',
  hash: '',
  seed,
  traffic: {
    requests: 1e7,
    arrivals: {
      kind: 'poisson',
      rateRps: RATE_RPS,
    },
    keys: {
      count: 2e4,
      zipf: 0.9,
    },
    users: 1e6,
    content: { kind: 'none' },
    segments: [],
  },
  arms: {
    baseline: arm(serviceMedianMs),
    candidate: arm(serviceMedianMs),
  },
  features: {
    latency: {
      kind: 'lognormal',
      medianMs: 4,
      sigma: 0.5,
    },
    slots: Number.POSITIVE_INFINITY,
    availability: 1,
    timeoutMs: Number.POSITIVE_INFINITY,
    cache: {
      capacity: 5e3,
      ttlMs: 6e5,
      scope: 'shared',
      eviction: 'two-way',
      warm: true,
      hitLatencyMs: 0.2,
      preWarmPerSecond: 1e4,
    },
  },
  outcomes: { kind: 'none' },
  shadowTolerance: {
    absolute: 1e-7,
    relative: 1e-6,
  },
  faults: [],
  truth: {
    candidate: 'healthy',
    onsetMs: null,
    cause: null,
  },
  policy: '',
  expect: null,
  windowMs,
  limitMs: Number.POSITIVE_INFINITY,
  timeScale: 1,
});

// test/bench/shadow-run.ts
/** One run of the shadow model in a process of its own: `node shadow-run.ts REQUESTS SERVICE_MEDIAN_MS WINDOW_MS SEED…`, one JSON line each. */
const THRESHOLDS = [
  {
    thresholdMs: 50,
    operator: '>=',
  },
  {
    thresholdMs: 50,
    operator: '>',
  },
];
async function shadowRun(model, requests) {
  const scenario = shadowScenario(model);
  const world = await SimWorld.open(scenario, {
    thresholds: THRESHOLDS,
    content: null,
  });
  world.apply({
    kind: 'mirror',
    percent: 100,
    stage: 'shadow',
  });
  const { arrivals } = scenario.traffic;
  const seconds = requests / (arrivals.kind === 'poisson' ? arrivals.rateRps : NaN);
  const windowCount = Math.max(1, Math.round((seconds * 1e3) / model.windowMs));
  const sums = new Sums();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  for (let i = 1; i <= windowCount; i += 6) {
    const { windows } = await world.advance(Math.min(i + 5, windowCount) * model.windowMs);
    for (const window of windows) sums.add(window);
  }
  const wallMs = performance.now() - startMs;
  const cpu = process.cpuUsage(startCpu);
  const result = sums.close(world.arrivedTotal, wallMs, (cpu.user + cpu.system) / 1e3);
  await world.close();
  return {
    ...result,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}
/** Both arms are alike, so their figures are taken together. */
var Sums = class {
  last = [];
  add(window) {
    this.last.push(window);
  }
  close(requests, wallMs, cpuMs) {
    const rows = this.last.flatMap((window) => window.rows);
    const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
    const total = new TimeTotal();
    for (const row of rows.slice(-200)) total.add(row.latency);
    const hits = sum((row) => row.cacheHits);
    const result = {
      requests,
      wallMs,
      cpuMs,
      latencyMsMean: sum((row) => row.latency.sumMs) / sum((row) => row.latency.count),
      latencyMsP95: total.quantile(0.95) ?? NaN,
      cacheHitRatio: hits / (hits + sum((row) => row.cacheMisses)),
      utilisation: sum((row) => row.busyMs ?? 0) / sum((row) => row.capacityMs ?? 0),
      slowerMsMean: sum((row) => row.shadow?.slowerSumMs ?? 0) / sum((row) => row.shadow?.compared ?? 0),
    };
    total.destroy();
    return result;
  }
};
/** A time as our histogram shows it: the upper edge of its bucket. */
const asRecorded = (ms) => (bucketValue(bucketOf(Math.round(ms * 1e3)) + 1) - 1) / 1e3;
if (import.meta.main) {
  const [requests, serviceMedianMs, windowMs, ...seeds] = process.argv.slice(2).map(Number);
  for (const seed of seeds) {
    const model = {
      seed,
      serviceMedianMs,
      windowMs,
    };
    process.stdout.write(`${JSON.stringify(await shadowRun(model, requests))}\n`);
  }
}

export { asRecorded, shadowRun };
