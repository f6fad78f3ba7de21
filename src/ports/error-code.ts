/** The code that Node's and many packages' errors carry; null for what has none. */
export const errorCodeOf = (fault: unknown): unknown =>
  typeof fault === 'object' && fault !== null && 'code' in fault ? fault.code : null;
