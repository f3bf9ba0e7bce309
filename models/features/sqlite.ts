/** The embedded store: one SQLite file, one row per entity with all its values as bytes. Node brings SQLite along. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BadInput, fileIssue } from '../../config/issues.ts';
import type { FeatureTable } from './build.ts';
import { type FeatureStore, StoreUnavailable } from './store.ts';

/** Entities per statement of `getMany`. */
const MANY = 64;

/** Makes the file beside its place and renames it, so that what is there is whole. */
export function buildSqliteStore(file: string, { entities, width, read }: FeatureTable): void {
  const partial = `${file}.partial-${process.pid}`;
  rmSync(partial, { force: true });
  const database = new DatabaseSync(partial);
  try {
    // Nobody else sees the file yet: a crash leaves a partial one that nobody opens, so nothing has to be logged.
    database.exec('pragma journal_mode = off; pragma synchronous = off');
    database.exec('create table about (entities integer not null, width integer not null)');
    database.exec('create table features (entity integer primary key, value blob not null)');
    database.prepare('insert into about values (?, ?)').run(entities, width);
    const insert = database.prepare('insert into features values (?, ?)');
    const values = new Float32Array(width);
    const bytes = new Uint8Array(values.buffer);
    database.exec('begin');
    for (let entity = 0; entity < entities; entity++) {
      read(entity, values);
      insert.run(entity, bytes);
    }
    database.exec('commit');
    // Readers and an updating writer then never wait for each other.
    database.exec('pragma journal_mode = wal');
    database.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    renameSync(partial, file);
  } catch (error) {
    if (database.isOpen) database.close();
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Opens a store to read. Throws StoreUnavailable when there is no such file, BadInput when it is no store. */
export function openSqliteStore(file: string): FeatureStore {
  if (!existsSync(file)) throw new StoreUnavailable(`there is no feature store ${file}`);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const about = database.prepare('select entities, width from about').get() as { entities: number; width: number };
    return new SqliteStore(database, about.entities, about.width);
  } catch (error) {
    database.close();
    throw new BadInput([fileIssue(file, `got a file that is no feature store (${(error as Error).message})`)]);
  }
}

interface Row {
  readonly entity: number;
  readonly value: Uint8Array;
}

class SqliteStore implements FeatureStore {
  readonly entities: number;
  readonly width: number;
  private readonly database: DatabaseSync;
  private readonly one: StatementSync;
  /** Statements for several entities, by how many. */
  private readonly many = new Map<number, StatementSync>();

  constructor(database: DatabaseSync, entities: number, width: number) {
    this.database = database;
    this.entities = entities;
    this.width = width;
    this.one = database.prepare('select value from features where entity = ?');
  }

  /** Takes 4 µs on the calling thread: SQLite answers from memory or the page cache, so a thread of its own would cost more. */
  async get(entity: number): Promise<Float32Array | null> {
    const row = this.reading(() => this.one.get(entity)) as Row | undefined;
    return row === undefined ? null : this.valuesOf(row.value);
  }

  async getMany(entities: readonly number[]): Promise<(Float32Array | null)[]> {
    const found = new Map<number, Float32Array>();
    for (let from = 0; from < entities.length; from += MANY) {
      const part = entities.slice(from, from + MANY);
      const rows = this.reading(() => this.statementFor(part.length).all(...part)) as unknown as Row[];
      for (const { entity, value } of rows) found.set(entity, this.valuesOf(value));
    }
    return entities.map((entity) => found.get(entity) ?? null);
  }

  async close(): Promise<void> {
    if (this.database.isOpen) this.database.close();
  }

  private statementFor(count: number): StatementSync {
    let statement = this.many.get(count);
    if (statement === undefined) {
      const places = Array.from({ length: count }, () => '?').join(', ');
      statement = this.database.prepare(`select entity, value from features where entity in (${places})`);
      this.many.set(count, statement);
    }
    return statement;
  }

  private reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new StoreUnavailable(`the feature store cannot be read: ${(error as Error).message}`);
    }
  }

  /** A copy of their own: SQLite's bytes need not be aligned. */
  private valuesOf(bytes: Uint8Array): Float32Array {
    const values = new Float32Array(this.width);
    new Uint8Array(values.buffer).set(bytes.subarray(0, values.byteLength));
    return values;
  }
}
