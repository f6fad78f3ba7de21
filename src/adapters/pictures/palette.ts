import type { Colour } from './canvas.js';

/** One look for all pictures: dark and neutral; hues from Okabe and Ito, told apart by colour-blind people too. */
export const BACKGROUND: Colour = [24, 27, 31];
export const PANEL: Colour = [33, 37, 42];
export const TEXT: Colour = [240, 242, 244];
export const QUIET: Colour = [168, 175, 183];
export const HALO: Colour = [10, 12, 14, 0.72];
export const ORANGE: Colour = [245, 159, 10];
export const SKY: Colour = [86, 180, 233];
export const GREEN: Colour = [20, 190, 135];
export const VERMILION: Colour = [235, 104, 44];
