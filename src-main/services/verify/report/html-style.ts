import { createHash } from 'node:crypto';

const light = `--ground:#fff;--sunken:#f3f6f4;--line:#d5dbd8;--ink:#141a18;--ink2:#46504d;--ink3:#586360;--allow:#0b5f66;--deny:#8e1629;--warn:#7d5300;--marker:#ffd93b;--edge:#6e5600;--heat1:#ddeeef;--heat2:#a9d3d6;--heat3:#62aeb4`;
const dark = `--ground:#1a1f1e;--sunken:#161a19;--line:#2c3331;--ink:#e9edeb;--ink2:#b4bdba;--ink3:#98a29f;--allow:#62c6cb;--deny:#ff8f9c;--warn:#e8b84a;--marker:#ffd93b;--edge:#ffd93b;--heat1:#15343a;--heat2:#1d4b52;--heat3:#2a6a72`;

/** The whole style of the report; its hash stands in the page's policy, so that no other style applies. */
export const style = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1400px;background:var(--ground);color:var(--ink);font:13px/20px system-ui,-apple-system,'Segoe UI',Cantarell,'Noto Sans',sans-serif}
h1{margin:0;font-size:20px;line-height:28px}
h2{margin:32px 0 8px;font-size:15px;line-height:22px}
p{margin:4px 0}
code{font-family:ui-monospace,'Cascadia Mono','Noto Sans Mono','DejaVu Sans Mono',monospace;font-size:12px;overflow-wrap:anywhere}
.mute{color:var(--ink2)}.small{font-size:12px;line-height:18px}
.scroll{overflow-x:auto}
table{border-collapse:collapse}
th,td{min-width:72px;padding:4px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:400;color:var(--ink3);font-size:12px;line-height:18px}
.grid th,.grid td{border-left:1px solid var(--line);white-space:nowrap;vertical-align:middle;overflow-wrap:normal}
.grid th{max-width:260px;white-space:normal;overflow-wrap:anywhere}
.grid th:first-child,.grid td:first-child{border-left:0}
.grid thead th{min-width:108px}
.grid tbody th{min-width:130px;position:sticky;left:0;background:var(--ground);color:var(--ink);font-size:13px}
.grid thead th{vertical-align:bottom}
.m{display:inline-flex;align-items:center;gap:3px;height:20px;padding:0 3px;border-radius:2px}
.m svg,.mark svg{width:12px;height:12px;flex:none;fill:none;stroke:currentColor;stroke-width:2}
.a{color:var(--allow)}.d{color:var(--deny)}.r{color:var(--ink)}.w,.n{color:var(--warn)}.o{color:var(--ink3)}.x{color:var(--warn)}
.off{background:var(--marker);color:#141a18;outline:1px solid var(--edge);outline-offset:-1px}
.mark{white-space:nowrap;display:inline-flex;align-items:center;gap:5px;padding:0 4px;border-radius:2px}
.h{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.facts .mark{margin-left:-4px}
.case{margin:0 0 12px;padding:0 0 12px;border-bottom:1px solid var(--line)}
.case h3{margin:0 0 4px;font-size:13px;line-height:20px;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}
.facts dt{color:var(--ink3)}.facts dd{margin:0;overflow-wrap:anywhere}
.small td:first-child{min-width:40px}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0;padding:0;list-style:none;font-size:12px}
.picture{max-width:none;background:var(--sunken)}
.picture path{stroke:none;fill:currentColor}.picture .mk{fill:var(--marker)}
.heat0{color:var(--ink)}.heat1 td:first-child{background:var(--heat1)}.heat2 td:first-child{background:var(--heat2)}.heat3 td:first-child{background:var(--heat3)}
.untouched td{background:var(--sunken)}
@media (max-width:700px){body{padding:12px}.facts{gap:2px 10px}}
@media print{body{padding:0;max-width:none}.scroll{overflow:visible}}
`;

/** What the page may do: show itself. No script, no picture, no font, no form, nothing from anywhere. */
export const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
