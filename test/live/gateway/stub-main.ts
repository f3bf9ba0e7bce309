/** A stub upstream in a process of its own, for tests that kill it. Says its URL, and ends with its parent. */
import { Stub } from './stub.ts';

const stub = await Stub.start(() => ({ timing: '1;100;0;1000;1000', score: '1' }));
process.on('message', () => process.send!(stub.seen.length));
process.on('disconnect', () => process.exit());
process.send!(stub.url);
