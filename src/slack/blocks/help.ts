import type { Outgoing } from '../api/slack-client.js';
import { section } from './text.js';

const LINES = [
  '*Commands*',
  '`/calib check [device|glob|deployment]` measures where the cameras look now; without a name, all of them',
  '`/calib check north-mast active` measures at its active stops; `active 10,-3,1 90,0,2` at these (pan,tilt,zoom)',
  '`/calib reference <device>` scans a new reference; add `restore` to go back to the previous one',
  '`/calib history <device> [7d]` shows its latest checks and a plot',
  '`/calib status` lists what is wrong now · `/calib devices [glob]` the cameras and their settings',
  '`/calib silence <device|deployment> [4h|off]` records incidents without alerts',
  '`/calib` opens a form',
  '*Signs*  🚨 off by more than the threshold · ✅ within it · ⚠️ not measured · 👀 acknowledged · 🔎 being measured · 🔕 silenced',
];

export const helpMessage = (): Outgoing => ({
  text: 'Commands of /calib',
  blocks: [section(LINES.join('\n'))],
});
