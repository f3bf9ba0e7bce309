import { runRow } from './gate.ts';
import { ROWS } from './rows.ts';
const want = process.argv.slice(2);
for (const row of ROWS) { if (want.length && !want.includes(row.id)) continue;
 const t=performance.now();
 try { const r = await runRow(row, 2e6);
 for (const c of r.comparisons) console.log(c.row, c.metric, c.exact, c.measured.toPrecision(8), (c.halfWidth/c.exact*100).toFixed(3)+'%', 'z', c.z.toFixed(2), 'lag', c.lag1?.toFixed(2), c.seconds.toFixed(2), c.issues.join(' | '));
 if (r.again.length) console.log('   AGAIN', r.again, r.red);
 } catch (e) { console.log(row.id, 'ERR', e); }
 console.log('  ', ((performance.now()-t)/1000).toFixed(1));
}
