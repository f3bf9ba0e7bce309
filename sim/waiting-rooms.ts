/**
 * For each replica the times at which its waiting requests will stop waiting. FIFO makes them ascend, so those that
 * have passed are dropped from the front.
 */
export class WaitingRooms {
  private readonly rooms: { times: Float64Array; head: number; size: number }[];

  constructor(replicas: number) {
    this.rooms = Array.from({ length: replicas }, () => ({ times: new Float64Array(16), head: 0, size: 0 }));
  }

  count(replica: number, nowMs: number): number {
    const room = this.rooms[replica]!;
    while (room.size > 0 && room.times[room.head]! <= nowMs) {
      room.head = (room.head + 1) & (room.times.length - 1);
      room.size--;
    }
    return room.size;
  }

  enter(replica: number, untilMs: number, nowMs: number): void {
    const waiting = this.count(replica, nowMs);
    const room = this.rooms[replica]!;
    if (waiting === room.times.length) {
      const doubled = new Float64Array(2 * waiting);
      for (let i = 0; i < waiting; i++) doubled[i] = room.times[(room.head + i) & (waiting - 1)]!;
      room.times = doubled;
      room.head = 0;
    }
    room.times[(room.head + room.size++) & (room.times.length - 1)] = untilMs;
  }

  delay(replica: number, byMs: number): void {
    const room = this.rooms[replica]!;
    for (let i = 0; i < room.size; i++) room.times[(room.head + i) & (room.times.length - 1)]! += byMs;
  }

  clear(replica: number): void {
    this.rooms[replica]!.size = 0;
  }
}
