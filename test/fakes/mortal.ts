/** A call of a program to the outside: of which function, with what. */
export type Step = (call: string, given: readonly unknown[]) => 'before' | 'after' | false;

/** How long a program lives: this many calls to the outside, the last of which takes effect and never returns. */
export interface Life {
  steps: number;
  limit: number;
  /** Ends it earlier: before a step takes effect, or after. */
  readonly endsAt?: Step;
}

export const isOver = ({ steps, limit }: Life): boolean => steps >= limit;

const never = (): Promise<never> => new Promise(() => undefined);

/** Wraps something for a program that is killed after so many calls: from then on no call returns. */
export const mortal = <T extends object>(target: T, life: Life): T =>
  new Proxy(target, {
    get: (of, key): unknown => {
      const found: unknown = Reflect.get(of, key);
      if (typeof found !== 'function' || key === 'locationOf') return found;
      return async (...given: unknown[]): Promise<unknown> => {
        if (isOver(life)) return never();
        life.steps += 1;
        const end = life.endsAt?.(String(key), given) ?? false;
        if (end !== false) life.limit = life.steps;
        if (end === 'before') return never();
        const answer: unknown = await (Reflect.apply(found, of, given) as Promise<unknown>);
        return isOver(life) ? never() : answer;
      };
    },
  });
