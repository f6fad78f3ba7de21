/** How long a program lives: so many steps with the outside, the last of which is done and never answered. */
export interface Life {
  steps: number;
  readonly limit: number;
}

const never = (): Promise<never> => new Promise(() => undefined);

/** The same thing as a program has it that is killed after so many steps: whatever it asks for then is never answered. */
export const mortal = <T extends object>(target: T, life: Life): T =>
  new Proxy(target, {
    get: (of, key): unknown => {
      const found: unknown = Reflect.get(of, key);
      if (typeof found !== 'function' || key === 'locationOf') return found;
      return async (...given: unknown[]): Promise<unknown> => {
        life.steps += 1;
        if (life.steps > life.limit) return never();
        const answer: unknown = await (Reflect.apply(found, of, given) as Promise<unknown>);
        return life.steps >= life.limit ? never() : answer;
      };
    },
  });
