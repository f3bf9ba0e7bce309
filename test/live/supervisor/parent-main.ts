/** A parent for tests, to be killed: starts two children, freezes one for a second, and tells their numbers. */
import { Child } from '../../../live/supervisor/child.ts';

const echo = new URL('./echo-main.ts', import.meta.url);
const children = await Promise.all([Child.start('awake', echo), Child.start('frozen', echo)]);
// Both have begun to obey before one is frozen.
await Promise.all(
  children.map((child) => {
    const heard = child.next(() => true);
    child.send({ text: 'hello' });
    return heard;
  }),
);
await children[1].hang(1000);
process.send?.(children.map(({ pid }) => pid));
