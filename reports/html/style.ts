/** The page's style: two palettes, one column, and a print view. */
export const STYLE: string = `
:root{color-scheme:light dark;--page:#fff;--card:#f6f8fa;--ink:#1b1f24;--muted:#57606a;--line:#d5dae0;--link:#0059a3;--right:#009E73;--wrong:#D55E00;--open:#E69F00;--soft:#fff6e0}
@media (prefers-color-scheme:dark){:root{--page:#14181d;--card:#1c2128;--ink:#e6e8eb;--muted:#a3acb8;--line:#373f48;--link:#7cc4f4;--soft:#332b17}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main,header,footer,nav{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:28px;padding-bottom:8px}
h1{font-size:46px;line-height:1.1;margin:0}
h2{font-size:20px;margin:44px 0 6px}
.what{color:var(--muted);margin:0 0 14px}.what strong{color:var(--ink)}
.verdict{display:flex;gap:18px;align-items:center}
.shape{width:68px;height:68px;flex:none}.shape.right{fill:var(--right)}.shape.wrong{fill:var(--wrong)}.shape.open{fill:var(--open)}
.shape .glyph{fill:none;stroke:#fff;stroke-width:5;stroke-linecap:round;stroke-linejoin:round}
.judgement{font-size:19px;margin:2px 0 0}
.explanation{font-size:17px;margin:18px 0;padding-left:14px;border-left:4px solid var(--line);overflow-wrap:anywhere}
.right .explanation{border-color:var(--right)}.wrong .explanation{border-color:var(--wrong)}.open .explanation{border-color:var(--open)}
.findings{padding-left:20px;margin:14px 0;font-size:16px}.findings li{margin:3px 0}
.expectation{margin:12px 0}.expectation p{margin:2px 0}.expectation ul{margin:4px 0}
.unmet,.caution{background:var(--soft);border:1px solid var(--line);border-left:4px solid var(--open);padding:10px 14px;border-radius:4px}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(215px,1fr));gap:1px;background:var(--card);border:1px solid var(--line);border-radius:6px;overflow:hidden;margin:22px 0 0}
.figures div{box-shadow:0 0 0 1px var(--line);padding:9px 13px}
dt{color:var(--muted);font-size:12.5px}dd{margin:0;font-weight:600;font-size:15px;overflow-wrap:anywhere}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:18px 0 0;font-size:14px}
a{color:var(--link)}
figure{margin:0}figcaption{margin:0 0 12px;font-size:15.5px}
.note,.left-out{color:var(--muted);font-size:13.5px;margin:6px 0}
/* What there is no data for takes a line, not a heading's room. */
.absent h2{display:inline;font-size:15px;margin:0 8px 0 0}.absent p{display:inline}.absent{margin-top:14px}.absent+section:not(.absent) h2{margin-top:36px}
.chart{overflow-x:auto}.chart svg{display:block}
.tools{display:flex;gap:6px;align-items:center;font-size:13px;color:var(--muted);margin:8px 0}
select{font:inherit;max-width:100%;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:4px;padding:2px 6px}
button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:4px;padding:2px 10px;cursor:pointer}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
summary{cursor:pointer;color:var(--muted);font-size:13.5px}
.scroll{overflow:auto;max-height:460px;margin:10px 0 26px}details .scroll{margin:8px 0}
table{border-collapse:collapse;font-size:13.5px;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;font-size:15px;padding:4px 0}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th[scope=row]{text-align:left;font-weight:500}thead th{color:var(--muted);font-weight:500;position:sticky;top:0;background:var(--page)}
thead th:first-child{text-align:left}
.words td,.words th{text-align:left}table{overflow-wrap:normal}.numbers td,.numbers th[scope=row]{white-space:nowrap}
noscript img{max-width:100%;background:#fff}
footer{color:var(--muted);font-size:13px;padding-top:30px;padding-bottom:40px}
#vg-tooltip-element{position:fixed;visibility:hidden;z-index:1000;background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:4px;padding:6px 9px;font-size:12.5px;pointer-events:none;box-shadow:2px 2px 6px #0003}
#vg-tooltip-element.visible{visibility:visible}
#vg-tooltip-element table{width:auto}#vg-tooltip-element td{border:0;padding:1px 3px;text-align:left}#vg-tooltip-element td.key{color:var(--muted);text-align:right}
@media (max-width:640px){main,header,footer,nav{padding-left:14px;padding-right:14px}h1{font-size:34px}.shape{width:50px;height:50px}.figures{grid-template-columns:1fr 1fr}}
@media print{.tools,nav,details{display:none}section{break-inside:avoid}.scroll{max-height:none;overflow:visible}body{font-size:12px}}
`;
