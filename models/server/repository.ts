/** The models of a server by name and version: loading, unloading, and which one answers a request. */
import { invalid, ServerError } from './errors.ts';
import { type LoadedModel, openModel } from './loaded-model.ts';
import type { Limits, ServerOptions } from './options.ts';
import type { ModelSource } from './sources.ts';

export type ModelState = 'READY' | 'UNAVAILABLE' | 'LOADING' | 'UNLOADING';

/** One line of the repository index. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: ModelState;
  /** Why it is UNAVAILABLE; else empty. */
  readonly reason: string;
}

interface Version {
  state: ModelState;
  reason: string;
  /** Serves requests while there; also while a newer load of the same version goes on. */
  loaded: LoadedModel | null;
  /** The last one that was loaded, for its statistics. */
  last: LoadedModel | null;
}

interface Entry {
  source: ModelSource;
  readonly versions: Map<string, Version>;
  /** Newest ready version, for requests that name none. */
  newest: LoadedModel | null;
  /** Loads and unloads of one model come one after another. */
  turn: Promise<void>;
}

/** What a load request may change. */
export interface LoadChanges {
  readonly source?: ModelSource;
  readonly limits?: Partial<Limits>;
}

export class Repository {
  private readonly entries = new Map<string, Entry>();
  private closed = false;
  private readonly options: ServerOptions;
  private readonly limits: Limits;

  constructor(options: ServerOptions, limits: Limits) {
    this.options = options;
    this.limits = limits;
    for (const source of options.models) this.add(source);
  }

  private add(source: ModelSource): Entry {
    const entry: Entry = { source, versions: new Map(), newest: null, turn: Promise.resolve() };
    for (const version of source.versions().keys()) entry.versions.set(version, fresh());
    this.entries.set(source.name, entry);
    return entry;
  }

  /** Names in the order in which they were given. */
  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Whether every model has a version that serves. */
  get ready(): boolean {
    return [...this.entries.values()].every(
      ({ newest, versions }) => newest !== null && ![...versions.values()].some(({ state }) => state === 'LOADING'),
    );
  }

  index(): IndexEntry[] {
    return [...this.entries].flatMap(([name, { versions }]) =>
      [...versions].map(([version, { state, reason }]) => ({ name, version, state, reason })),
    );
  }

  /** Versions of a model that serve; throws ServerError 404 when there is no such model. */
  versions(name: string): string[] {
    return [...this.entry(name).versions].flatMap(([version, { loaded }]) => (loaded === null ? [] : [version]));
  }

  /** Every version that was ever loaded, of one model or of all. Throws ServerError 404 for an unknown model or version. */
  loadedOnce(name?: string, version?: string): LoadedModel[] {
    if (name === undefined) return this.names.flatMap((each) => this.loadedOnce(each));
    const { versions } = this.entry(name);
    if (version !== undefined && !versions.has(version)) throw noVersion(name, version);
    return [...versions].flatMap(([each, { last }]) => (last !== null && (version ?? each) === each ? [last] : []));
  }

  /** Who serves the model; the newest ready version when none is named. Throws ServerError 404 (unknown) or 400 (not ready). */
  serving(name: string, version?: string): LoadedModel {
    const entry = this.entry(name);
    if (version === undefined) {
      if (entry.newest !== null) return entry.newest;
      throw notReady(name, [...entry.versions]);
    }
    const found = entry.versions.get(version);
    if (found === undefined) throw noVersion(name, version);
    if (found.loaded !== null) return found.loaded;
    throw notReady(name, [[version, found]]);
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry !== undefined) return entry;
    throw new ServerError(404, `there is no model '${name}', expected one of ${this.names.join(', ') || 'none yet'}`);
  }

  /**
   * Loads every version of a model, or loads it again: the old ones serve until the new ones can. Rejects with ServerError 404 for an
   * unknown model without files of its own, 400 when a version cannot be opened; what was loaded before then goes on serving.
   */
  async load(name: string, changes: LoadChanges = {}): Promise<void> {
    const entry =
      this.entries.get(name) ?? (changes.source === undefined ? this.entry(name) : this.add(changes.source));
    await this.inTurn(entry, async () => {
      if (changes.source !== undefined) entry.source = changes.source;
      const models = entry.source.versions();
      const limits = { ...this.limits, ...changes.limits };
      const failures: string[] = [];
      for (const [version, model] of models) {
        const failure = await this.loadVersion(entry, version, model, limits);
        if (failure !== null) failures.push(`version ${version}: ${failure}`);
      }
      const gone = [...entry.versions.keys()].filter((version) => !models.has(version));
      await Promise.all(gone.map((version) => unloadVersion(entry, version, 'no longer there')));
      this.options.hooks?.clearCaches?.();
      if (models.size === 0) throw invalid(`model '${name}' cannot be loaded: its files are gone`);
      if (failures.length > 0) throw invalid(`model '${name}' cannot be loaded: ${failures.join('; ')}`);
    });
  }

  /** Answers why not, or null. */
  private async loadVersion(
    entry: Entry,
    version: string,
    model: string | Uint8Array,
    limits: Limits,
  ): Promise<string | null> {
    const slot = entry.versions.get(version) ?? fresh();
    entry.versions.set(version, slot);
    const before = slot.loaded;
    if (before === null) slot.state = 'LOADING';
    try {
      const id = [entry.source.name, version] as const;
      const opened = await openModel(id, model, this.options, limits, slot.last?.statistics);
      if (this.closed) {
        await opened.close();
        return 'the server ends';
      }
      slot.loaded = slot.last = opened;
      slot.state = 'READY';
      slot.reason = '';
      entry.newest = newestOf(entry);
      await before?.close();
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (before === null) {
        slot.state = 'UNAVAILABLE';
        slot.reason = reason;
      }
      return reason;
    }
  }

  /** Stops a model: new requests are refused at once, those that came before are answered. Rejects with ServerError 404. */
  async unload(name: string): Promise<void> {
    const entry = this.entry(name);
    await this.inTurn(entry, async () => {
      await Promise.all([...entry.versions.keys()].map((version) => unloadVersion(entry, version, 'unloaded')));
    });
  }

  /** Unloads everything; `atOnce` without waiting for requests. Does not wait for loads that are under way: they end as soon as the model is open. */
  async close(atOnce: boolean): Promise<void> {
    this.closed = true;
    const unloaded = [...this.entries.values()].flatMap((entry) =>
      [...entry.versions.keys()].map((version) => unloadVersion(entry, version, 'the server ends', atOnce)),
    );
    await Promise.all(unloaded);
  }

  private inTurn(entry: Entry, work: () => Promise<void>): Promise<void> {
    const done = entry.turn.then(work);
    entry.turn = done.catch(() => undefined);
    return done;
  }
}

const fresh = (): Version => ({ state: 'UNAVAILABLE', reason: 'not loaded yet', loaded: null, last: null });

async function unloadVersion(entry: Entry, version: string, reason: string, atOnce = false): Promise<void> {
  const slot = entry.versions.get(version)!;
  const { loaded } = slot;
  slot.loaded = null;
  entry.newest = newestOf(entry);
  if (loaded !== null) {
    slot.state = 'UNLOADING';
    await loaded.close(atOnce);
  }
  slot.state = 'UNAVAILABLE';
  slot.reason = reason;
}

function newestOf({ versions }: Entry): LoadedModel | null {
  let newest: LoadedModel | null = null;
  for (const { loaded } of versions.values())
    if (loaded !== null && (newest === null || Number(loaded.version) > Number(newest.version))) newest = loaded;
  return newest;
}

const notReady = (name: string, versions: readonly (readonly [string, Version])[]): ServerError =>
  invalid(
    `model '${name}' is not ready: ${versions.map(([version, { state }]) => `version ${version} is ${state}`).join(', ')}`,
  );

const noVersion = (name: string, version: string): ServerError =>
  new ServerError(404, `model '${name}' has no version ${version}`);
