const logFactorial: number[] = [0];
const log10Factorial = (n: number): number => {
  for (let i = logFactorial.length; i <= n; i++) logFactorial[i] = logFactorial[i - 1]! + Math.log10(i);
  return logFactorial[n]!;
};
const log10Choose = (n: number, k: number): number =>
  log10Factorial(n) - log10Factorial(k) - log10Factorial(n - k);

/**
 * A-contrario number of false alarms (Desolneux, Moisan, Morel), log10: how many models from 2 of `matches` random matches one
 * expects to gather `inliers`, when a random match falls within the threshold with probability `chance`.
 */
export const log10FalseAlarms = (matches: number, inliers: number, chance: number): number =>
  inliers < 3
    ? 0
    : Math.min(
        0,
        Math.log10(Math.max(1, matches - 2)) +
          log10Choose(matches, inliers) +
          log10Choose(inliers, 2) +
          (inliers - 2) * Math.log10(Math.min(1, chance)),
      );

/** Log10 of the chance that at least `hits` of `tries` independent events of probability `chance` happen (bounded from above). */
export const log10Tail = (tries: number, hits: number, chance: number): number => {
  if (hits <= tries * chance) return 0;
  const term = log10Choose(tries, hits) + hits * Math.log10(chance) + (tries - hits) * Math.log10(1 - chance);
  // Terms beyond fall at least as fast as a geometric series with this ratio.
  const ratio = ((tries - hits) / (hits + 1)) * (chance / (1 - chance));
  return Math.min(0, term - Math.log10(1 - ratio));
};
