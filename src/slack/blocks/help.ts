import type { Outgoing } from '../api/slack-client.js';
import { section } from './text.js';

const LINES = [
  '*What can be done*',
  '`/calib check [device|glob|deployment]` measures where the cameras look now; all of them without a name',
  '`/calib check north-mast active` drives to its active stops; `active 10,-3,1 90,0,2` to these (pan,tilt,zoom)',
  '`/calib reference <device>` scans a new reference; `restore` behind it brings back the one before',
  '`/calib history <device> [7d]` shows what was measured',
  '`/calib status` what is wrong now · `/calib devices [glob]` the cameras and their settings',
  '`/calib silence <device|deployment> [4h|off]` notes incidents without telling them',
  '`/calib` alone opens a form',
  '*Signs*  🚨 off by more than the threshold · ✅ within it · ⚠️ not measured · 👀 acknowledged · 🔎 being measured · 🔕 silenced',
];

export const helpMessage = (): Outgoing => ({
  text: 'What /calib can do',
  blocks: [section(LINES.join('\n'))],
});
