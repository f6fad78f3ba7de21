/** A price of AWS in US dollars, without free allowances; above 50 TB and 100 billion calls it is less. */
interface Price {
  readonly dollars: number;
  readonly per: string;
  /** Where AWS says so. */
  readonly source: string;
}

/** Other regions differ by some percent. */
export const PRICES_OF = 'us-east-1, March 2026';

const price = (dollars: number, per: string, source: string): Price => ({ dollars, per, source });

export const PRICES = {
  s3Storage: price(0.023, 'GB and month', 'https://aws.amazon.com/s3/pricing/'),
  s3Write: price(0.005, '1,000 PUT, COPY or LIST', 'https://aws.amazon.com/s3/pricing/'),
  s3Read: price(0.0004, '1,000 GET or HEAD', 'https://aws.amazon.com/s3/pricing/'),
  sqsCall: price(0.4, 'million calls', 'https://aws.amazon.com/sqs/pricing/'),
  schedule: price(1, 'million calls', 'https://aws.amazon.com/eventbridge/pricing/'),
  athenaScan: price(5, 'TB read, 10 MB a statement at least', 'https://aws.amazon.com/athena/pricing/'),
} as const;
